//! Boosted trees through the real program: what refuses them, and, where it is built with them, what they do.

use crate::support::program::{Place, assert_fails, assert_succeeds};

/// A folder with small data of every kind.
fn place() -> Place {
    let place = Place::new();
    for line in [
        "synth --out vectors --queries 12 --documents 10 --features 3",
        "synth --interactions --users 12 --items 20 --liked 6 --out liked",
        "synth --qa --queries 8 --out qa",
        "synth --collection --queries 12 --documents 60 --out texts",
        "index --collection texts/documents.jsonl --index idx",
    ] {
        assert_succeeds(&run(&place, line));
    }
    place
}

fn run(place: &Place, line: &str) -> std::process::Output {
    place.irgan(&line.split_whitespace().collect::<Vec<_>>())
}

#[test]
fn trees_are_of_feature_vectors_and_start_no_player() {
    let place = place();
    let vectors = "--train vectors/train.txt --valid vectors/vali.txt";
    for (line, part) in [
        ("train --method lambdamart --ratings liked/train.tsv".to_owned(), "`features.train` (--train)"),
        (
            "train --pairwise --baselines xendcg --qa qa/train.txt --valid qa/vali.txt".to_owned(),
            "xendcg makes trees",
        ),
        (
            "cv --method xendcg --index idx --queries texts/topics.tsv --qrels texts/qrels.txt --folds 2"
                .to_owned(),
            "(irgan features)",
        ),
        (format!("train --pairwise {vectors} --g-init lambdamart"), "trees do not have"),
        (format!("train --pairwise {vectors} --d-init xendcg"), "stand beside the game"),
        (format!("train --method lambdamart {vectors} --leaves 1"), "`trees.num-leaves` (--leaves)"),
    ] {
        let output = run(&place, &line);
        assert_fails(&output, 2, &[part]);
    }
}

#[cfg(not(feature = "trees"))]
#[test]
fn a_program_without_trees_says_how_to_build_one() {
    let place = place();
    for what in ["train --method lambdamart", "train --pairwise --baselines mle,xendcg"] {
        let output =
            run(&place, &format!("{what} --train vectors/train.txt --valid vectors/vali.txt --out out"));
        assert_fails(&output, 2, &["cargo install --path . --features trees"]);
        assert!(!place.path("out").exists(), "nothing was begun");
    }
}

#[cfg(feature = "trees")]
#[test]
fn trees_rank_stand_beside_others_and_come_again_to_the_byte() {
    let place = place();
    let vectors = "--train vectors/train.txt --valid vectors/vali.txt";
    for line in [
        format!("train --method lambdamart --baselines xendcg {vectors} --trees 20 --out one"),
        format!("train --method lambdamart --baselines xendcg {vectors} --trees 20 --threads 1 --out two"),
        "rank --model one --data vectors/test.txt --out one.run".to_owned(),
        "rank --model two/baselines/xendcg --data vectors/test.txt --out two.run".to_owned(),
        "inspect one --importance vectors/test.txt".to_owned(),
        "report one".to_owned(),
        "cv --method xendcg --train vectors/train.txt --folds 3 --baselines lambdamart,lambdarank --trees 10 --out cv".to_owned(),
        format!("sweep --method lambdamart {vectors} --grid trees.num-leaves=3,7 --trees 10 --out sweep"),
    ] {
        assert_succeeds(&run(&place, &line));
    }
    for file in [
        "ranker.safetensors",
        "model.toml",
        "metrics.csv",
        "results.json",
        "baselines/xendcg/ranker.safetensors",
    ] {
        assert_eq!(place.read(&format!("one/{file}")), place.read(&format!("two/{file}")), "{file}");
    }
}
