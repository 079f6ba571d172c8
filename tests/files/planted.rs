//! The planted benchmark keeps its promises: its optimum is known, needs a network, and is the same everywhere.

use std::path::Path;

use assert_cmd::Command;
use irgan::data::features::planted::{Planted, PlantedConfig};
use irgan::data::features::{RankingSet, UNLABELLED};
use irgan::evaluation::{Judged, Measure, rank_order};
use ndarray::Array1;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

fn ndcg() -> Measure {
    "nDCG@10".parse().expect("a measure")
}

fn generate(config: &PlantedConfig) -> Planted {
    Planted::generate(config).expect("a valid configuration")
}

/// nDCG@10 over the validation data, ranked by any scores.
fn value(set: &RankingSet, scores: &[f32]) -> f64 {
    let of_query = |query: usize| {
        let rows = set.queries()[query].rows.clone();
        let order = rank_order(&scores[rows.clone()], |i| set.document(rows.start + i));
        let ranked: Vec<i32> = order.iter().map(|&i| i32::from(set.query_grades(query)[i])).collect();
        ndcg().value(&ranked, &Judged::new(ranked.iter().copied()))
    };
    ndcg().aggregate((0..set.queries().len()).map(of_query))
}

/// The weights of the least-squares fit of `targets` by all features and a constant.
fn least_squares(set: &RankingSet, targets: &[f32]) -> Vec<f64> {
    let n = set.feature_count() + 1;
    let mut system = vec![vec![0.0; n + 1]; n];
    for (row, &target) in set.features().rows().into_iter().zip(targets) {
        let x: Vec<f64> = row.iter().map(|&v| f64::from(v)).chain([1.0, f64::from(target)]).collect();
        for i in 0..n {
            (0..=n).for_each(|j| system[i][j] += x[i] * x[j]);
        }
    }
    for i in 0..n {
        let pivot: Vec<f64> = system[i].iter().map(|v| v / system[i][i]).collect();
        system[i].clone_from(&pivot);
        for (k, row) in system.iter_mut().enumerate().filter(|&(k, _)| k != i) {
            let factor = row[i];
            assert!(k < n && factor.is_finite(), "the normal equations are regular");
            row.iter_mut().zip(&pivot).for_each(|(v, p)| *v -= factor * p);
        }
    }
    system.iter().map(|row| row[n]).collect()
}

#[test]
fn only_a_network_reaches_the_optimum() {
    for seed in 1..=5 {
        let planted = generate(&PlantedConfig { seed, ..PlantedConfig::default() });
        let valid = &planted.valid;
        let optimum = planted.optimum(&ndcg());
        assert_eq!(optimum, value(valid, &planted.valid_teacher));

        let column = |f: usize, sign: f32| valid.features().column(f).map(|v| sign * v).to_vec();
        let single = |f: usize| value(valid, &column(f, 1.0)).max(value(valid, &column(f, -1.0)));
        let single = (0..valid.feature_count()).map(single).fold(0.0, f64::max);
        // Fitted to the teacher's own scores of the very documents it ranks: no linear scorer learns more.
        let weights = least_squares(valid, &planted.valid_teacher);
        let weights: Array1<f32> = weights[..valid.feature_count()].iter().map(|&w| w as f32).collect();
        let linear = value(valid, &valid.features().dot(&weights).to_vec());
        let constant = value(valid, &vec![0.0; valid.documents()]);
        println!("seed {seed}: {optimum:.3} linear {linear:.3} single {single:.3} constant {constant:.3}");
        assert!(optimum >= 0.8 && (planted.optimum_test(&ndcg()) - optimum).abs() < 0.05);
        assert!(linear <= optimum - 0.1, "seed {seed}: a linear scorer has {linear} of {optimum}");
        assert!(single <= 0.6, "seed {seed}: one feature has {single}");
        assert!(constant <= 0.3, "seed {seed}: no information has {constant}");
    }
}

#[test]
fn noise_lowers_the_optimum() {
    let at = |noise| generate(&PlantedConfig { noise, ..PlantedConfig::default() }).optimum(&ndcg());
    assert_eq!(at(0.0), 1.0);
    assert!(at(0.3) > at(1.0) + 0.1);
}

#[test]
fn training_data_are_partly_observed_and_the_rest_is_judged() {
    let config = PlantedConfig { queries: 40, documents: 60, observed: 0.5, ..PlantedConfig::default() };
    let planted = generate(&config);
    let count = |set: &RankingSet, grade| set.grades().iter().filter(|&&g| g == grade).count();
    for set in [&planted.valid, &planted.test] {
        assert_eq!(set.queries().len(), 20);
        // 5 % and 10 % of 60 documents are 3 and 6.
        assert_eq!([0, 1, 2].map(|grade| count(set, grade)), [20 * 51, 20 * 6, 20 * 3]);
    }
    let train = &planted.train;
    assert_eq!(count(train, 1) + count(train, 2), 40 * 9 / 2);
    assert_eq!(count(train, 0), 0);
    assert_eq!(count(train, UNLABELLED), 40 * 60 - 40 * 9 / 2);
}

