//! Gradient-boosted trees of the Rust crates that have them, on the folds of a LETOR set, for docs/results.md; what
//! `scripts/peer_lightgbm.py` measures of LightGBM. Usage: `cargo run --release -- FOLDER_WITH_Fold1_to_Fold5 [OUT [NAME]]`. Run files of all
//! test queries go to OUT, for `irgan compare` beside those of `irgan cv`; with NAME only of boosters
//! whose name begins so.
//!
//! nDCG@10 has gain = grade, a query without a relevant document scores 0, and ties go by descending document id, as in `irgan eval`.
//! Every fold's number of trees (of perpetual, its budget) is the best on the fold's validation part, and so is the capacity, by the mean over
//! folds. Times are of the whole process (`/proc/self/stat`), five folds, without reading or prediction.

mod boosters;
mod letor;

use boosters::{Booster, Fitted, boosters};
use letor::{Set, ndcg};
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("usage: trees FOLDER_WITH_Fold1_to_Fold5 [OUT [NAME]]");
    let out = std::env::args().nth(2);
    let name = std::env::args().nth(3).unwrap_or_default();
    out.iter().try_for_each(std::fs::create_dir_all)?;
    let folds = (1..=5)
        .map(|fold| {
            ["train", "vali", "test"]
                .iter()
                .map(|part| Set::read(&Path::new(&folder).join(format!("Fold{fold}/{part}.txt"))))
                .collect()
        })
        .collect::<std::io::Result<Vec<Vec<Set>>>>()?;
    println!(
        "booster | validation nDCG@10 | test nDCG@10 | trees a fold | 1 thread, s | 2 threads, s | same bits"
    );
    for booster in boosters().iter().filter(|booster| booster.name.starts_with(&name)) {
        let run = report(booster, &folds);
        if let Some(out) = &out {
            std::fs::write(Path::new(out).join(format!("{}.run", booster.name)), run)?;
        }
    }
    Ok(())
}

/// Prints a line on one booster with one capacity; returns its run of all test queries.
fn report(booster: &Booster, folds: &[Vec<Set>]) -> String {
    let (one, one_seconds) = fit_all(booster, folds, 1);
    let (two, two_seconds) = fit_all(booster, folds, 2);
    let chosen: Vec<Chosen> =
        folds.iter().zip(&one).map(|(fold, models)| choose(models, &fold[1], &fold[2])).collect();
    let mean = |of: fn(&Chosen) -> f64| chosen.iter().map(of).sum::<f64>() / chosen.len() as f64;
    let same = folds.iter().zip(one.iter().zip(&two)).all(|(fold, (a, b))| {
        a.iter().zip(b).all(|(a, b)| a.scores(&fold[2], a.trees()) == b.scores(&fold[2], b.trees()))
    });
    let (valid, test, trees) = (mean(|c| c.valid), mean(|c| c.test), mean(|c| c.trees as f64));
    println!(
        "{} | {valid:.4} | {test:.4} | {trees:.0} | {one_seconds:.2} | {two_seconds:.2} | {same}",
        booster.name
    );
    folds.iter().zip(&chosen).map(|(fold, chosen)| fold[2].run(&chosen.scores, &booster.name)).collect()
}

/// What the validation part of a fold chose.
struct Chosen {
    valid: f64,
    test: f64,
    trees: usize,
    /// Scores of the test part.
    scores: Vec<f64>,
}

/// Fits every budget of a booster on the training part of every fold, and returns the models with the processor time in seconds.
fn fit_all(booster: &Booster, folds: &[Vec<Set>], threads: usize) -> (Vec<Vec<Box<dyn Fitted>>>, f64) {
    let start = processor_seconds();
    let models = folds.iter().map(|fold| (booster.fit)(&fold[0], threads)).collect();
    (models, processor_seconds() - start)
}

/// The model and the number of its trees that are best on the validation part; the fewest of equals.
fn choose(models: &[Box<dyn Fitted>], valid: &Set, test: &Set) -> Chosen {
    let mut best: Option<(f64, &dyn Fitted, usize)> = None;
    for model in models {
        for trees in model.choices() {
            let value = ndcg(valid, &model.scores(valid, trees));
            if best.is_none_or(|(found, ..)| value > found) {
                best = Some((value, &**model, trees));
            }
        }
    }
    let (value, model, trees) = best.expect("at least one model of five trees");
    let scores = model.scores(test, trees);
    Chosen { valid: value, test: ndcg(test, &scores), trees, scores }
}

/// User and system time of this process in seconds, all threads, in steps of a hundredth.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat[stat.rfind(')').expect("a name in brackets") + 2..].split(' ').collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("a number") / 100.0).sum()
}
