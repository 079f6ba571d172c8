//! Every term by its formula, on a model whose probabilities are known.

use ndarray::{Array2, Array3, array};

use super::{
    DullReplies, HandMadeReward, RewardTerms, Term, TermValues, coherence, cosine, ease_of_answering,
    information_flow, novelty,
};
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::data::words::{EOU, Tokenizer, Vocabulary};
use crate::evaluation::text::NO_MATCH;
use crate::text::judges::SentenceScorer as _;
use crate::text::models::{BySource, ClassTable};

/// After a source that ends with token c, every next token is c with probability 0.6 and each of two others with 0.2.
fn model(end: Option<u32>) -> BySource {
    let share = |(class, _, token)| if class == token { 0.6f32.ln() } else { 0.2f32.ln() };
    BySource { table: ClassTable { logits: Array3::from_shape_fn((3, 3, 3), share), steps: 3 }, end }
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    assert!(
        found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5),
        "{found:?}, expected {expected:?}"
    );
}

fn source(tokens: &[u32]) -> Source {
    Source::from(tokens)
}

const SIX: f64 = -0.510_825_623_765_990_7; // ln 0.6
const TWO: f64 = -1.609_437_912_434_100_3; // ln 0.2

#[test]
fn an_answer_is_easy_when_dull_replies_are_unlikely() {
    let answers = [Some(source(&[0, 1])), None, Some(source(&[2]))];
    // (ln 0.6 + ln 0.2) / 2 and ln 0.2 after token 1; (ln 0.2 + ln 0.2) / 2 and ln 0.2 after token 2.
    let found = ease_of_answering(&model(None), &answers, &[vec![1, 0], vec![0]]);
    close(&found, &[-((SIX + TWO) / 2.0 + TWO) / 2.0, 0.0, -TWO]);
    // What is beyond the longest sentence, 3 tokens, is cut.
    close(&ease_of_answering(&model(None), &answers[..1], &[vec![1, 1, 1, 0, 0]]), &[-SIX]);
}

#[test]
fn many_answers_are_read_in_parts() {
    let answers: Vec<Option<Source>> = (0..700).map(|i| Some(source(&[i % 3]))).collect();
    let found = ease_of_answering(&model(None), &answers, &[vec![0], vec![0, 0]]);
    let expected: Vec<f64> = (0..700).map(|i| if i % 3 == 0 { -SIX } else { -TWO }).collect();
    close(&found, &expected);
}

#[test]
fn the_flow_is_minus_the_logarithm_of_the_cosine() {
    let of = |a: [f32; 2], b: [f32; 2]| cosine(array![a[0], a[1]].view(), array![b[0], b[1]].view());
    close(
        &[of([1.0, 0.0], [3.0, 0.0]), of([1.0, 1.0], [2.0, 0.0]), of([0.0, 0.0], [1.0, 0.0])],
        &[1.0, 0.5f64.sqrt(), 0.0],
    );
    close(
        &[information_flow(1.0), information_flow(0.5), information_flow(-1.0)],
        &[0.0, 2.0f64.ln(), 1000.0f64.ln()],
    );
}

#[test]
fn coherence_is_the_likelihood_of_both_directions_by_token() {
    let sources = [source(&[9, 0, 9, 1]), source(&[2])];
    let answers = Sequences::new(array![[1, 0, 0], [0, 0, 0]], vec![2, 0]);
    let found = coherence(&model(None), &model(None), &sources, &answers, Some(9));
    // The answer [1, 0] to 1; then the turn [1] after an answer that ends with 0. Nothing was answered to [2].
    close(&found, &[(SIX + TWO) / 2.0 + TWO, -10.0]);
}

#[test]
fn novelty_sees_repetition_and_echoes() {
    let none: [&[u32]; 0] = [];
    // Of the pairs (1,2) (2,1) (1,2) one repeats.
    close(&[novelty(&[1, 2, 1, 2], &none), novelty(&[1, 2, 3], &none)], &[-1.0 / 3.0, 0.0]);
    close(
        &[novelty(&[1, 2, 3], &[&[7, 3, 2, 8][..], &[9]]), novelty(&[1, 2], &[&[1, 2][..]])],
        &[-0.5, -1.0],
    );
    assert_eq!(novelty(&[NO_MATCH], &[[NO_MATCH]]), 0.0);
}

