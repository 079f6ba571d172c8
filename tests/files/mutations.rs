//! Damaged files of every kind are read or refused, never with a panic: the targets of `fuzz/`, each with 150 mutations of
//! an intact file.

#[path = "../../fuzz/src/targets.rs"]
#[allow(dead_code)] // the fuzzer uses the rest
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};

use irgan::seed::{Rng, Stream};
use rand::Rng as _;
use targets::{Place, TARGETS, make_folder};

/// Mutations of each file.
const MUTATIONS: u64 = 150;

#[test]
fn damaged_files_of_every_kind_are_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = |name| assert_cmd::cargo::cargo_bin(name);
    make_folder(folder.path(), &program("irgan"), &program("seqgan"));
    let mut failed = vec![];
    for target in TARGETS {
        let place = Place::new(target, folder.path());
        place.read(place.seed()).unwrap_or_else(|cause| panic!("{}: the intact file: {cause}", target.name));
        for number in 0..MUTATIONS {
            let bytes = mutated(place.seed(), &mut Stream::new(7).named(target.name).at(number).rng());
            if catch_unwind(AssertUnwindSafe(|| place.read(&bytes))).is_err() {
                failed.push(format!("{} {number}", target.name));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "panics: {failed:?}");
}

/// Cuts, repeats, removes or overwrites parts of `bytes`, up to three times.
fn mutated(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.random_range(1..=3) {
        let at = rng.random_range(0..=bytes.len());
        let end = rng.random_range(at..=bytes.len().min(at + 40));
        match rng.random_range(0..7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let part = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, part));
            }
            3 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
            4 if at < bytes.len() => bytes[at] = rng.random(),
            5 => drop(bytes.splice(at..end, NASTY[rng.random_range(0..NASTY.len())].iter().copied())),
            _ => drop(bytes.splice(
                at..end,
                (0..rng.random_range(0..9)).map(|_| rng.random::<u8>()).collect::<Vec<_>>(),
            )),
        }
    }
    bytes
}

/// Pieces that readers have stumbled over.
const NASTY: &[&[u8]] = &[
    b"18446744073709551616",
    b"-1",
    b"1e999",
    b"nan",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\0\0\0\0",
    b"\r",
    b"\t\t",
    b"\"",
    b"\\",
    b"\xef\xbb\xbf",
    "\u{202e}ü\u{301}".as_bytes(),
];
