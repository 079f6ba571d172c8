//! `irgan eval` and `irgan compare` as programs: what they print, and how they end.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use assert_cmd::assert::OutputAssertExt;
use predicates::prelude::*;
use predicates::str::contains;

fn irgan(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
    command.args(arguments);
    command
}

fn data(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "data", name].iter().collect();
    path.into_os_string().into_string().unwrap()
}

fn write(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.into_os_string().into_string().unwrap()
}

#[test]
fn eval_prints_the_default_measures_and_warns_of_missing_queries() {
    irgan(&["eval", &data("small.qrels"), &data("small.run")])
        .assert()
        .success()
        .stdout(predicate::str::starts_with(
            "run    queries  nDCG@10     P@5      AP      RR\nsmall       22",
        ))
        .stderr(contains("small: 2 of 24 judged queries are not in the run; they are left out"))
        .stderr(contains("small: queries of the run without any judgement, left out: 1"));
}

#[test]
fn eval_prints_every_query_and_other_formats() {
    let (qrels, run) = (data("small.qrels"), data("small.run"));
    let output = irgan(&["eval", &qrels, &run, "--per-query", "-m", "map", "--format", "json", "-c"])
        .output()
        .unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 24 + 1);
    assert_eq!(rows[24]["query"], "all");
    let sum: f64 = rows[..24].iter().map(|row| row["AP"].as_f64().unwrap()).sum();
    assert!((rows[24]["AP"].as_f64().unwrap() - sum / 24.0).abs() < 1e-12);
    irgan(&["eval", &qrels, &run, "--format", "latex"])
        .assert()
        .success()
        .stdout(contains("\\begin{tabular}{lrrrrr}"));
    irgan(&["eval", &qrels, &run, "--format", "markdown"]).assert().success().stdout(contains("|---|---:|"));
}

#[test]
fn mistakes_of_usage_end_with_2_and_bad_data_with_1() {
    let (qrels, run) = (data("small.qrels"), data("small.run"));
    irgan(&["eval", &qrels]).assert().code(2);
    irgan(&["eval", &qrels, &run, "-m", "nDCG@x"])
        .assert()
        .code(2)
        .stderr(contains("expected a cutoff of at least 1"));
    irgan(&["eval", &qrels, &run, "--exclude", &qrels]).assert().code(2).stderr(contains("--exclude needs"));
    irgan(&["compare", &qrels, &run, &run, "--alpha", "2"]).assert().code(2).stderr(contains("--alpha"));
    irgan(&["eval", "/", &run]).assert().code(1).stderr("error: /: is a folder; name a file inside it\n");
    irgan(&["eval", &qrels, &qrels]).assert().code(1).stderr(contains("small.qrels:1: expected 6 columns"));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let run = data("small.run");
    let mut arguments = vec!["eval".to_owned(), data("small.qrels"), "-q".into()];
    arguments.extend(std::iter::repeat_n(run, 200)); // more than a pipe holds
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut child = irgan(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

/// 12 queries; the base has its relevant document at rank 2, `better` at rank 1 but for one query.
fn compared(folder: &tempfile::TempDir) -> [String; 4] {
    let line = |query: usize, first: bool| {
        let (r, n) = if first { (2, 1) } else { (1, 2) };
        format!("q{query} Q0 r 0 {r} t\nq{query} Q0 n 0 {n} t\n")
    };
    let qrels: String = (0..12).map(|query| format!("q{query} 0 r 1\n")).collect();
    [
        write(folder, "qrels", &qrels),
        write(folder, "base.run", &(0..12).map(|query| line(query, false)).collect::<String>()),
        write(folder, "better.run", &(0..12).map(|query| line(query, query != 4)).collect::<String>()),
        write(folder, "same.run", &(0..12).map(|query| line(query, false)).collect::<String>()),
    ]
}

#[test]
fn compare_reports_differences_and_corrected_p_values() {
    let folder = tempfile::tempdir().unwrap();
    let [qrels, base, better, same] = &compared(&folder);
    let rows = |extra: &[&str]| -> Vec<serde_json::Value> {
        let arguments =
            [&["compare", qrels, base, better, same, "-m", "RR", "--format", "json"], extra].concat();
        let output = irgan(&arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let found = rows(&[]);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["run"], "better");
    assert_eq!([&found[0]["win"], &found[0]["tie"], &found[0]["loss"]], [11, 1, 0]);
    // 11 differences of 0.5: the mean is 5.5 / 12, and 2 of 2^11 sign patterns reach it.
    assert!((found[0]["difference"].as_f64().unwrap() - 5.5 / 12.0).abs() < 1e-12);
    assert_eq!(found[0]["p"], 2.0 / 2048.0);
    assert_eq!(found[0]["p (Holm)"], 4.0 / 2048.0);
    assert_eq!((found[1]["p"].as_f64(), found[1]["difference"].as_f64()), (Some(1.0), Some(0.0)));
    assert_eq!(rows(&["--correction", "none"])[0]["p (uncorrected)"], 2.0 / 2048.0);
    assert_eq!(rows(&["--all-pairs", "--test", "wilcoxon"]).len(), 3);
    assert!(rows(&["--test", "t", "--alpha", "0.1"])[0].get("90% from").is_some());
}
