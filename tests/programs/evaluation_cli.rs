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
    let output =
        irgan(&["eval", &qrels, &run, "-q", "-m", "map", "--format", "json", "-c"]).output().unwrap();
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

/// The options of trec_eval: -q, -n, -l, -J, -M, -c, with queries in the order in which people count.
#[test]
fn eval_takes_the_options_of_trec_eval() {
    let folder = tempfile::tempdir().unwrap();
    let qrels = write(&folder, "qrels", "q10 0 a 2\nq10 0 b 1\nq2 0 a 1\nq2 0 b 2\nq3 0 a 1\n");
    let run = write(
        &folder,
        "x.run",
        "q10 Q0 a 1 2 t\nq10 Q0 b 2 1 t\nq2 Q0 z 1 3 t\nq2 Q0 a 2 2 t\nq2 Q0 b 3 1 t\n",
    );
    for (options, expected) in [
        ("-q", "run,query,RR\nx,q2,0.5\nx,q10,1.0\nx,all,0.75\n"),
        ("-q -n", "run,query,RR\nx,q2,0.5\nx,q10,1.0\n"),
        ("-qn -c", "run,query,RR\nx,q2,0.5\nx,q3,0.0\nx,q10,1.0\n"),
        ("-l 2", "run,queries,RR(rel=2)\nx,2,0.6666666666666666\n"),
        ("-J", "run,queries,RR(judged_only=True)\nx,2,1.0\n"),
        ("-M 1 --quiet", "run,queries,RR\nx,2,0.5\n"),
        ("-M1 -J -l2", "run,queries,\"RR(rel=2,judged_only=True)\"\nx,2,0.5\n"),
    ] {
        let options: Vec<&str> = options.split(' ').collect();
        irgan(&[&["eval", &qrels, &run, "-m", "RR", "--format", "csv"], &options[..]].concat())
            .assert()
            .success()
            .stdout(expected);
    }
    irgan(&["eval", &qrels, &run, "-n"]).assert().code(2);
    irgan(&["eval", &qrels, &run, "-l", "0"]).assert().code(2);
    irgan(&["compare", &qrels, &run, &run, "-q"]).assert().code(2);
    irgan(&["compare", &qrels, &run, &run, "--quiet", "-l", "2", "-J"]).assert().success();
}

#[test]
fn lists_and_sets_of_measures_are_columns() {
    let (qrels, run) = (data("small.qrels"), data("small.run"));
    irgan(&["eval", &qrels, &run, "-m", "ndcg_cut.5,10", "-m", "MRR@10,map"])
        .assert()
        .success()
        .stdout(predicate::str::starts_with("run    queries  nDCG@5  nDCG@10   RR@10      AP\n"));
    irgan(&["eval", &qrels, &run, "-m", "official", "--format", "tsv"]).assert().success().stdout(
        predicate::str::starts_with("run\tqueries\tNumQ\tNumRet\tNumRel\tNumRelRet\tAP\tGMAP\tRprec\t"),
    );
    irgan(&["eval", &qrels, &run, "-m", "nDGC@10"])
        .assert()
        .code(2)
        .stderr(contains("did you mean `nDCG@10`?"));
}

#[test]
fn geometric_means_are_compared_by_logarithms_and_counts_by_means() {
    let folder = tempfile::tempdir().unwrap();
    let qrels = write(&folder, "qrels", "1 0 a 1\n2 0 a 1\n");
    let base = write(&folder, "base.run", "1 Q0 b 1 2 t\n1 Q0 a 2 1 t\n2 Q0 a 1 1 t\n"); // AP 1/2 and 1
    let other = write(&folder, "other.run", "1 Q0 a 1 1 t\n2 Q0 a 1 1 t\n"); // AP 1 and 1
    let output =
        irgan(&["compare", &qrels, &base, &other, "-m", "GMAP,NumRet", "--format", "json"]).output().unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |row: usize, name: &str| rows[row][name].as_f64().expect("a number");
    assert_eq!(rows[0]["measure"], "GMAP (difference of ln)");
    // (ln 1 − ln 1/2 + ln 1 − ln 1) / 2, and e to the mean of logarithms
    assert!((number(0, "difference") - 2f64.ln() / 2.0).abs() < 1e-12, "{rows}");
    assert!((number(0, "base mean") - 0.5f64.sqrt()).abs() < 1e-12, "{rows}");
    assert_eq!((number(1, "mean"), number(1, "base mean"), number(1, "difference")), (1.0, 1.5, -0.5));
}

