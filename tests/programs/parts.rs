//! Cross-validations and sweeps that several processes share.

use std::process::Output;

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

const CV: &str = "cv --folds folds --method mle --baselines lambdarank --seeds 2 --fit-epochs 3";
const SWEEP: &str = "sweep --method mle --train folds/Fold1/train.txt --valid folds/Fold1/vali.txt --test folds/Fold1/test.txt \
    --grid fit.optimizer.learning-rate=0.001,0.01 --seeds 2 --fit-epochs 3";

fn irgan(place: &Place, line: &str) -> Output {
    place.irgan(&line.split_whitespace().collect::<Vec<_>>())
}

/// Two folds of planted data.
fn place() -> Place {
    let place = Place::new();
    for (number, seed) in [(1, 3), (2, 4)] {
        assert_succeeds(&irgan(
            &place,
            &format!("synth --queries 8 --documents 12 --seed {seed} --out folds/Fold{number}"),
        ));
    }
    place
}

#[test]
fn parts_of_a_cross_validation_merge_to_the_bytes_of_one_process() {
    let place = place();
    let whole = irgan(&place, &format!("{CV} --out whole -q"));
    assert_succeeds(&whole);
    for part in ["2/3", "1/3"] {
        let output = irgan(&place, &format!("{CV} --out shared --part {part} -q"));
        assert_succeeds(&output);
        assert!(stdout(&output).contains("without --part merges"), "{}", stdout(&output));
    }
    // The third part has the third of four trainings: seed 2 on the first fold.
    let early = irgan(&place, &format!("{CV} --out shared -q"));
    assert_fails(&early, 1, &["not finished: seed 2 fold 1 (part 3/3)", "(--part)"]);
    assert_succeeds(&irgan(&place, &format!("{CV} --out shared --part 3/3 -q")));
    let merged = irgan(&place, &format!("{CV} --out shared -q"));
    assert_succeeds(&merged);
    let table = |output: &Output| stdout(output).replace("shared", "whole");
    assert_eq!(table(&merged), table(&whole));
    for file in ["mle-1.run", "mle-2.run", "lambdarank-1.run", "lambdarank-2.run", "qrels.txt", "cv.toml"] {
        assert_eq!(place.read(&format!("shared/{file}")), place.read(&format!("whole/{file}")), "{file}");
    }
    assert!(!place.path("shared/folds").exists() && !place.path("shared/parts.toml").exists());
    assert_fails(&irgan(&place, &format!("{CV} --out shared -q")), 2, &["finished cross-validation"]);
    assert_succeeds(&irgan(&place, &format!("{CV} --out shared --force -q")));
}

#[test]
fn a_stopped_cross_validation_trains_only_what_is_missing() {
    let place = place();
    assert_succeeds(&irgan(&place, &format!("{CV} --out whole -q")));
    assert_succeeds(&irgan(&place, &format!("{CV} --out stopped --part 1/4 -q")));
    std::fs::remove_file(place.path("stopped/parts.toml")).expect("as of one process that was killed");
    let resumed = irgan(&place, &format!("{CV} --out stopped"));
    assert_succeeds(&resumed);
    assert!(stderr(&resumed).contains("seed 1 fold 1 was finished before"), "{}", stderr(&resumed));
    assert_eq!(place.read("stopped/mle-1.run"), place.read("whole/mle-1.run"));
}

#[test]
fn parts_of_a_sweep_choose_what_one_process_chooses() {
    let place = place();
    let whole = irgan(&place, &format!("{SWEEP} --out whole -q"));
    assert_succeeds(&whole);
    assert_succeeds(&irgan(&place, &format!("{SWEEP} --out shared --part 1/2 -q")));
    let early = irgan(&place, &format!("{SWEEP} --out shared -q"));
    assert_fails(&early, 1, &["point 1 seed 2 (part 2/2)", "point 2 seed 2 (part 2/2)"]);
    assert!(!place.path("shared/test.toml").exists(), "the test data are not looked at before all is chosen");
    assert_succeeds(&irgan(&place, &format!("{SWEEP} --out shared --part 2/2 -q")));
    let merged = irgan(&place, &format!("{SWEEP} --out shared -q"));
    assert_succeeds(&merged);
    assert_eq!(stdout(&merged).replace("shared", "whole"), stdout(&whole));
    for file in ["sweep.csv", "test.toml"] {
        assert_eq!(place.read(&format!("shared/{file}")), place.read(&format!("whole/{file}")), "{file}");
    }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let place = place();
    assert_succeeds(&irgan(&place, &format!("{CV} --out shared --part 1/3 -q")));
    for (flags, message) in [
        ("--out shared --part 1/4", "holds parts of 3"),
        ("--out shared --part 2/3 --dropout 0.1", "other data or settings"),
        ("--out shared --part 0/4", "I from 1 to N"),
        ("--out shared --part 5/4", "I from 1 to N"),
        ("--out shared --part 2", "I from 1 to N"),
        ("--part 1/2", "--out"),
        ("--out shared --part 2/3 --force", "--force"),
    ] {
        assert_fails(&irgan(&place, &format!("{CV} {flags} -q")), 2, &[message]);
    }
    // Other judgements under the same names, as on a machine with other data.
    let changed =
        String::from_utf8(place.read("folds/Fold2/test.txt")).expect("text").replacen("1 qid", "0 qid", 1);
    place.write("folds/Fold2/test.txt", changed);
    assert_fails(&irgan(&place, &format!("{CV} --out shared --part 2/3 -q")), 2, &["other data or settings"]);
}

#[test]
fn parts_are_made_side_by_side_and_a_part_only_once() {
    let place = place();
    let long = "cv --folds folds --rounds 1000000 --patience 1000000 --baselines none --seeds 2 --out cv";
    let start = |part: &str| {
        let mut words: Vec<&str> = long.split_whitespace().collect();
        words.extend(["--part", part, "-q"]);
        place.start(&words)
    };
    let (mut first, mut second) = (start("1/3"), start("2/3"));
    let is_locked = |part: usize| place.path(&format!("cv/.lock-part-{part}-of-3")).exists();
    for _ in 0..600 {
        if is_locked(1) && is_locked(2) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(is_locked(1) && is_locked(2), "both parts are being made");
    let again = irgan(&place, &format!("{long} --part 2/3 -q"));
    assert_fails(&again, 1, &["another process"]);
    assert_fails(&irgan(&place, &format!("{long} -q")), 1, &["another process makes part"]);
    assert_fails(&irgan(&place, &format!("{long} --force -q")), 1, &["another process makes part"]);
    for child in [&mut first, &mut second] {
        assert!(child.try_wait().expect("a process").is_none(), "it goes on");
        child.kill().expect("a process");
        child.wait().expect("it ends");
    }
    assert!(place.path("cv/cv.toml").exists(), "nothing was deleted");
}
