//! Makes the folder that the fuzzed files lie in, and an intact file of each for libFuzzer to start from.
//!
//! Usage: prepare FOLDER IRGAN SEQGAN   (the last two are the programs); prints the names of the targets.

use std::path::{Path, absolute};

use irgan_fuzz::{Place, TARGETS, make_folder};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, irgan, seqgan] = &arguments[..] else { panic!("usage: prepare FOLDER IRGAN SEQGAN") };
    let folder = Path::new(folder);
    make_folder(folder, &absolute(irgan)?, &absolute(seqgan)?);
    for target in TARGETS {
        let seeds = folder.join("seeds").join(target.name);
        std::fs::create_dir_all(&seeds)?;
        std::fs::write(seeds.join("intact"), Place::new(target, folder).seed())?;
        println!("{}", target.name);
    }
    Ok(())
}
