//! Reranking of n-best lists by a second score, such as mutual information (Li et al., 2016).
//!
//! ```text
//! log p(answer | source) + λ · log p(source | answer)
//! ```
//! The mutual information of source and answer favours answers that fit this source and no other: a dull one is likely
//! after every source, and therefore tells little about it.

use super::settings::Hypothesis;
use crate::data::pairs::{Source, last_turn};
use crate::data::sentences::{Sequences, without_end};
use crate::text::models::{LanguageModel, SentenceLimits};

/// Sentences scored at a time.
const CHUNK: usize = 512;

/// Sets the score of every hypothesis to `log-probability + weight · second score`, and sorts each list by it, larger first;
/// equal ones keep their order.
///
/// `second` returns the scores of sentences, each with its context; `lists: [B]` are those of `contexts: [B]`.
///
/// # Panics
/// When there is not one list a context, or `second` does not return one score a sentence.
pub fn rerank<C: Clone>(
    contexts: &[C],
    lists: &mut [Vec<Hypothesis>],
    weight: f64,
    second: impl FnOnce(&[C], &[&[u32]]) -> Vec<f64>,
) {
    assert_eq!(contexts.len(), lists.len(), "one list a context");
    let repeated: Vec<C> =
        contexts.iter().zip(&*lists).flat_map(|(context, list)| vec![context.clone(); list.len()]).collect();
    let sentences: Vec<&[u32]> = lists.iter().flatten().map(|found| found.tokens.as_slice()).collect();
    let scores = second(&repeated, &sentences);
    assert_eq!(scores.len(), repeated.len(), "one score a sentence");
    for (found, score) in lists.iter_mut().flatten().zip(scores) {
        found.score = found.log_probability + weight * score;
    }
    lists.iter_mut().for_each(|list| list.sort_by(|a, b| b.score.total_cmp(&a.score)));
}

/// Returns `log p(source | answer)` of every pair under a `reverse` model, which was trained on
/// [`Pairs::reversed`](crate::data::pairs::Pairs::reversed): `[B]`.
///
/// Of a source with turns, by `turn_end`, it is the likelihood of the last turn. A turn that is longer than the model's
/// sentences is read up to their length. After an answer without a word the source is impossible.
pub fn reverse_scores<M: LanguageModel<Context = Source>>(
    reverse: &M,
    sources: &[Source],
    answers: &[&[u32]],
    turn_end: Option<u32>,
) -> Vec<f64> {
    let found = reverse_log_probabilities(reverse, sources, answers, turn_end);
    found.into_iter().map(|found| found.map_or(f64::NEG_INFINITY, |(log_p, _)| log_p)).collect()
}

/// Returns `log p(source | answer)` of every pair with the number of tokens that it is of, as [`reverse_scores`] says;
/// `None` after an answer without a word.
pub(in crate::text) fn reverse_log_probabilities<M: LanguageModel<Context = Source>>(
    reverse: &M,
    sources: &[Source],
    answers: &[&[u32]],
    turn_end: Option<u32>,
) -> Vec<Option<(f64, usize)>> {
    let SentenceLimits { steps, end, .. } = reverse.limits();
    let words: Vec<&[u32]> = answers.iter().map(|answer| without_end(answer, end)).collect();
    let some: Vec<usize> = (0..words.len()).filter(|&row| !words[row].is_empty()).collect();
    let mut found = vec![None; words.len()];
    for rows in some.chunks(CHUNK) {
        let contexts: Vec<Source> = rows.iter().map(|&row| Source::from(words[row])).collect();
        let turn = |&row: &usize| -> Vec<u32> {
            last_turn(&sources[row], turn_end).iter().copied().chain(end).take(steps).collect()
        };
        let turns: Vec<Vec<u32>> = rows.iter().map(turn).collect();
        let log_p = reverse.log_probabilities(&contexts, &Sequences::of_rows(&turns, steps));
        for ((&row, log_p), turn) in rows.iter().zip(log_p.rows()).zip(&turns) {
            found[row] = Some((log_p.iter().map(|&value| f64::from(value)).sum(), turn.len()));
        }
    }
    found
}
