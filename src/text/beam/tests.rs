//! Beams against enumeration, against greedy decoding, and by hand.

use ndarray::Array3;

use super::{Beam, Hypothesis, LengthNorm, beam_search, rerank, reverse_scores};
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::nn::{CellKind, Initializer};
use crate::seed::Stream;
use crate::text::models::{BySource, ClassTable, LanguageModel, RecurrentModel, RecurrentShape};
use crate::text::{Decoding, decode};

const END: u32 = 1;

/// A random model of 5 tokens, of which token 0 is never written and token 1 ends a sentence of at most 4.
fn random(seed: u64, deviation: f32) -> RecurrentModel {
    let shape = RecurrentShape {
        vocabulary: 5,
        embedding: 3,
        hidden: 4,
        cell: CellKind::Lstm,
        steps: 4,
        start: 0,
        end: Some(END),
        never: vec![0],
    };
    RecurrentModel::new(&shape, Initializer::Normal(deviation), &mut Stream::new(seed).rng())
}

/// Every sentence of [`random`]: those that end, and those of 4 tokens.
fn language() -> Vec<Vec<u32>> {
    let mut open: Vec<Vec<u32>> = vec![vec![]];
    let mut all = vec![];
    for _ in 0..4 {
        all.extend(open.iter().map(|begun| [begun.as_slice(), &[END]].concat()));
        open = open
            .iter()
            .flat_map(|begun| (2..5).map(move |token| [begun.as_slice(), &[token]].concat()))
            .collect();
    }
    all.extend(open);
    all
}

fn log_probability<M: LanguageModel>(model: &M, context: &M::Context, sentence: &[u32]) -> f64 {
    let sentences = Sequences::of_rows(&[sentence], model.limits().steps);
    let log_p = model.log_probabilities(std::slice::from_ref(context), &sentences);
    log_p.iter().map(|&value| f64::from(value)).sum()
}

fn greedy<M: LanguageModel>(model: &M, context: &M::Context) -> Vec<u32> {
    let likeliest = Decoding { temperature: 0.0, ..Decoding::default() };
    decode(model, std::slice::from_ref(context), &[&[]], &likeliest, Stream::new(0)).sentence(0).to_vec()
}

#[test]
fn a_beam_as_wide_as_the_language_sorts_all_of_it_by_any_length() {
    let language = language();
    assert_eq!(language.len(), 1 + 3 + 9 + 27 + 81);
    for length in [LengthNorm::None, LengthNorm::Mean, LengthNorm::Gnmt(0.6)] {
        let model = random(1, 1.0);
        let found = Beam { width: 400, length, ..Beam::default() }.search(&model, &[()], &[]).remove(0);
        let mut expected: Vec<(Vec<u32>, f64)> = language
            .iter()
            .map(|sentence| {
                (sentence.clone(), length.score(log_probability(&model, &(), sentence), sentence.len()))
            })
            .collect();
        expected.sort_by(|a, b| b.1.total_cmp(&a.1));
        assert_eq!(found.len(), expected.len());
        for (found, (sentence, score)) in found.iter().zip(expected) {
            assert!((found.score - score).abs() < 1e-4, "{length}: {found:?}, expected {sentence:?} {score}");
            let log_p = log_probability(&model, &(), &found.tokens);
            assert!((found.log_probability - log_p).abs() < 1e-4);
        }
    }
}

#[test]
fn no_beam_is_worse_than_greedy_decoding() {
    for seed in 0..60 {
        let model = random(seed, 2.5);
        let likeliest = greedy(&model, &());
        let log_p = log_probability(&model, &(), &likeliest);
        for (width, groups) in [(1, 1), (2, 1), (2, 2), (3, 1), (4, 2), (6, 3)] {
            for length in [LengthNorm::None, LengthNorm::Mean, LengthNorm::Gnmt(1.0)] {
                let beam = Beam { width, groups, diversity: 0.7, length };
                let found = beam.search(&model, &[()], &[]).remove(0);
                let least = length.score(log_p, likeliest.len());
                assert!(found[0].score >= least - 1e-4, "seed {seed}, {beam:?}: {found:?}, greedy {least}");
                assert!(found.len() <= width && found.is_sorted_by(|a, b| a.score >= b.score));
                let distinct =
                    found.iter().enumerate().all(|(i, a)| found[..i].iter().all(|b| a.tokens != b.tokens));
                assert!(distinct, "{found:?}");
            }
        }
    }
}

/// Token 0 starts; the likeliest path begins with 1, a beam of two prefers 2 after two steps, and loses.
fn trap() -> ClassTable {
    let mut p = Array3::from_elem((1, 7, 7), 1e-30f32);
    let mut row =
        |from: usize, to: &[(usize, f32)]| to.iter().for_each(|&(token, share)| p[[0, from, token]] = share);
    row(0, &[(1, 0.4), (2, 0.35), (6, 0.25)]);
    row(1, &[(3, 0.34), (4, 0.33), (5, 0.33)]);
    row(2, &[(2, 0.5), (6, 0.5)]);
    row(3, &[(3, 1.0)]);
    row(6, &[(1, 0.25), (2, 0.25), (4, 0.25), (6, 0.25)]);
    row(4, &[(4, 1.0)]);
    row(5, &[(5, 1.0)]);
    ClassTable { logits: p.ln(), steps: 4 }
}

#[test]
fn the_greedy_sentence_is_found_although_it_falls_out_of_the_beam() {
    let model = trap();
    assert_eq!(greedy(&model, &0), [1, 3, 3, 3]);
    // 0.4 · 0.34 against 0.35 · 0.5 after two tokens; the others go on with 0.5 or less.
    let found = beam_search(&model, &0, &[], 2);
    assert_eq!(found[0].0, [1, 3, 3, 3]);
    assert!((found[0].1 - (0.4f64 * 0.34).ln()).abs() < 1e-5, "{found:?}");
    assert!(found[1].1 < found[0].1);
}

