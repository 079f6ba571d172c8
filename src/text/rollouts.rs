//! Monte Carlo rollouts: completions of every prefix of a sentence.

use ndarray::{Array2, s};
use rand::Rng as _;

use super::models::{BatchState as _, LanguageModel, Reading as _, keep_unfinished};
use crate::data::sentences::Sequences;
use crate::seed::Rng;

/// Completions of the prefixes of a batch.
pub(super) struct Completed {
    /// Completed sentences.
    pub sentences: Sequences,
    /// Sentence and length of the prefix that each was made from.
    pub origins: Vec<(usize, usize)>,
}

/// Completes every proper prefix of every sentence `rollouts` times, each by `rng(sentence, length, rollout)`.
///
/// The states of all prefixes come from one reading, and all rollouts advance together.
pub(super) fn roll_out<M: LanguageModel>(
    writer: &M,
    contexts: &[M::Context],
    sentences: &Sequences,
    rollouts: usize,
    rng: impl Fn(usize, usize, usize) -> Rng,
) -> Completed {
    let end = writer.limits().end;
    let steps = sentences.steps();
    let reading = writer.read(contexts, sentences.tokens());
    let origins = origins(sentences, rollouts);
    let mut tokens = begun(sentences, &origins);
    let mut lengths = vec![steps as u32; origins.len()];
    let mut rngs: Vec<Rng> =
        origins.iter().enumerate().map(|(i, &(row, prefix))| rng(row, prefix, i % rollouts.max(1))).collect();

    let (mut active, mut last): (Vec<usize>, Vec<u32>) = (vec![], vec![]);
    let mut state = writer.start(&[]);
    let mut started = 0;
    for step in 1..steps {
        // Older rollouts read their last token and write one more.
        if !active.is_empty() {
            state = writer.advance(&last, &state);
            let uniforms: Vec<f64> = active.iter().map(|&i| rngs[i].random()).collect();
            last = writer.next_tokens(&state, 1, &uniforms);
        }
        // Those of this prefix write their first: several draws from one distribution.
        let rows: Vec<usize> = longer_than(sentences, step).collect();
        let fresh: Vec<usize> = (started..started + rows.len() * rollouts).collect();
        started += fresh.len();
        let uniforms: Vec<f64> = fresh.iter().map(|&i| rngs[i].random()).collect();
        let base = reading.state(step).select(&rows);
        last.extend(writer.next_tokens(&base, rollouts, &uniforms));
        let repeated: Vec<usize> = (0..fresh.len()).map(|i| i / rollouts.max(1)).collect();
        state.append(&base.select(&repeated));
        active.extend(fresh);

        for (&i, &token) in active.iter().zip(&last) {
            tokens[[i, step]] = token;
            if Some(token) == end {
                lengths[i] = step as u32 + 1;
            }
        }
        keep_unfinished(end, &mut active, &mut last, &mut state);
    }
    Completed { sentences: Sequences::new(tokens, lengths), origins }
}

/// Returns the sentences of more than `prefix` tokens.
fn longer_than(sentences: &Sequences, prefix: usize) -> impl Iterator<Item = usize> {
    let lengths = sentences.lengths().iter().enumerate();
    lengths.filter(move |&(_, &length)| prefix < length as usize).map(|(row, _)| row)
}

/// Returns (sentence, length of the prefix) of every rollout, by length, then by sentence.
fn origins(sentences: &Sequences, rollouts: usize) -> Vec<(usize, usize)> {
    let mut origins = vec![];
    for prefix in 1..sentences.steps() {
        for row in longer_than(sentences, prefix) {
            origins.extend(std::iter::repeat_n((row, prefix), rollouts));
        }
    }
    origins
}

/// Returns the prefixes that rollouts begin with: `[rollouts, T]`, 0 where nothing is written yet.
fn begun(sentences: &Sequences, origins: &[(usize, usize)]) -> Array2<u32> {
    let mut tokens = Array2::zeros((origins.len(), sentences.steps()));
    for (mut out, &(row, prefix)) in tokens.rows_mut().into_iter().zip(origins) {
        out.slice_mut(s![..prefix]).assign(&sentences.tokens().slice(s![row, ..prefix]));
    }
    tokens
}
