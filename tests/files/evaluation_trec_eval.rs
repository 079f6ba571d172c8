//! Whole files against what trec_eval printed for them.
//!
//! `recorded_*` compare with the expected outputs that trec_eval's own test suite ships
//! (`test/out.test*` at commit f4253652 of usnistgov/trec_eval). They run when `IRGAN_DATA` names
//! a folder that has them in `trec_eval/`. `fixture` always runs: see scripts/record_trec_eval.py.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use irgan::evaluation::{Evaluation, Measure, Options, Qrels, RunFile, evaluate};

/// Measures of trec_eval that this crate does not have: experimental ones, and strings.
const NOT_HERE: [&str; 5] = ["runid", "relstring", "G", "ndcg_rel", "Rndcg"];

fn recorded() -> Option<PathBuf> {
    let folder = std::env::var_os("IRGAN_DATA").map(|data| Path::new(&data).join("trec_eval"));
    if folder.is_none() {
        eprintln!(
            "skipped: set IRGAN_DATA to a folder with trec_eval/ to compare with trec_eval's own records"
        );
    }
    folder
}

/// Compares every line `measure query value` of a recorded output, to the last printed digit.
fn assert_equal(qrels: &Path, run: &Path, expected: &Path, rel: i32, options: Options) {
    let text = std::fs::read_to_string(expected).unwrap();
    let mut measures: Vec<Measure> = Vec::new();
    let mut places = HashMap::new();
    for name in text.lines().map(|line| line.split_whitespace().next().unwrap()) {
        if NOT_HERE.iter().any(|other| name.trim_end_matches(|c: char| !c.is_alphabetic()) == *other)
            || places.contains_key(name)
            || name.contains([',', '='])
        {
            continue;
        }
        let plain: Measure = name.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        places.insert(name, measures.len());
        measures.push(plain.with_level(rel)); // trec_eval -l
    }
    let qrels = Qrels::read(qrels).unwrap();
    let run = RunFile::open(run).unwrap();
    let evaluation = evaluate(&qrels, &run, &measures, &options).unwrap();
    let mut compared = 0;
    for line in text.lines() {
        let [name, query, value] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let Some(&place) = places.get(name) else { continue };
        let ours = value_of(&evaluation, place, query);
        let shown = if measures[place].is_count() { format!("{ours:.0}") } else { format!("{ours:.4}") };
        assert_eq!(shown, value, "{name} of query {query} ({}), line {line:?}", expected.display());
        compared += 1;
    }
    assert!(compared > 20, "only {compared} values compared");
    println!("{}: {compared} values equal", expected.display());
}

fn value_of(evaluation: &Evaluation, measure: usize, query: &str) -> f64 {
    if query == "all" {
        return evaluation.mean(measure);
    }
    let row =
        evaluation.queries.iter().position(|id| id == query).unwrap_or_else(|| panic!("no query {query}"));
    evaluation.values[[row, measure]]
}

fn check(qrels: &str, run: &str, expected: &str, rel: i32, options: Options) {
    if let Some(folder) = recorded() {
        assert_equal(&folder.join(qrels), &folder.join(run), &folder.join(expected), rel, options);
    }
}

#[test]
fn recorded_default_measures() {
    check("qrels.test", "results.test", "out.test", 1, Options::default());
}

#[test]
fn recorded_all_measures() {
    check("qrels.test", "results.test", "out.test.a", 1, Options::default());
}

#[test]
fn recorded_all_measures_by_query() {
    check("qrels.test", "results.test", "out.test.aq", 1, Options::default());
}

#[test]
fn recorded_complete_average() {
    let options = Options { complete: true, ..Options::default() };
    check("qrels.test", "results.trunc", "out.test.aqc", 1, options);
}

#[test]
fn recorded_complete_average_of_100_documents() {
    let options = Options { complete: true, depth: Some(100), ..Options::default() };
    check("qrels.test", "results.trunc", "out.test.aqcM", 1, options);
}

#[test]
fn recorded_relevance_level_2() {
    check("qrels.rel_level", "results.test", "out.test.aql", 2, Options::default());
}

#[test]
fn recorded_measure_parameters() {
    check("qrels.test", "results.test", "out.test.meas_params", 1, Options::default());
}

#[test]
fn recorded_comments_in_files() {
    check("qrels.comment.test", "results.comment.test", "out.comment.test", 1, Options::default());
    check("qrels.test.with-comments", "results.test", "out.test", 1, Options::default());
}

#[test]
fn fixture() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for level in [1, 2] {
        let expected = data.join(format!("small.level{level}"));
        assert_equal(
            &data.join("small.qrels"),
            &data.join("small.run"),
            &expected,
            level,
            Options::default(),
        );
    }
}
