//! `seqgan synth --pairs` and `seqgan split` as a user meets them.

use crate::support::program::{Place, assert_fails, stderr, stdout};

const TOY: &[&str] = &[
    "synth",
    "--pairs",
    "--sources",
    "20",
    "--answers",
    "2",
    "--vocab",
    "4",
    "--length",
    "3",
    "--out",
    "toy",
];

#[test]
fn generated_pairs_come_with_what_is_known_of_them() {
    let place = Place::new();
    let output = place.seqgan(TOY);
    assert!(output.status.success(), "{}", stderr(&output));
    // 0.75² and 0.75³ of the answers to sources of two and three words.
    assert!(stdout(&output).contains("75.0 % of their words; floor"), "{}", stdout(&output));
    let lines = |name: &str| -> Vec<Vec<String>> {
        let text = String::from_utf8(place.read(&format!("toy/{name}"))).expect("text");
        text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    };
    let counts =
        ["train.tsv", "valid.tsv", "test.tsv", "truth.tsv", "errors.tsv"].map(|name| lines(name).len());
    assert_eq!(counts, [40, 2, 2, 24, 2]);
    assert_eq!(lines("test.tsv"), lines("truth.tsv")[22..]);
    for (error, test) in lines("errors.tsv").iter().zip(lines("test.tsv")) {
        assert_eq!((&error[0], &error[3]), (&test[0], &test[1]));
        let wrong: usize = error[2].parse().expect("a place");
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let differ = words(&error[1]).iter().zip(words(&error[3])).position(|(a, b)| *a != b);
        assert_eq!(differ, Some(wrong - 1));
    }
    let first = place.read("toy/train.tsv");
    assert_fails(&place.seqgan(TOY), 2, &["not empty", "--force"]);
    let again = place.seqgan(&[TOY, &["--force"]].concat());
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(place.read("toy/train.tsv"), first);
    let other = place.seqgan(&[TOY, &["--force", "--seed", "2"]].concat());
    assert!(other.status.success() && place.read("toy/train.tsv") != first);
}

#[test]
fn impossible_pairs_are_refused() {
    let place = Place::new();
    let too_many = ["synth", "--pairs", "--vocab", "3", "--length", "2", "--out", "toy"];
    assert_fails(&place.seqgan(&too_many), 2, &["1200 different sources", "there are 9"]);
    assert_fails(
        &place.seqgan(&["synth", "--pairs", "--corrupt", "2", "--out", "toy"]),
        2,
        &["corrupted share 2"],
    );
    assert_fails(&place.seqgan(&["synth", "--out", "toy"]), 2, &["--pairs"]);
    assert!(!place.path("toy").exists());
}

#[test]
fn pairs_are_divided_into_files() {
    let place = Place::new();
    place.write("a.txt", (0..40).map(|i| format!("who {}\n", i % 20)).collect::<String>() + "\n");
    place.write("b.txt", (0..40).map(|i| format!("it is {}\n", i % 20)).collect::<String>() + "x\n");
    let command = "split --source a.txt --target b.txt --valid-share 0.2 --test-share 0.1 --out parts";
    let words: Vec<&str> = command.split(' ').collect();
    let output = place.seqgan(&words);
    assert!(output.status.success(), "{}", stderr(&output));
    for told in
        ["a.txt and b.txt: 40 pairs", "left out: 1 with an empty side", "train.tsv: 28", "test.tsv: 4"]
    {
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
    let lines = |name: &str| -> std::collections::BTreeSet<String> {
        let text = String::from_utf8(place.read(&format!("parts/{name}.tsv"))).expect("text");
        text.lines().map(str::to_owned).collect()
    };
    // Copies of a pair are of one file.
    assert_eq!((lines("train").len(), lines("valid").len(), lines("test").len()), (14, 4, 2));
    assert!(lines("train").is_disjoint(&lines("test")) && lines("train").is_disjoint(&lines("valid")));
    assert_fails(&place.seqgan(&words), 2, &["not empty"]);
    let one = place.write("one.tsv", "a\tb\n");
    let few = ["split", "--pairs", one.to_str().expect("a path"), "--out", "few"];
    assert_fails(&place.seqgan(&few), 1, &["one.tsv: 1 different pairs or conversations for 3 parts"]);
    assert_fails(&place.seqgan(&["split", "--out", "few"]), 2, &["--pairs"]);
    assert!(!place.path("few").exists());
}