#[test]
fn queries_with_gaps_beside_judgements_by_position_are_suspicious() {
    let folder = tempfile::tempdir().unwrap();
    let qrels = write(&folder, "qrels", "1 0 a 1\n2 0 a 1\n3 0 a 1\n");
    let gaps = write(&folder, "gaps.run", "1 Q0 a 1 1 t\n2 Q0 a 1 1 t\n4 Q0 a 1 1 t\n");
    let plain = write(&folder, "plain.run", "1 Q0 a 1 1 t\n3 Q0 a 1 1 t\n");
    let told = "gaps: the ids of the queries go up to 4, but there are 3 of them, and the judgements number theirs 1 to 3";
    let command = |run: &str| irgan(&["eval", &qrels, run]).assert().success();
    command(&gaps).stderr(contains(told).and(contains("`topics.ids` (--query-ids) to by-position")));
    command(&plain).stderr(contains("by-position").not());
}

#[test]
fn judgements_of_every_layout_are_evaluated_and_standard_input_is_a_dash() {
    let folder = tempfile::tempdir().unwrap();
    let run = write(&folder, "x.run", "1 Q0 28 1 2 t\n1 Q0 7 2 1 t\n");
    for (name, text) in [
        ("trec", "1 0 28 1\n"),
        ("three", "1 28 1\n"),
        ("beir.tsv", "query-id\tcorpus-id\tscore\n1\t28\t1.0\n"),
        ("smart", "01 0028 0 0.000000\n"),
    ] {
        let qrels = write(&folder, name, text);
        let expected = "run,queries,AP\nx,1,1.0\n";
        irgan(&["eval", &qrels, &run, "-m", "map", "--format", "csv"]).assert().success().stdout(expected);
        let mut piped =
            assert_cmd::Command::from_std(irgan(&["eval", "-", &run, "-m", "map", "--format", "csv"]));
        piped.write_stdin(text).assert().success().stdout(expected);
    }
    let qrels = write(&folder, "qrels", "1 0 28 1\n");
    let mut piped = assert_cmd::Command::from_std(irgan(&["compare", &qrels, &run, "-", "-m", "map"]));
    piped.write_stdin("1 28 1\n").assert().success().stdout(contains("-    x"));
    irgan(&["eval", "-", "-"]).assert().code(2).stderr(contains("only one file can be -"));
    irgan(&["eval", &write(&folder, "s", "1 28 0 0\n"), &run])
        .assert()
        .success()
        .stderr(contains("lines of SMART, `query document 0 0`: each of these documents counts as relevant"));
}

#[test]
fn coverage_is_a_number_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let qrels = write(&folder, "qrels", "u1 0 a 1\nu2 0 d 1\n");
    let run = write(&folder, "x.run", "u1 Q0 a 1 2 t\nu1 Q0 b 2 1 t\nu2 Q0 a 1 2 t\nu2 Q0 c 2 1 t\n");
    let eval = |more: &[&str]| {
        irgan(&[&["eval", &qrels, &run, "-m", "HR@1", "--format", "csv"], more].concat()).assert()
    };
    // First comes a for both users; of a, b, c and the judged d three are among the first two.
    eval(&["--coverage", "1,2"])
        .success()
        .stdout("run,queries,Success@1,Coverage@1,Coverage@2\nx,2,0.5,0.25,0.75\n");
    eval(&["--coverage", "2", "--items", "10", "-q"])
        .success()
        .stdout("run,query,Success@1,Coverage@2\nx,u1,1.0,\nx,u2,0.0,\nx,all,0.5,0.3\n");
    eval(&["--coverage", "2", "--items", "2"]).code(1).stderr(contains("ranks 3 different documents"));
    irgan(&["eval", &qrels, &run, "-m", "Coverage@10"]).assert().code(2).stderr(contains("a whole run"));
}

