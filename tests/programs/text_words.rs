//! Words that a model does not know, sentences of other systems, scores of given sentences, and the page of `explain`.

use serde_json::Value;

use crate::support::program::{Place, assert_fails, assert_succeeds, stdout};

/// A training of a moment.
const TINY: &str = "train --hidden 8 --embedding 8 --rounds 1 --g-steps 1 --evaluate-on 20 \
    --temperatures 1 --batch 8 --controls none -q";

fn seqgan(place: &Place, line: &str) -> String {
    let output = place.seqgan(&line.split_whitespace().collect::<Vec<_>>());
    assert_succeeds(&output);
    stdout(&output)
}

fn rows(place: &Place, line: &str) -> Vec<Value> {
    serde_json::from_str(&seqgan(place, line)).expect("JSON")
}

/// Two frequent words among many rare ones.
fn sparse() -> String {
    (0..60).map(|n| format!("the rare{n} and the odd{n} .\n")).collect()
}

#[test]
fn unknown_words_match_nothing_and_their_share_is_told() {
    let place = Place::new();
    place.write("text.txt", sparse());
    seqgan(&place, &format!("{TINY} --text text.txt --min-count 50 --mle-epochs 30 --out m"));
    let text = seqgan(&place, "eval --model m --reference text.txt -n 100 --temperatures 1 -q --format json");
    let results: Value = serde_json::from_str(&text).expect("JSON");
    for curve in results["curves"].as_array().expect("two generators") {
        let point = &curve["points"][0];
        assert!(point["unknown"].as_f64().expect("a share") > 0.2, "{point}");
        assert!(point["bleu"][0].as_f64().expect("a number") < 0.7, "{point}");
    }
    let notes = results["notes"].to_string();
    assert!(
        notes.contains("33.3 % of the held-out words") && notes.contains("of its words are unknown"),
        "{notes}"
    );
    let log = String::from_utf8(place.read("m/metrics.csv")).expect("UTF-8");
    assert!(log.contains("adversarial,1,unknown,0."), "{log}");
    // Two runs of different vocabularies on one page.
    seqgan(&place, &format!("{TINY} --text text.txt --mle-epochs 1 --out all"));
    seqgan(&place, "report m all --out both.html");
    let page = String::from_utf8(place.read("both.html")).expect("UTF-8");
    assert!(page.contains("The vocabularies differ."));
}

/// NLTK 3.10.4, `sentence_bleu` of each line against all of REAL, method 1, the mean of three, with a word of its own for
/// every `<unk>`: `scripts/unknown_words.py`.
#[test]
fn sentences_of_other_systems_are_measured_as_nltk_does() {
    let place = Place::new();
    place.write("real.txt", "the cat sees the house\na dog follows the river\nmy bird likes the tree\n");
    place.write("drawn.txt", "the cat follows the river\nthe <unk> sees the <unk>\n\n");
    place.write("unknown.txt", "<unk> <unk> <unk>\n<unk> <unk>\n");
    let rows = rows(&place, "eval --generated drawn.txt unknown.txt --reference real.txt --format json -q");
    let value = |row: usize, name: &str| rows[row][name].as_f64().unwrap_or_else(|| panic!("{name}"));
    for (name, expected) in NLTK {
        assert!((value(0, name) - expected).abs() < 1e-6, "{name}: {} against {expected}", value(0, name));
        assert_eq!(value(1, name), 0.0, "a system that writes only unknown words: {name}");
    }
    assert_eq!((value(0, "unknown"), value(1, "unknown"), value(0, "tokens")), (0.2, 1.0, 5.0));
    // 8 of 10 words are known, 5 of them different.
    assert_eq!((value(0, "distinct-1"), value(1, "distinct-1")), (0.5, 0.0));
    let both = place.seqgan(&["eval", "--generated", "x", "--model", "m", "--reference", "y"]);
    assert_eq!(both.status.code(), Some(2));
}

const NLTK: [(&str, f64); 4] = [
    ("BLEU-2", 0.417_774_579_468_393_5),
    ("BLEU-3", 0.266_986_039_871_702_1),
    ("BLEU-4", 0.153_371_165_152_168_2),
    ("BLEU-5", 0.127_588_407_946_173_3),
];

#[test]
fn every_line_gets_its_likelihood() {
    let place = Place::new();
    place.write("text.txt", sparse());
    seqgan(&place, &format!("{TINY} --text text.txt --min-count 50 --mle-epochs 1 --out m"));
    place.write("given.txt", "the and\n\nthe strange and the of and the and the and the and the and\n");
    let rows = rows(&place, "score --model m given.txt --format json -q");
    let number = |row: usize, name: &str| rows[row][name].as_f64().unwrap_or_else(|| panic!("{name}"));
    assert_eq!(rows.len(), 3, "one row a line, the empty one and the long one too");
    for (row, (tokens, unknown)) in [(3.0, 0.0), (1.0, 0.0), (15.0, 2.0)].into_iter().enumerate() {
        assert_eq!((number(row, "line"), number(row, "tokens")), (row as f64 + 1.0, tokens));
        assert_eq!(number(row, "unknown"), unknown);
        let perplexity = (-number(row, "log-likelihood") / tokens).exp();
        assert!((number(row, "perplexity") / perplexity - 1.0).abs() < 1e-9 && perplexity > 1.0);
    }
    assert_eq!(rows[0]["sentence"], "the and");
    // A sum over all continuations of one step: the probabilities of `</s>` after nothing and of what else begins.
    let missing = place.seqgan(&["score", "--model", "m", "none.txt"]);
    assert_fails(&missing, 1, &["none.txt: cannot read"]);
}

#[test]
fn explain_writes_a_page() {
    let place = Place::new();
    assert!(seqgan(&place, "explain --seed 3").contains("explain.html"));
    let page = String::from_utf8(place.read("explain.html")).expect("text");
    assert!(page.contains("seqgan explain --seed 3") && page.contains("<svg"));
    assert!(seqgan(&place, "explain --out -").starts_with("<!DOCTYPE html>"));
}
