//! Bags of models on the command line.

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

/// A training of a moment.
const TINY: &str = "--rounds 1 --fit-epochs 5 --controls constant --baselines mle -q";

fn irgan(place: &Place, line: &str) -> String {
    let output = place.irgan(&line.split_whitespace().collect::<Vec<_>>());
    assert_succeeds(&output);
    stdout(&output)
}

#[test]
fn a_bag_trains_ranks_and_is_told_about() {
    let place = Place::new();
    irgan(&place, "synth --out data --queries 12 --documents 10 --features 4");
    let table = irgan(&place, &format!("train --bag 3 --train data/train.txt --out runs/bag {TINY}"));
    assert!(table.contains("irgan-pairwise both players"), "{table}");
    irgan(&place, "rank --model runs/bag --data data/test.txt --out bag.run");
    irgan(&place, "rank --model runs/bag/baselines/mle --data data/test.txt --out mle.run");
    irgan(&place, "qrels --data data/test.txt --out qrels.txt");
    assert!(irgan(&place, "eval qrels.txt bag.run mle.run").contains("bag"));
    assert!(irgan(&place, "inspect runs/bag").contains("models         3"));
    irgan(&place, "inspect runs/bag --importance data/test.txt --repeats 1");
    // A single training over it leaves nothing of the bag.
    irgan(&place, &format!("train --train data/train.txt --out runs/bag --force {TINY}"));
    assert!(!place.path("runs/bag/bag").exists());
    // One model is a training without the flag, to the byte.
    irgan(&place, &format!("train --bag 1 --train data/train.txt --out runs/one {TINY}"));
    for name in ["model.toml", "config.toml", "results.json", "generator.safetensors", "metrics.csv"] {
        assert_eq!(
            place.read(&format!("runs/bag/{name}")),
            place.read(&format!("runs/one/{name}")),
            "{name}"
        );
    }
    let folds = irgan(
        &place,
        "cv --bag 2 --train data/train.txt --folds 3 --rounds 1 --fit-epochs 2 --baselines none",
    );
    assert!(folds.contains("irgan-pairwise-both"), "{folds}");
}

#[test]
fn other_data_and_empty_bags_are_refused() {
    let place = Place::new();
    irgan(&place, "synth --interactions --users 12 --items 20 --liked 5 --out liked");
    irgan(&place, "synth --qa --queries 10 --out qa");
    for (line, parts) in [
        ("train --bag 2 --ratings liked/train.tsv", ["`bag` (--bag)", "ratings"]),
        ("cv --bag 2 --folds 3 --ratings liked/train.tsv", ["`bag` (--bag)", "ratings"]),
        ("train --bag 2 --qa qa/train.txt", ["`bag` (--bag)", "questions and answers"]),
        ("train --bag 0", ["`bag` (--bag)", "between 1 and 100"]),
    ] {
        let output = place.irgan(&line.split_whitespace().collect::<Vec<_>>());
        assert_fails(&output, 2, &parts);
        assert!(stderr(&output).lines().count() < 4, "{}", stderr(&output));
    }
}
