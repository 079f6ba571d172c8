//! Inputs as users have them: standard input, tables in another order, files that claim more than they hold.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

/// Runs `irgan` with `text` on standard input.
fn piped(place: &Place, arguments: &[&str], text: &str) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
    command.current_dir(place.folder()).args(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("the program reads it");
    child.wait_with_output().expect("it ends")
}

/// A table of queries of two documents, with the features `a` and `b`.
fn table(columns: &[&str]) -> String {
    let mut text = columns.join(",") + "\n";
    for q in 0..8 {
        for d in 0..2 {
            let value = |column: &&str| match *column {
                "qid" => format!("q{q}"),
                "docid" => format!("d{d}"),
                "label" => d.to_string(),
                "a" => format!("{}", d * 10 + q),
                "b" => format!("{}", 7 * q % 5),
                _ => "1".into(),
            };
            text += &(columns.iter().map(value).collect::<Vec<_>>().join(",") + "\n");
        }
    }
    text
}

const TRAIN: [&str; 7] = ["--method", "mle", "--baselines", "none", "--fit-epochs", "3", "--force"];

#[test]
fn standard_input_is_read_by_every_reader() {
    let place = Place::new();
    let ratings: String = (0..6).flat_map(|u| (u..u + 4).map(move |i| format!("u{u}\ti{i}\n"))).collect();
    let answers: String =
        (0..4).map(|q| format!("what {q}?\tword {q}\t1\nwhat {q}?\tnothing\t0\n")).collect();
    let vectors = table(&["qid", "docid", "label", "a", "b"]);
    for (flag, text) in [("--train", &vectors), ("--ratings", &ratings), ("--qa", &answers)] {
        let output = piped(&place, &[&["train", flag, "-", "--out", "m"], &TRAIN[..]].concat(), text);
        assert_succeeds(&output);
        for command in [&["qrels"][..], &["subsample", "--observed", "1"]] {
            let flag = if flag == "--train" { "--data" } else { flag };
            if command[0] == "qrels" || flag == "--data" {
                let output = piped(&place, &[command, &[flag, "-", "--out", "-"]].concat(), text);
                assert_succeeds(&output);
                assert!(!stdout(&output).is_empty());
            }
        }
    }
    assert_succeeds(&piped(
        &place,
        &[&["train", "--train", "-", "--out", "m"], &TRAIN[..]].concat(),
        &vectors,
    ));
    assert_succeeds(&piped(&place, &["rank", "--model", "m", "--data", "-", "--out", "x.run"], &vectors));
    let twice = [&["train", "--train", "-", "--valid", "-", "--out", "n"], &TRAIN[..]].concat();
    assert_fails(&piped(&place, &twice, &vectors), 1, &["standard input can be read once"]);
}

#[test]
fn columns_of_a_table_are_those_of_the_training_data_in_any_order() {
    let place = Place::new();
    place.write("train.csv", table(&["qid", "docid", "label", "a", "b"]));
    assert_succeeds(&place.irgan(&[&["train", "--train", "train.csv", "--out", "m"], &TRAIN[..]].concat()));
    let rank = |columns: &[&str]| {
        place.write("test.csv", table(columns));
        let output = place.irgan(&["rank", "--model", "m", "--data", "test.csv", "--out", "x.run"]);
        (output.clone(), place.read("x.run"))
    };
    let (_, expected) = rank(&["qid", "docid", "label", "a", "b"]);
    let (output, found) = rank(&["b", "docid", "fresh", "a", "qid"]);
    assert_eq!(expected, found);
    assert!(stderr(&output).contains("not used: `fresh`"), "{}", stderr(&output));
    let (output, _) = rank(&["qid", "docid", "a"]);
    assert_fails(&output, 1, &["test.csv", "the feature `b` of the training data is missing"]);
}

#[test]
fn a_description_larger_than_its_network_is_refused_before_memory_is_taken() {
    let place = Place::new();
    place.write("train.csv", table(&["qid", "docid", "label", "a", "b"]));
    assert_succeeds(&place.irgan(&[&["train", "--train", "train.csv", "--out", "m"], &TRAIN[..]].concat()));
    let text = String::from_utf8(place.read("m/model.toml")).expect("TOML");
    let hidden = text.lines().find(|line| line.starts_with("hidden")).expect("widths");
    place.write("m/model.toml", text.replace(hidden, "hidden = [65536, 4096]"));
    let output = place.irgan(&["rank", "--model", "m", "--data", "train.csv", "--out", "x.run"]);
    assert_fails(&output, 1, &["ranker.safetensors", "too short"]);
}

#[test]
fn arrays_that_claim_more_than_the_file_holds_are_refused() {
    let place = Place::new();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 5), }";
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    for file in ["user_embeddings.npy", "item_embeddings.npy", "item_bias.npy"] {
        place.write(&format!("m/{file}"), &bytes);
    }
    let output = place.irgan(&["recommend", "--model", "m", "--user", "0"]);
    assert_fails(&output, 1, &["user_embeddings.npy", "claims 5000000000000 values in a file of"]);
}
