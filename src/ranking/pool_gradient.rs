//! Gradient of an objective over whole pools.

use super::batch::sum_chunks;
use super::pools::Pools;
use super::scorer::{Candidates, Scorer};
use crate::seed::Stream;

/// Gradient and summed loss of a listwise objective over the pools of `queries`.
///
/// `objective` gets a query and its scores, writes the gradient at the scores, returns the loss.
pub(super) fn pool_gradient<S: Scorer>(
    scorer: &S,
    pools: &S::Pools,
    queries: &[u32],
    stream: Stream,
    objective: impl Fn(usize, &[f32], &mut [f32]) -> f64 + Sync,
) -> (S::Gradient, f64) {
    let of_chunk = |chunk: &[u32]| {
        let first = chunk.first().map_or(0, |&q| u64::from(q));
        let (scores, cache) = scorer.forward(pools, Candidates::Pools(chunk), &mut stream.at(first).rng());
        let mut d_scores = vec![0.0; scores.len()];
        let (mut loss, mut start) = (0.0, 0);
        for &q in chunk {
            let end = start + pools.candidates(q as usize);
            loss += objective(q as usize, &scores[start..end], &mut d_scores[start..end]);
            start = end;
        }
        let mut gradient = scorer.no_gradient();
        scorer.backward(&cache, &d_scores, &mut gradient);
        (gradient, loss)
    };
    let zero = || scorer.no_gradient();
    sum_chunks(pools, queries, zero, of_chunk, |loss, more| *loss += more).unwrap_or_else(|| (zero(), 0.0))
}