#[test]
fn contexts_and_prefixes_of_a_batch_do_not_touch_each_other() {
    let model = random(3, 2.0);
    let prefixes: Vec<&[u32]> = [&[][..], &[3], &[2, 4], &[END], &[4]].into_iter().cycle().take(40).collect();
    let beam = Beam { width: 4, groups: 2, ..Beam::default() };
    let together = beam.search(&model, &[(); 40], &prefixes);
    for (prefix, found) in prefixes.iter().zip(&together) {
        let alone = beam.search(&model, &[()], &[prefix]).remove(0);
        assert_eq!(alone.len(), found.len());
        for (alone, found) in alone.iter().zip(found) {
            assert_eq!(alone.tokens, found.tokens);
            assert!(found.tokens.starts_with(prefix));
            // What is given costs nothing.
            let whole = log_probability(&model, &(), &found.tokens);
            let given = log_probability(&model, &(), prefix);
            assert!((found.log_probability - (whole - given)).abs() < 1e-4);
        }
    }
    assert_eq!(together[3], [Hypothesis { tokens: vec![END], log_probability: 0.0, score: 0.0 }]);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a small pool");
    assert_eq!(pool.install(|| beam.search(&model, &[(); 40], &prefixes)), together);
}

#[test]
fn groups_choose_other_tokens() {
    // Every step: 0.5, 0.3, 0.2, whatever stands before.
    let logits = Array3::from_shape_fn((1, 3, 3), |(_, _, token)| [0.5f32, 0.3, 0.2][token].ln());
    let model = ClassTable { logits, steps: 2 };
    let tokens = |diversity| -> Vec<Vec<u32>> {
        let beam = Beam { width: 3, groups: 3, diversity, ..Beam::default() };
        beam.search(&model, &[0], &[]).remove(0).into_iter().map(|found| found.tokens).collect()
    };
    // ln 0.5 − λ < ln 0.3 for λ > 0.511, ln 0.5 − λ < ln 0.2 for λ > 0.916, and ln 0.3 − λ < ln 0.2 for λ > 0.405.
    assert_eq!(tokens(1.0), [[0, 0], [1, 1], [2, 2]]);
    assert_eq!(tokens(0.6), [[0, 0], [1, 1]]);
    // Two groups have chosen 0 by then: ln 0.5 − 2 · 0.3 < ln 0.3.
    assert_eq!(tokens(0.3), [[0, 0], [1, 1]]);
    assert_eq!(tokens(0.0), [[0, 0]]);
}

#[test]
fn settings_out_of_range_are_refused() {
    let usual = Beam::default();
    for (beam, name) in [
        (Beam { width: 0, ..usual }, "beam.width"),
        (Beam { width: 1001, ..usual }, "beam.width"),
        (Beam { groups: 2, ..usual }, "beam.groups"),
        (Beam { groups: 0, ..usual }, "beam.groups"),
        (Beam { diversity: f64::NAN, ..usual }, "beam.diversity"),
    ] {
        assert!(beam.validate().expect_err(name).to_string().contains(name));
    }
}

#[test]
fn a_model_without_numbers_finds_something() {
    let model = ClassTable { logits: Array3::from_elem((1, 2, 2), f32::NAN), steps: 2 };
    let found = Beam::new(3).search(&model, &[0], &[&[1]]).remove(0);
    assert_eq!((found.len(), found[0].log_probability), (1, f64::NEG_INFINITY));
}

#[test]
fn reranking_adds_the_weighed_second_score() {
    let hypothesis = |token, log_probability| Hypothesis { tokens: vec![token], log_probability, score: 0.0 };
    let mut lists = vec![vec![hypothesis(1, -1.0), hypothesis(2, -2.0)], vec![], vec![hypothesis(3, -3.0)]];
    rerank(&["a", "b", "c"], &mut lists, 0.5, |contexts, sentences| {
        assert_eq!(contexts, ["a", "a", "c"]);
        sentences.iter().map(|sentence| [-4.0, -1.0, -1.0][sentence[0] as usize - 1]).collect()
    });
    let found: Vec<Vec<(u32, f64)>> =
        lists.iter().map(|list| list.iter().map(|found| (found.tokens[0], found.score)).collect()).collect();
    assert_eq!(found, [vec![(2, -2.5), (1, -3.0)], vec![], vec![(3, -3.5)]]);
}

#[test]
fn the_reverse_model_tells_how_likely_the_last_turn_is_after_the_answer() {
    // After an answer that ends with c, the next token is c with probability 0.6, each other one with 0.2.
    let share = |(class, _, token)| if class == token { 0.6f32.ln() } else { 0.2f32.ln() };
    let reverse = BySource {
        table: ClassTable { logits: Array3::from_shape_fn((3, 3, 3), share), steps: 3 },
        end: None,
    };
    let sources: Vec<Source> =
        [&[1u32, 1][..], &[0, 9, 2, 1], &[1], &[1, 1, 1, 1]].map(Source::from).to_vec();
    let found = reverse_scores(&reverse, &sources, &[&[0, 1], &[2], &[], &[1]], Some(9));
    let expected = [2.0 * 0.6f64.ln(), 0.6f64.ln() + 0.2f64.ln(), f64::NEG_INFINITY, 3.0 * 0.6f64.ln()];
    assert!(found.iter().zip(expected).all(|(a, b)| *a == b || (a - b).abs() < 1e-5), "{found:?}");
}
