//! Promise: reading a LETOR file takes little more memory than the matrix of its features.
#![cfg(target_os = "linux")]

use std::io::{BufWriter, Write as _};

use irgan::data::features::letor;
use irgan::data::features::letor::LetorOptions;

const DOCUMENTS: usize = 200_000;
const FEATURES: usize = 46;

/// The largest resident set so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux counts it");
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().expect("a number");
    1024 * kilobytes
}

#[test]
fn reading_peaks_below_1_3_times_the_matrix() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("train.txt");
    let file = std::fs::File::create(&path).expect("the folder is writable");
    let mut writer = BufWriter::new(file);
    for row in 0..DOCUMENTS {
        // The worst order: no two lines of a query stand together, and all rows must move.
        write!(writer, "{} qid:{}", row % 3, row * 7919 % 2000).expect("there is room");
        for feature in 1..=FEATURES {
            write!(writer, " {feature}:0.{:06}", (row * 31 + feature * 977) % 1_000_000)
                .expect("there is room");
        }
        writeln!(writer, " #docid = GX{row:014} inc = 1 prob = 0.5").expect("there is room");
    }
    writer.flush().expect("there is room");
    drop(writer);

    let before = peak();
    let set = letor::read(&path, &LetorOptions::default()).expect("a valid file");
    let (used, matrix) = (peak() - before, DOCUMENTS * FEATURES * 4);
    assert_eq!(set.documents(), DOCUMENTS);
    assert!(used > matrix / 2, "the peak was not measured: {used} bytes");
    assert!(used as f64 <= 1.3 * matrix as f64, "{used} bytes for a matrix of {matrix}");
    eprintln!("peak {:.2} times the matrix", used as f64 / matrix as f64);
}