#[test]
fn features_have_a_range_of_their_own_in_every_query() {
    let planted = generate(&PlantedConfig { documents: 400, ..PlantedConfig::default() });
    assert!(planted.train.features().iter().all(|value| (0.0..=1.0).contains(value)));
    let means: Vec<f32> = (0..20)
        .map(|query| planted.train.query_features(query).column(0).mean().expect("documents"))
        .collect();
    let spread =
        means.iter().fold(0.0, |a: f32, &b| a.max(b)) - means.iter().fold(1.0, |a: f32, &b| a.min(b));
    assert!(spread > 0.15, "{means:?}"); // one range for all: about 4 · 0.29 / √400 = 0.06
}

#[test]
fn the_same_bits_on_any_number_of_threads_and_others_for_another_seed() {
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| generate(&PlantedConfig { queries: 31, seed, ..PlantedConfig::default() }))
    };
    let one = on(1, 1);
    for threads in [2, 5] {
        let other = on(threads, 1);
        assert_eq!((&one.train, &one.valid, &one.test), (&other.train, &other.valid, &other.test));
        assert_eq!((&one.valid_teacher, &one.test_teacher), (&other.valid_teacher, &other.test_teacher));
    }
    assert_ne!(one.train, on(1, 2).train);
    assert_ne!(one.valid.features(), one.test.features());
}

#[test]
fn bad_settings_are_errors() {
    let good = PlantedConfig { queries: 2, documents: 4, features: 1, hidden: 1, ..PlantedConfig::default() };
    generate(&good);
    for (bad, reason) in [
        (PlantedConfig { queries: 0, ..good.clone() }, "at least 1"),
        (PlantedConfig { features: 0, ..good.clone() }, "at least 1"),
        (PlantedConfig { hidden: 0, ..good.clone() }, "at least 1"),
        (PlantedConfig { documents: 3, ..good.clone() }, "at least 4"),
        (PlantedConfig { noise: -0.1, ..good.clone() }, "noise"),
        (PlantedConfig { noise: f32::NAN, ..good.clone() }, "noise"),
        (PlantedConfig { observed: 1.1, ..good.clone() }, "observed"),
        (PlantedConfig { queries: usize::MAX, ..good.clone() }, "2^31"),
        (PlantedConfig { hidden: usize::MAX, ..good.clone() }, "2^31"),
    ] {
        let error = Planted::generate(&bad).expect_err(reason);
        assert!(error.to_string().contains(reason) && error.exit_code() == 2, "{error}");
    }
}

/// `irgan` with arguments, in a folder.
fn irgan(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path.as_ref())
        .unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

#[test]
fn the_committed_sample_is_what_its_command_makes() {
    let readme = read("datasets/README.md");
    let line = readme.lines().find_map(|line| line.strip_prefix("irgan synth --out datasets/planted "));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let command = format!("synth --out datasets/planted {}", line.expect("the README gives the command"));
    irgan(folder.path(), &command).assert().success();
    for name in ["train.txt", "vali.txt", "test.txt", "optimum.toml"] {
        let path = Path::new("datasets/planted").join(name);
        assert!(
            read(&path) == read(folder.path().join(&path)),
            "{name} differs from what `irgan {command}` writes"
        );
    }
    // A second time the folder is not empty.
    irgan(folder.path(), &command).assert().code(2).stderr(contains("not empty").and(contains("--force")));
    irgan(folder.path(), &format!("{command} --force")).assert().success();
}

#[test]
fn files_are_subsampled_and_turned_into_judgements() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sample = std::fs::canonicalize("datasets/planted/test.txt").expect("the sample");
    std::fs::copy(&sample, folder.path().join("test.txt")).expect("a copy");
    let run = |arguments: &str| irgan(folder.path(), arguments).assert();

    run("qrels --data test.txt --out all.qrels").success();
    let all = read(folder.path().join("all.qrels"));
    assert_eq!(all.lines().count(), 6 * 20);
    assert!(all.lines().all(|line| line.starts_with("test-") && line.split(' ').count() == 4));

    run("subsample --data test.txt --observed 0.5 --seed 3 --out half.txt").success();
    run("qrels --data half.txt --out half.qrels").success();
    let half = read(folder.path().join("half.qrels"));
    assert_eq!(half.lines().count(), 9); // of 6 · 3 positives
    assert!(half.lines().all(|line| all.contains(&format!("{line}\n")) && !line.ends_with(" 0")));

    run("subsample --data test.txt --observed 0 --out none.txt").success();
    run("qrels --data none.txt --out none.qrels").code(1).stderr(contains("no judged document"));
    assert!(!folder.path().join("none.qrels").exists());
    run("subsample --data test.txt --observed 1.5 --out bad.txt").code(2).stderr(contains("[0, 1]"));
    assert!(!folder.path().join("bad.txt").exists());
}
