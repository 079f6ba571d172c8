//! BLEU and self-BLEU against NLTK's recorded values (scripts/record_bleu.py), and against each other.

use irgan::evaluation::text::{References, corpus_bleu, distinct_n, distinct_tokens, mean_bleu, self_bleu};
use proptest::prelude::*;
use serde::Deserialize;

const MAX_N: usize = 5;

/// tests/data/bleu.json; `values` are those of n = 1 to 5.
#[derive(Deserialize)]
struct Recorded {
    bleu: Vec<Case>,
    self_bleu: Vec<Sample>,
    corpus_bleu: Vec<Answers>,
}

#[derive(Deserialize)]
struct Answers {
    hypotheses: Vec<Vec<u32>>,
    references: Vec<Vec<u32>>,
    values: [f64; MAX_N],
}

#[derive(Deserialize)]
struct Case {
    references: Vec<Vec<u32>>,
    hypothesis: Vec<u32>,
    values: [f64; MAX_N],
}

#[derive(Deserialize)]
struct Sample {
    sentences: Vec<Vec<u32>>,
    values: [f64; MAX_N],
}

fn recorded() -> Recorded {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bleu.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Equal but for 1e-12 of the expected value.
fn assert_close(values: &[f64], expected: &[f64], what: &str) {
    assert_eq!(values.len(), expected.len(), "{what}");
    for (value, expected) in values.iter().zip(expected) {
        assert!((value - expected).abs() <= 1e-12 * expected.abs(), "{what}: {value}, expected {expected}");
    }
}

#[test]
fn bleu_is_nltks() {
    let cases = recorded().bleu;
    assert!(cases.len() > 40);
    for (i, case) in cases.iter().enumerate() {
        let references = References::new(&case.references, MAX_N);
        let what = format!("case {i}, {:?}", case.hypothesis);
        assert_close(&references.bleu_orders(&case.hypothesis, 1..=MAX_N), &case.values, &what);
        for n in 1..=MAX_N {
            // An index of just what is asked for says the same.
            let value = References::new(&case.references, n).bleu(&case.hypothesis, n);
            assert_close(&[value], &case.values[n - 1..n], &what);
        }
    }
}

#[test]
fn self_bleu_is_nltks_against_all_others() {
    for sample in recorded().self_bleu {
        assert_close(&self_bleu(&sample.sentences, 1..=MAX_N), &sample.values, "a sample");
        assert_close(&self_bleu(&sample.sentences, 3..=4), &sample.values[2..4], "a sample, 3 to 4");
    }
}

#[test]
fn corpus_bleu_is_nltks() {
    for Answers { hypotheses, references, values } in recorded().corpus_bleu {
        assert!(values[MAX_N - 1] > 0.0, "every order matches");
        assert_close(&corpus_bleu(&hypotheses, &references, 1..=MAX_N), &values, "a corpus");
        assert_close(&corpus_bleu(&hypotheses, &references, 3..=3), &values[2..3], "a corpus, 3");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let recorded = recorded();
    let sentences: Vec<Vec<u32>> = recorded.self_bleu.into_iter().flat_map(|s| s.sentences).collect();
    let references = References::new(&sentences[..20], MAX_N);
    let values = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
        pool.install(|| (self_bleu(&sentences, 2..=5), mean_bleu(&sentences, &references, 2..=5)))
    };
    let one = values(1);
    assert_eq!([values(2), values(5)], [one.clone(), one]);
}

/// Few tokens and short sentences, so that n-grams repeat, lengths tie and twins occur.
fn sentences() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(0u32..4, 0..9), 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn self_bleu_is_bleu_against_all_others(sentences in sentences(), max_n in 1usize..7) {
        let mut sums = vec![0.0; max_n];
        for i in 0..sentences.len() {
            let mut others = sentences.clone();
            let own = others.remove(i);
            let values = References::new(&others, max_n).bleu_orders(&own, 1..=max_n);
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        let values = self_bleu(&sentences, 1..=max_n);
        for (value, sum) in values.into_iter().zip(sums) {
            let expected = sum / sentences.len() as f64;
            prop_assert!(value == expected || sentences.is_empty() && value.is_nan(), "{value}, not {expected}");
        }
    }

    #[test]
    fn values_are_shares(sentences in sentences(), hypothesis in prop::collection::vec(0u32..5, 0..9)) {
        let references = References::new(&sentences, MAX_N);
        for (n, value) in (1..=MAX_N).zip(references.bleu_orders(&hypothesis, 1..=MAX_N)) {
            prop_assert!((0.0..=1.0).contains(&value), "BLEU-{n} {value}");
            prop_assert_eq!(value, references.bleu(&hypothesis, n));
        }
        for n in 0..=MAX_N {
            prop_assert!((0.0..=1.0).contains(&distinct_n(&sentences, n)));
        }
        prop_assert!(distinct_tokens(&sentences) <= 4);
    }
}