#[test]
fn runs_of_one_file_name_are_told_apart_by_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let qrels = write(&folder, "qrels", "1 0 28 1\n");
    for name in ["a", "b"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let runs = ["a/x.run", "b/x.run"].map(|name| write(&folder, name, "1 Q0 28 1 2 t\n"));
    irgan(&["eval", &qrels, &runs[0], &runs[1], "-m", "map", "--format", "tsv"])
        .assert()
        .success()
        .stdout("run\tqueries\tAP\na/x\t1\t1.0\nb/x\t1\t1.0\n");
    irgan(&["compare", &qrels, &runs[0], &runs[1], "-m", "map", "--format", "csv"])
        .assert()
        .success()
        .stdout(contains("AP,b/x,a/x,1,"));
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

/// Folds whose files count their queries from 1 each give runs and judgements that compare.
#[test]
fn folds_that_share_ids_are_told_apart() {
    use crate::support::program::{Place, assert_succeeds, stderr, stdout};

    let place = Place::new();
    for fold in ["Fold1", "Fold2"] {
        let seed = &fold[4..];
        let synth = ["synth", "--queries", "12", "--documents", "20", "--seed", seed, "--out"];
        assert_succeeds(&place.irgan(&[&synth[..], &[&format!("folds/{fold}")]].concat()));
    }
    let cv = "cv --method mle --baselines listnet --folds folds --fit-epochs 3 --out cv --seeds 2 -m AP,P@5";
    let output = place.irgan(&cv.split(' ').collect::<Vec<_>>());
    assert_succeeds(&output);
    let told = stderr(&output);
    assert!(
        told.contains("test queries of several folds have the same id: ") && told.contains("Fold1/"),
        "{told}"
    );
    let compare =
        ["compare", "cv/qrels.txt", "cv/listnet-1.run", "cv/mle-1.run", "-m", "AP", "--format", "csv"];
    let output = place.irgan(&compare);
    assert_succeeds(&output);
    let queries = String::from_utf8(place.read("cv/mle-1.run")).expect("text");
    assert!(queries.starts_with("Fold1/") && queries.contains("\nFold2/"));
    assert!(stdout(&output).contains("AP,mle-1,listnet-1,"), "{}", stdout(&output));
    // The page shows what the runs measure.
    assert_succeeds(&place.irgan(&["report", "cv"]));
    let page = String::from_utf8(place.read("cv/report.html")).expect("a page is UTF-8");
    let eval = place.irgan(&[
        "eval",
        "cv/qrels.txt",
        "cv/mle-1.run",
        "cv/mle-2.run",
        "-m",
        "AP",
        "--format",
        "json",
    ]);
    let rows: serde_json::Value = serde_json::from_slice(&eval.stdout).expect("JSON");
    let value = |row: usize| rows[row]["AP"].as_f64().expect("a number");
    let (first, second) = (value(0), value(1));
    let deviation = (first - second).abs() / 2f64.sqrt();
    let shown = format!("{:.4} ± {deviation:.4}", (first + second) / 2.0);
    assert!(
        page.contains(&shown) && page.contains("mle minus listnet") && page.contains("p (Holm)"),
        "{shown}"
    );
}

#[test]
fn outputs_are_compressed_by_their_name_and_a_dash_is_standard_output() {
    use crate::support::program::{Place, assert_succeeds, stdout};

    let place = Place::new();
    let run = |line: &str| {
        let output = place.irgan(&line.split(' ').collect::<Vec<_>>());
        assert_succeeds(&output);
        output
    };
    run("synth --queries 8 --documents 12 --out data");
    run(
        "train --method mle --train data/train.txt --valid data/vali.txt --fit-epochs 2 --baselines none --out m",
    );
    for name in ["x.run", "x.run.gz", "x.run.zst"] {
        run(&format!("rank --model m --data data/test.txt --out {name}"));
    }
    let plain = place.read("x.run");
    assert!(place.read("x.run.gz").starts_with(&[0x1f, 0x8b]) && place.read("x.run.gz").len() < plain.len());
    assert!(place.read("x.run.zst").starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    assert_eq!(run("rank --model m --data data/test.txt --out -").stdout, plain);
    let qrels = run("qrels --data data/test.txt --out -");
    run("qrels --data data/test.txt --out qrels.gz");
    let rows = stdout(&run("eval qrels.gz x.run.zst x.run.gz x.run -m AP --format tsv"));
    let values: Vec<&str> = rows.lines().skip(1).filter_map(|row| row.split('\t').nth(2)).collect();
    assert!(values.len() == 3 && values.iter().all(|value| *value == values[0]), "{rows}");
    let subsampled = run("subsample --data data/train.txt --observed 0.5 --out -");
    assert!(
        stdout(&subsampled).contains(" qid:")
            && stdout(&qrels).lines().all(|line| line.split(' ').count() == 4)
    );
    place.write("smart", "01 0028 0 0\n");
    let converted = run("qrels --judgements smart --out -");
    assert_eq!(stdout(&converted), "1 0 28 1\n");
    assert!(crate::support::program::stderr(&converted).contains("lines of SMART"));
}
