//! Scoring functions of (query, candidate): what both players are made of.

use super::batch::map_chunks;
use super::pools::Pools;
use crate::nn::{Gradient, Parameters};
use crate::seed::Rng;

/// Which candidates to score, in which order.
#[derive(Clone, Copy, Debug)]
pub enum Candidates<'a> {
    /// The whole pools of these queries, one after the other.
    Pools(&'a [u32]),
    /// Single candidates: (query, index into its pool).
    Pairs(&'a [(u32, u32)]),
}

/// A differentiable scoring function `g_θ(q, d)` or `f_φ(q, d)`.
pub trait Scorer: Parameters {
    /// Pools that hold its candidates.
    type Pools: Pools;
    /// Cache of a forward pass for the backward pass.
    type Cache<'a>;
    /// Gradient: of the scorer's own type, unless only parts of it are touched.
    type Gradient: Gradient;

    /// One score a candidate.
    fn score(&self, pools: &Self::Pools, candidates: Candidates<'_>) -> Vec<f32>;

    /// Scores of the whole pools of `queries`, one after the other; in parallel, and the same for any number
    /// of threads. For scorers that share work between pools to do better.
    fn score_pools(&self, pools: &Self::Pools, queries: &[u32]) -> Vec<f32> {
        map_chunks(pools, queries, |chunk| self.score(pools, Candidates::Pools(chunk))).concat()
    }

    /// Scores of the whole pools of `queries` as by [`score_pools`](Self::score_pools), by all processes that share the pools.
    fn score_together(&self, pools: &Self::Pools, queries: &[u32]) -> Vec<f32> {
        pools.team().joined(queries.len(), |share| self.score_pools(pools, &queries[share]))
    }

    /// One score a candidate, and the cache; `rng` draws the dropout masks of training.
    fn forward<'a>(
        &self,
        pools: &'a Self::Pools,
        candidates: Candidates<'_>,
        rng: &mut Rng,
    ) -> (Vec<f32>, Self::Cache<'a>);

    /// Returns true when scores are linear in the parameters: an objective that is convex in the scores has one minimum.
    fn is_linear(&self) -> bool {
        false
    }

    /// A gradient of zero.
    fn no_gradient(&self) -> Self::Gradient;

    /// Adds the gradient of `Σ d_scores · scores` to `gradient`.
    fn backward(&self, cache: &Self::Cache<'_>, d_scores: &[f32], gradient: &mut Self::Gradient);
}
