//! Inputs as users have them: standard input, tables in another order, files that claim more than they hold.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::support::npy::write_npy_of;
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

/// The bytes of whole numbers as NumPy's int64.
fn int64(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The bytes of numbers as NumPy's float64.
fn float64(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn feature_vectors_as_arrays_are_those_of_a_table() {
    let place = Place::new();
    let (mut text, mut x, mut y, mut qid) = (String::from("qid,label,a,b\n"), vec![], vec![], vec![]);
    for row in 0..24i64 {
        let (a, b) = ((row * 7 % 11) as f64 / 4.0, if row == 5 { f64::NAN } else { row as f64 });
        text += &format!(
            "{},{},{a},{}\n",
            row / 4 + 1,
            row % 2,
            if row == 5 { String::new() } else { b.to_string() }
        );
        x.extend([a, b]);
        y.push(row % 2);
        qid.push(row / 4 + 1);
    }
    place.write("train.csv", text);
    std::fs::create_dir(place.path("d")).expect("writable");
    let array = |kind: &str, name: &str, shape: &[usize], bytes: &[u8]| {
        write_npy_of(kind, place.path(name), shape, bytes);
    };
    array("<f8", "d/X_train.npy", &[24, 2], &float64(&x));
    array("<i8", "d/y_train.npy", &[24], &int64(&y));
    array("<i8", "d/qid_train.npy", &[24], &int64(&qid));
    // A folder, single precision, sizes of groups.
    std::fs::create_dir(place.path("g")).expect("writable");
    let single: Vec<u8> = x.iter().flat_map(|&value| (value as f32).to_le_bytes()).collect();
    array("<f4", "g/features.npy", &[24, 2], &single);
    array("<i8", "g/labels.npy", &[24], &int64(&y));
    array("<i8", "g/groups.npy", &[6], &int64(&[4; 6]));
    let mut models = vec![];
    for (data, out) in [("train.csv", "m1"), ("d/X_train.npy", "m2"), ("g", "m3")] {
        assert_succeeds(&place.irgan(&[&["train", "--train", data, "--out", out], &TRAIN[..]].concat()));
        let run = format!("{out}.run");
        assert_succeeds(&place.irgan(&["rank", "--model", "m1", "--data", data, "--out", &run]));
        models.push((place.read(&format!("{out}/ranker.safetensors")), place.read(&run)));
    }
    assert!(models.windows(2).all(|two| two[0] == two[1]), "the same networks and the same rankings");
    assert_succeeds(&place.irgan(&["qrels", "--data", "g", "--out", "g.qrels"]));
    assert_succeeds(&place.irgan(&["eval", "g.qrels", "m3.run"]));
    let record = String::from_utf8(place.read("m2/run.toml")).expect("TOML");
    assert!(record.contains("y_train.npy") && record.contains("qid_train.npy"), "{record}");

    let train = |parts: &[&str]| {
        let output =
            place.irgan(&[&["train", "--train", "d/X_train.npy", "--out", "no"], &TRAIN[..]].concat());
        assert_fails(&output, 1, parts);
    };
    array("<i8", "d/y_train.npy", &[23], &int64(&y[..23]));
    train(&["d/y_train.npy: 23 values, but d/X_train.npy has 24 rows"]);
    array("<f8", "d/y_train.npy", &[24], &float64(&[&[0.5][..], &[0.0; 23]].concat()));
    train(&["d/y_train.npy: row 0: expected a whole grade from -1 (unlabelled) to 31, found 0.5"]);
    array("<i8", "d/y_train.npy", &[24], &int64(&y));
    qid.swap(3, 8);
    array("<i8", "d/qid_train.npy", &[24], &int64(&qid));
    train(&["d/qid_train.npy: query 1 goes on in row 8 behind another; sort the rows by query"]);
    array("<U4", "d/qid_train.npy", &[24], &[0; 24 * 16]);
    train(&["d/qid_train.npy", "np.unique"]);
    std::fs::remove_file(place.path("d/qid_train.npy")).expect("there");
    train(&["d/X_train.npy: expected qid_train.npy beside it", "or group_train.npy"]);
    array("<i8", "d/group_train.npy", &[2], &int64(&[12, 13]));
    train(&["d/group_train.npy: the groups count 25 documents, but there are 24 rows"]);
    array("<i8", "d/group_train.npy", &[2], &int64(&[12, 12]));
    x[9] = f64::INFINITY;
    array("<f8", "d/X_train.npy", &[24, 2], &float64(&x));
    train(&["d/X_train.npy: features[[4, 1]] is inf"]);
    array("<f8", "d/X_train.npy", &[48], &float64(&x));
    train(&["d/X_train.npy", "its shape is [48]"]);
    // A model of two features does not take three; without labels everything is unlabelled.
    array("<f4", "wide.npy", &[2, 3], &[0; 24]);
    array("<i8", "wide.queries.npy", &[2], &int64(&[1, 1]));
    let output = place.irgan(&["rank", "--model", "m1", "--data", "wide.npy", "--out", "x.run"]);
    assert_fails(&output, 1, &["wide.npy: the data have 3 features, but the training data had 2"]);
    array("<f4", "wide.npy", &[2, 2], &[0; 16]);
    let output = place.irgan(&["rank", "--model", "m1", "--data", "wide.npy", "--out", "x.run"]);
    assert_succeeds(&output);
    assert!(stderr(&output).contains("there is no wide.labels.npy beside it"), "{}", stderr(&output));
}

#[test]
fn ratings_as_an_array_are_those_of_a_text() {
    let place = Place::new();
    let (mut text, mut values) = (String::new(), vec![]);
    for row in 0..40i64 {
        let (user, item, rating) = (row % 8 + 1, 100 + row * row % 13, 1 + row % 5);
        text += &format!("{user} {item} {rating} {row}\n");
        values.extend([user, item, rating, row]);
    }
    place.write("r.txt", text);
    write_npy_of("<i8", place.path("r.npy"), &[40, 4], &int64(&values));
    let train = |ratings: &str, out: &str, more: &[&str]| {
        let line = ["train", "--method", "ease", "--baselines", "none", "--ratings", ratings, "--out", out];
        place.irgan(&[&line[..], more].concat())
    };
    for out in ["r.txt", "r.npy"] {
        assert_succeeds(&train(out, &format!("{out}.model"), &["--split", "last"]));
    }
    for file in ["ranker.safetensors", "users.txt", "items.txt", "known.txt"] {
        assert_eq!(
            place.read(&format!("r.txt.model/{file}")),
            place.read(&format!("r.npy.model/{file}")),
            "{file}"
        );
    }
    // Two columns: every pair is a positive.
    write_npy_of("<i8", place.path("pairs.npy"), &[5, 2], &int64(&[1, 1, 1, 2, 2, 1, 2, 3, 1, 3]));
    let pairs = train("pairs.npy", "pairs", &[]);
    assert_succeeds(&pairs);
    assert!(stderr(&pairs).contains("every pair of user and item is a positive"), "{}", stderr(&pairs));
    let refused = |parts: &[&str]| assert_fails(&train("bad.npy", "no", &[]), 1, parts);
    write_npy_of("<f8", place.path("bad.npy"), &[1, 3], &float64(&[1.5, 2.0, 3.0]));
    refused(&["bad.npy: row 0: expected a whole number as the id", "found 1.5"]);
    write_npy_of("<f8", place.path("bad.npy"), &[1, 3], &float64(&[1.0, 2.0, f64::NAN]));
    refused(&["bad.npy: row 0: expected a finite rating, found NaN"]);
    write_npy_of("<f8", place.path("bad.npy"), &[1, 5], &float64(&[1.0; 5]));
    refused(&["bad.npy: expected an array of shape (n, 2), (n, 3) or (n, 4)", "np.argwhere"]);
    write_npy_of("<f8", place.path("bad.npy"), &[0, 3], &[]);
    refused(&["bad.npy: holds no ratings"]);
    let adjacency = train("r.npy", "no", &["--layout", "adjacency"]);
    assert_fails(&adjacency, 1, &["r.npy: an array has rows of user item [rating [time]]"]);
}
