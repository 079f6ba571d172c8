//! Reads fuzzed bytes as the file that the variable `FUZZ_TARGET` names; `FUZZ_FOLDER` holds the folders made by
//! `scripts/fuzz.sh`.

#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use irgan_fuzz::{Place, TARGETS};
use libfuzzer_sys::fuzz_target;

static PLACE: OnceLock<Place> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let variable =
        |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run scripts/fuzz.sh"));
    let place = PLACE.get_or_init(|| {
        let name = variable("FUZZ_TARGET");
        let target =
            TARGETS.iter().find(|target| target.name == name).expect("a target of fuzz/src/targets.rs");
        Place::new(target, Path::new(&variable("FUZZ_FOLDER")))
    });
    place.read(bytes);
});
