//! `irgan man` and `seqgan man`.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;

/// Write man pages: one of the program and one of each command
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder to write PROGRAM.1, PROGRAM-COMMAND.1, … into; it is made when it is missing
    #[arg(long)]
    out: PathBuf,
}

/// Writes the pages of `program`.
pub fn run(args: &ManArgs, program: Command) -> Result<()> {
    std::fs::create_dir_all(&args.out).map_err(|cause| Error::io(&args.out, "create the folder", cause))?;
    let mut program = program.disable_help_subcommand(true);
    program.build(); // adds global flags and full names to every command
    write(&args.out, &program)?;
    program.get_subcommands().try_for_each(|command| write(&args.out, command))
}

fn write(folder: &Path, command: &Command) -> Result<()> {
    let page = Man::new(command.clone());
    write_atomically(&folder.join(page.get_filename()), |writer| page.render(writer))
}
