//! Formulas of the terms.

use ndarray::ArrayView1;

use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::evaluation::text::{common_words, repetition};
use crate::text::beam::reverse_log_probabilities;
use crate::text::models::LanguageModel;

/// Least cosine whose logarithm is taken: the information flow is at most `−ln 0.001`, 6.9.
const LEAST_COSINE: f64 = 1e-3;

/// Log-probability of a token of the source, in nats, after an answer without a word.
const IMPOSSIBLE: f64 = -10.0;

/// Pairs of contexts and sentences read at a time.
const CHUNK: usize = 512;

/// Returns how easy each of `answers` is to answer: `−1/N Σ_s 1/|s| log p(s | answer)` over N dull replies s (equation 1),
/// where |s| counts the end too. Larger is better.
///
/// `model` is one of maximum likelihood; `answers: [B]` are without ends, and one without a word (`None`) is worth 0, as
/// if a dull reply were certain. `dull` replies have their ends; what is beyond the model's longest sentence is cut.
pub fn ease_of_answering<M: LanguageModel<Context = Source>>(
    model: &M,
    answers: &[Option<Source>],
    dull: &[Vec<u32>],
) -> Vec<f64> {
    let steps = model.limits().steps;
    let dull: Vec<&[u32]> = dull.iter().map(|reply| &reply[..reply.len().min(steps)]).collect();
    let some: Vec<usize> = (0..answers.len()).filter(|&row| answers[row].is_some()).collect();
    let mut ease = vec![0.0; answers.len()];
    for rows in some.chunks((CHUNK / dull.len().max(1)).max(1)) {
        let contexts: Vec<Source> =
            rows.iter().flat_map(|&row| vec![answers[row].clone().expect("some"); dull.len()]).collect();
        let sentences: Vec<&[u32]> = rows.iter().flat_map(|_| dull.iter().copied()).collect();
        let log_p = means(model, &contexts, &Sequences::of_rows(&sentences, steps));
        for (&row, log_p) in rows.iter().zip(log_p.chunks(dull.len())) {
            ease[row] = -log_p.iter().sum::<f64>() / dull.len() as f64;
        }
    }
    ease
}

/// Returns the information flow between two turns of one speaker, `−log cos` of the angle between their vectors
/// (equation 2): 0 for turns that say the same.
///
/// # Differences from the paper
/// The logarithm of a cosine that is not positive does not exist; a cosine counts as 0.001 at least.
pub fn information_flow(cosine: f64) -> f64 {
    -cosine.clamp(LEAST_COSINE, 1.0).ln()
}

/// Returns the cosine of the angle between two vectors; 0 where one has no length.
pub fn cosine(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f64 {
    let product = |a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>| -> f64 {
        a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
    let lengths = (product(a, a) * product(b, b)).sqrt();
    if lengths > 0.0 { product(a, b) / lengths } else { 0.0 }
}

/// Returns the semantic coherence of answers, `1/|a| log p(a | source) + 1/|q| log p(q | a)`, where q is the last turn of the
/// source (equation 3): `[B]`. Lengths count the ends.
///
/// `reverse` is a model of sources given answers; see [`reverse_scores`](crate::text::reverse_scores). After an answer
/// without a word a token of the source counts as `e^−10`.
pub fn coherence<M: LanguageModel<Context = Source>>(
    model: &M,
    reverse: &M,
    sources: &[Source],
    answers: &Sequences,
    turn_end: Option<u32>,
) -> Vec<f64> {
    let forward = means(model, sources, answers);
    let sentences: Vec<&[u32]> = answers.iter().collect();
    let back = reverse_log_probabilities(reverse, sources, &sentences, turn_end);
    let back = back.into_iter().map(|found| found.map_or(IMPOSSIBLE, |(sum, tokens)| sum / tokens as f64));
    forward.into_iter().zip(back).map(|(forward, back)| forward + back).collect()
}

/// Returns how new the words of an answer are: minus the share of its pairs of words that repeat one of it, or the largest
/// share of words that it has in common with one of the `turns` before, whichever is larger. 0 is best, −1 worst.
pub fn novelty<T: AsRef<[u32]>>(answer: &[u32], turns: &[T]) -> f64 {
    let repeated = turns.iter().map(|turn| common_words(turn.as_ref(), answer));
    -repeated.fold(repetition(&[answer], 2), f64::max)
}

/// Returns the mean log-probability of a token of each sentence; 0 for one without tokens.
fn means<M: LanguageModel>(model: &M, contexts: &[M::Context], sentences: &Sequences) -> Vec<f64> {
    let log_p = model.log_probabilities(contexts, sentences);
    let sums = log_p.rows().into_iter().map(|row| row.iter().map(|&value| f64::from(value)).sum::<f64>());
    sums.zip(sentences.lengths()).map(|(sum, &length)| sum / f64::from(length.max(1))).collect()
}