#[test]
fn every_term_is_computed_apart_and_weighed() {
    let model = model(Some(2));
    let vocabulary = Vocabulary::build(Tokenizer::default(), [["no", "yes"]], 1);
    let dull = DullReplies::of_texts(["no", "maybe", "no"], &vocabulary).expect("a known reply");
    assert_eq!((dull.replies(), dull.left_out), (&[vec![4]][..], 1));
    let encode = |turns: &[Source]| {
        Array2::from_shape_fn((turns.len(), 2), |(row, column)| {
            turns[row].iter().filter(|&&t| t as usize == column).count() as f32
        })
    };
    let terms: RewardTerms = "flow=2 coherence=1 repetition=4 length=8".parse().expect("terms");
    let reward = HandMadeReward {
        terms: &terms,
        forward: &model,
        reverse: Some(&model),
        dull: Some(&dull),
        encode: Some(&encode),
        turn_end: Some(EOU),
        unknown: Some(3),
    };
    let sources = [source(&[0, EOU, 1]), source(&[1])];
    let answers = Sequences::new(array![[0, 1, 2], [1, 2, 0]], vec![3, 2]);
    let values = reward.values(&sources, &answers);
    let of = |term| [values[0].get(term), values[1].get(term)];
    close(&of(Term::Ease), &[0.0, 0.0]); // without weight
    // The speaker said [0] before and says [0, 1] now; the other source has one turn, of the other speaker.
    close(&of(Term::Flow), &[0.5 * 2.0f64.ln(), 0.0]);
    // Both sources end with 1: [0, 1, end] and [1, end], then the turn [1, end] after an answer that ends with 1.
    close(&of(Term::Coherence), &[(2.0 * TWO + SIX) / 3.0 + (SIX + TWO) / 2.0, SIX + TWO]);
    close(&of(Term::Repetition), &[-0.5, -1.0]);
    close(&of(Term::Length), &[1.0, 0.5]);
    let scores = reward.score(&sources, &answers);
    for (score, values) in scores.iter().zip(&values) {
        let sum =
            2.0 * values.get(Term::Flow) + values.get(Term::Coherence) + 4.0 * values.get(Term::Repetition);
        assert!((f64::from(*score) - (sum + 8.0 * values.get(Term::Length))).abs() < 1e-5);
    }
    close(&[TermValues::mean(&values).get(Term::Length)], &[0.75]);
}

#[test]
fn a_term_that_cannot_be_computed_is_an_error() {
    let model = model(Some(2));
    for (terms, needed) in
        [("ease=1", "dull replies"), ("flow=1", "an encoder"), ("coherence=1", "a reverse model")]
    {
        let terms = terms.parse().expect("terms");
        let reward = HandMadeReward {
            terms: &terms,
            forward: &model,
            reverse: None,
            dull: None,
            encode: None,
            turn_end: None,
            unknown: None,
        };
        let error = reward.validate().expect_err(needed).to_string();
        assert!(error.contains(needed), "{error}");
    }
}

#[test]
fn terms_are_read_and_wrong_ones_told() {
    let terms: RewardTerms = " ease=0.25,  flow=0.25 coherence=0.5 ".parse().expect("terms");
    assert_eq!(terms, RewardTerms::default());
    assert_eq!(terms.to_string(), "ease=0.25 flow=0.25 coherence=0.5");
    assert_eq!(terms.used().collect::<Vec<_>>(), [Term::Ease, Term::Flow, Term::Coherence]);
    for (text, what) in [
        ("ease", "`ease` has no `=`"),
        ("joy=1", "no term `joy`"),
        ("ease=x", "the weight of `ease` is no finite number"),
        ("ease=inf", "the weight of `ease` is no finite number"),
        ("ease=1 ease=2", "`ease` stands twice"),
        ("", "no term has a weight"),
        ("ease=0", "no term has a weight"),
    ] {
        let error = text.parse::<RewardTerms>().expect_err(text).to_string();
        assert!(
            error.contains(what) && error.contains("of ease, flow, coherence, repetition, length"),
            "{error}"
        );
    }
}

#[test]
fn dull_replies_are_those_with_known_words_only() {
    let words = ["i", "don't", "know", ".", "have", "no", "idea"];
    let tokenizer = Tokenizer { lowercase: true, ..Tokenizer::default() };
    let vocabulary = Vocabulary::build(tokenizer, [words], 1);
    let dull = DullReplies::english(&vocabulary).expect("known replies");
    let shown: Vec<String> = dull.replies().iter().map(|reply| vocabulary.decode(reply)).collect();
    assert_eq!(shown, ["i don't know.", "i have no idea."]);
    assert_eq!(dull.left_out, 10);
    let error =
        DullReplies::english(&Vocabulary::build(tokenizer, [["ja", "nein"]], 1)).expect_err("none is known");
    assert!(error.to_string().contains("12 left out"), "{error}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("dull.txt");
    std::fs::write(&path, "No idea.\n\nI know\r\nwell\n").expect("the folder is writable");
    let dull = DullReplies::read(&path, &vocabulary).expect("known replies");
    assert_eq!((dull.replies().len(), dull.left_out), (2, 1));
    std::fs::write(&path, "well\n").expect("the folder is writable");
    assert!(
        DullReplies::read(&path, &vocabulary)
            .expect_err("none is known")
            .to_string()
            .contains("dull.txt: no dull")
    );
}
