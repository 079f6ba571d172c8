//! Generators of lines from noise: training, writing, measuring, reports, and what is refused.

use serde_json::Value;

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

const TINY: &str = "--level char --length 12 --channels 8 --blocks 1 --noise 4 --batch 8 --rounds 2 --g-steps 3 \
    --critic-steps 2 --evaluate-on 40";

fn place() -> Place {
    let place = Place::new();
    let line = |i: usize| {
        format!("the {} sat on {}\n", ["cat", "dog", "owl"][i % 3], ["a mat", "it", "no hat"][i / 3 % 3])
    };
    place.write("lines.txt", (0..90).map(line).collect::<String>() + "\nshort\n");
    place.write("test.txt", (0..20).map(line).collect::<String>());
    place
}

fn run(place: &Place, line: &str) -> std::process::Output {
    place.seqgan(&line.split_whitespace().collect::<Vec<_>>())
}

#[test]
fn lines_are_learnt_written_measured_and_reported() {
    let place = place();
    for (method, more) in [
        ("wgan-gp", "--threads 1"),
        ("gan", "--threads 2"),
        ("wgan-gp", "--lipschitz clip --optimizer rmsprop"),
    ] {
        let trained =
            run(&place, &format!("train --method {method} --text lines.txt {TINY} {more} --force --out m"));
        assert_succeeds(&trained);
        let told = stderr(&trained);
        assert!(told.contains("cut to 12 tokens: 90") && told.contains("left out: 1 empty"), "{told}");
        assert!(stdout(&trained).contains("training lines"), "{}", stdout(&trained));
        let log = String::from_utf8(place.read("m/metrics.csv")).expect("text");
        for metric in ["critic-train", "critic-valid", "words", "js-4", "distinct-lines"] {
            assert!(log.contains(&format!("adversarial,2,{metric},")), "{metric}: {log}");
        }
        let results: Value = serde_json::from_slice(&place.read("m/results.json")).expect("JSON");
        assert_eq!(results["rows"].as_array().map(Vec::len), Some(4));
        let written = run(&place, "generate --model m -n 7 -q");
        assert_succeeds(&written);
        let text = stdout(&written);
        assert!(text.lines().count() == 7 && text.lines().all(|line| line.chars().count() <= 12), "{text}");
        let measured = run(&place, "eval --model m --reference test.txt -n 30 --format json -q");
        assert_succeeds(&measured);
        let rows: Value = serde_json::from_str(&stdout(&measured)).expect("JSON");
        assert!(rows[1]["js"][3].as_f64().is_some_and(|js| js > 0.0), "{rows}");
        let page = String::from_utf8(place.read("m/report.html")).expect("a page");
        assert!(page.contains("critic") && page.contains("round 2"), "the page has curves and lines");
    }
}

#[test]
fn lines_of_a_grammar_are_told_right_from_wrong() {
    let place = place();
    let tiny = TINY.replace("--level char --length 12 ", "");
    let drawn = "--sentences 300 --held-out 60";
    let trained = run(&place, &format!("train --method wgan-gp --cfg arithmetic {drawn} {tiny} --out m"));
    assert_succeeds(&trained);
    let results: Value = serde_json::from_slice(&place.read("m/results.json")).expect("JSON");
    let share = |row: usize| results["rows"][row]["language"]["share"].as_f64().expect("a share");
    assert!(share(0) == 1.0 && share(1) < 0.5, "real lines are grammatical, those of random weights are not");
    assert!(stdout(&trained).contains("grammatical"), "{}", stdout(&trained));
    let log = String::from_utf8(place.read("m/metrics.csv")).expect("text");
    assert!(log.contains("adversarial,2,grammatical,") && log.contains("adversarial,2,language-entropy,"));
    let written = stdout(&run(&place, "generate --model m -n 5 -q"));
    assert!(written.lines().all(|line| line.split(' ').count() <= 12), "12 tokens by default: {written}");
    for (flags, says) in [
        ("--cfg arithmetic --level char", "lines of a grammar"),
        ("--text lines.txt --sentences 5", "lines of a text"),
    ] {
        assert_fails(&run(&place, &format!("train --method gan {flags} {tiny} --out bad")), 2, &[says]);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let place = place();
    for threads in [1, 2, 4] {
        let line =
            format!("train --method wgan-gp --text lines.txt {TINY} -q --threads {threads} --out m{threads}");
        assert_succeeds(&run(&place, &line));
        for file in ["generator.safetensors", "metrics.csv", "results.json", "samples.tsv"] {
            assert_eq!(
                place.read(&format!("m{threads}/{file}")),
                place.read(&format!("m1/{file}")),
                "{file}"
            );
        }
    }
}

/// Returns a command line without the flags, and their values, that `others` has too.
fn without(line: &str, others: &str) -> String {
    let (mut kept, mut is_replaced) = (vec![], false);
    for word in line.split_whitespace() {
        if word.starts_with("--") {
            is_replaced = others.split_whitespace().any(|other| other == word);
        }
        if !is_replaced {
            kept.push(word);
        }
    }
    kept.join(" ")
}

#[test]
fn what_does_not_fit_lines_is_refused() {
    let place = place();
    let train = format!("train --method wgan-gp --text lines.txt {TINY}");
    for (flags, parts) in [
        ("--length 0", &["--length", "expected 1 to"][..]),
        ("--length 50", &["--length", "21 tokens", "at most"]),
        ("--penalty -1", &["--penalty", "expected 0 or more"]),
        ("--normalization batch --batch 1", &["--normalization", "2 or more"]),
        ("--lipschitz none", &["--lipschitz", "penalty, clip or spectral"]),
        ("--lipschitz clip --d-weight-clip 0", &["--d-weight-clip", "above 0"]),
        ("--lipschitz spectral --penalty 3", &["--penalty", "--lipschitz penalty"]),
        ("--preset authors", &["small, medium or large"]),
        ("--rollouts 3", &["--rollouts", "does not apply to --method wgan-gp"]),
        ("--max-len 9", &["--max-len", "does not apply"]),
    ] {
        assert_fails(&run(&place, &format!("{} {flags} --out bad", without(&train, flags))), 2, parts);
    }
    assert_fails(&run(&place, "train --method gan --out bad"), 2, &["--text or --cfg"]);
    assert_fails(
        &run(&place, "train --text lines.txt --length 9 --out bad"),
        2,
        &["--length", "--method wgan-gp"],
    );
    assert_succeeds(&run(&place, &format!("train --method gan --text lines.txt {TINY} -q --out m")));
    assert_fails(&run(&place, "generate --model m --temperature 0.5"), 2, &["--temperature", "lines"]);
    assert_fails(&run(&place, "eval --model m --reference test.txt --reverse"), 2, &["--reverse", "lines"]);
    assert_fails(&run(&place, "score --model m test.txt"), 1, &["lines", "seqgan eval"]);
    place.write("m/generator.safetensors", "damaged");
    assert_fails(&run(&place, "generate --model m"), 1, &["generator.safetensors"]);
}
