//! Data smaller than the defaults: a training ends well, with notes, or says what is too little; and the parts of one
//! file that stand in for validation and test files.

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

/// Trains with few rounds, and returns the messages; a failure must be one sentence about the file.
#[track_caller]
fn train(place: &Place, file: &str, arguments: &[&str]) -> (bool, String) {
    let arguments = [arguments, &["--rounds", "2", "--fit-epochs", "4", "--out", "m", "--force"]].concat();
    let output = place.irgan(&[&["train"], arguments.as_slice()].concat());
    let text = stderr(&output);
    if !output.status.success() {
        assert_fails(&output, 1, &[file]);
    }
    (output.status.success(), text)
}

/// Users who like three items each, of which the next begin one further.
fn ratings(users: usize) -> String {
    (0..users).flat_map(|u| (u..u + 3).map(move |i| format!("u{u}\ti{i}\t5\n"))).collect()
}

#[test]
fn ranks_are_those_that_the_ratings_allow() {
    let place = Place::new();
    place.write("r.tsv", ratings(5));
    for arguments in
        [&["--pointwise"][..], &["--method", "itemknn"], &["--method", "puresvd"], &["--tune", "1"]]
    {
        let (trained, text) = train(&place, "r.tsv", &[arguments, &["--ratings", "r.tsv"]].concat());
        assert!(trained, "{arguments:?}: {text}");
        assert!(text.contains("5 users and 7 items: PureSVD has rank 5 in place of"), "{text}");
    }
}

#[test]
fn few_rows_train_or_are_said_to_be_too_few() {
    let place = Place::new();
    for rows in [1, 2, 3, 5] {
        let one_query: String =
            (0..rows).map(|row| format!("{} qid:1 1:0.{row}\n", i32::from(row == 0))).collect();
        place.write("f.txt", one_query);
        assert_eq!(train(&place, "f.txt", &["--train", "f.txt", "--valid", "f.txt"]).0, rows > 1);
        assert!(!train(&place, "f.txt", &["--train", "f.txt"]).0, "one query cannot be split");

        place.write("r.tsv", ratings(rows));
        assert!(train(&place, "r.tsv", &["--pointwise", "--ratings", "r.tsv"]).0 || rows == 1);
        let implicit: String = (0..rows).map(|row| format!("u{}\ti{row}\n", row % 2)).collect();
        place.write("r.tsv", implicit);
        let (trained, text) = train(&place, "r.tsv", &["--pointwise", "--ratings", "r.tsv"]);
        assert_eq!(trained, rows > 2, "{text}");

        let answers: String = (0..rows)
            .map(|row| format!("what is {}?\tword {row}\t{}\n", row / 2, i32::from(row % 2 == 0)))
            .collect();
        place.write("qa.txt", answers);
        assert_eq!(train(&place, "qa.txt", &["--qa", "qa.txt", "--valid", "qa.txt"]).0, rows > 1);
    }
}

#[test]
fn a_share_that_holds_nothing_out_becomes_half_and_single_positives_are_refused() {
    let place = Place::new();
    place.write("r.tsv", "a\tx\na\ty\nb\ty\nb\tz\nc\tz\nc\tx\n");
    let (trained, text) = train(&place, "r.tsv", &["--method", "ease", "--ratings", "r.tsv"]);
    assert!(trained && text.contains("half of every user's are held out"), "{text}");
    place.write("r.tsv", "a\tx\nb\ty\n");
    let (trained, text) = train(&place, "r.tsv", &["--method", "ease", "--ratings", "r.tsv"]);
    assert!(!trained && text.contains("no user has two positives") && text.contains("--valid"), "{text}");
}

/// Queries of two documents, of which the one with the larger feature is relevant.
fn queries(count: usize) -> String {
    let query = |q: usize| format!("1 qid:q{q} 1:0.9 2:{q} # a{q}\n0 qid:q{q} 1:0.1 2:{q} # b{q}\n");
    (0..count).map(query).collect()
}

#[test]
fn one_training_file_is_split_by_query() {
    let place = Place::new();
    place.write("all.txt", queries(9) + "0 qid:none 1:1 2:0 # c\n");
    let (trained, text) = train(&place, "all.txt", &["--train", "all.txt"]);
    assert!(trained && text.contains("all.txt: 8 queries to train on, 2 held out to choose by"), "{text}");
    let (trained, text) = train(&place, "all.txt", &["--train", "all.txt", "--valid-share", "0.5"]);
    assert!(trained && text.contains("5 queries to train on, 5 held out"), "{text}");
    let (_, text) =
        train(&place, "all.txt", &["--train", "all.txt", "--valid", "all.txt", "--valid-share", "0.5"]);
    assert!(text.contains("warning: --valid-share has no effect"), "{text}");

    let answers: String =
        (0..8).map(|q| format!("where is {q}?\tplace {q}\t1\nwhere is {q}?\tnowhere\t0\n")).collect();
    place.write("qa.txt", answers);
    let (trained, text) = train(&place, "qa.txt", &["--qa", "qa.txt"]);
    assert!(trained && text.contains("qa.txt: 6 questions to train on, 2 held out to choose by"), "{text}");
}

#[test]
fn one_training_file_is_cut_into_folds_by_query() {
    let place = Place::new();
    place.write("all.txt", queries(10));
    let cv = |folds: &str| {
        let flags = ["--rounds", "1", "--fit-epochs", "2", "--baselines", "mle", "--out", "cv", "--force"];
        place.irgan(&[&["cv", "--train", "all.txt", "--folds", folds], &flags[..]].concat())
    };
    let output = cv("5");
    assert_succeeds(&output);
    assert!(stderr(&output).contains("cut into 5 folds"), "{}", stderr(&output));
    assert!(stdout(&output).contains("mle"));
    // Every query is tested once.
    let run = String::from_utf8(place.read("cv/mle-1.run")).expect("a run");
    assert_eq!(run.lines().count(), 20);
    assert_succeeds(&place.irgan(&["eval", "cv/qrels.txt", "cv/mle-1.run", "-m", "AP"]));
    for folds in ["2", "11", "folder"] {
        assert_fails(&cv(folds), 2, &["--folds"]);
    }
}

#[test]
fn few_sentences_train_or_are_said_to_be_too_few() {
    let place = Place::new();
    for rows in [1, 2, 3, 5] {
        let text: String = (0..rows)
            .map(|row| format!("the cat {} on the mat .\n", ["sat", "ran", "ate"][row % 3]))
            .collect();
        place.write("s.txt", text);
        let train = ["train", "--text", "s.txt", "--rounds", "1", "--mle-epochs", "2", "--d-draws", "8"];
        let measured = ["--evaluate-on", "100", "--temperatures", "1"];
        // The smallest set that trains also has all that stands beside the game; the others go without, which is quick.
        let beside: &[&str] = if rows == 2 { &[] } else { &["--ensemble", "1", "--controls", "none"] };
        let output = place.seqgan(&[&train[..], &measured, &["--out", "m", "--force"], beside].concat());
        match rows {
            1 => assert_fails(&output, 1, &["s.txt", "one sentence"]),
            _ => assert_succeeds(&output),
        }
    }
}
