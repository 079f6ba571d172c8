//! Episodes that a generator draws, and the two roles around them.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2};

use crate::seed::Stream;

/// Actions drawn by a policy: B episodes of T steps.
#[derive(Debug)]
pub struct Episodes<T> {
    /// The action of every step, an index into the action set of its state: `[B, T]`.
    pub actions: Array2<u32>,
    /// Importance ratios ρ = π(a) / q(a), 1 where the policy itself was drawn from: `[B, T]`.
    ///
    /// When every action of a context is enumerated once, q is uniform and ρ = A · π(a): the same
    /// mean over draws is then the exact expectation.
    pub importance: Array2<f32>,
    /// Consecutive episodes that share a context; together they cover `0..B`.
    pub groups: Vec<Range<usize>>,
    /// Steps before each episode's end, where episodes end early: what lies beyond counts in no mean.
    pub lengths: Option<Vec<u32>>,
    /// True when each group enumerates its actions instead of drawing them.
    pub enumerated: bool,
    /// Trace of the forward pass, for the policy's backward pass.
    pub trace: T,
}

impl<T> Episodes<T> {
    /// Returns true when `step` of episode `row` was played.
    pub fn is_live(&self, row: usize, step: usize) -> bool {
        self.lengths.as_ref().is_none_or(|lengths| step < lengths[row] as usize)
    }
}

/// A generator: a stochastic policy π_θ(a|c) that can be drawn from and differentiated.
pub trait Policy {
    /// Context of the actions, such as a batch of queries.
    type Context: ?Sized;
    /// Trace that a draw leaves for the backward pass.
    type Trace<'c>
    where
        Self: 'c;
    /// The gradient of the parameters.
    type Gradient;

    /// Draws episodes; item `i` of the context uses the stream `stream.at(i)`.
    fn sample<'c>(&'c self, context: &'c Self::Context, stream: Stream) -> Episodes<Self::Trace<'c>>;

    /// Gradient of `−Σ weight · log π(action)`, `weights: [B, T]`.
    fn backward<'c>(
        &'c self,
        context: &Self::Context,
        episodes: &Episodes<Self::Trace<'c>>,
        weights: ArrayView2<'_, f32>,
    ) -> Self::Gradient;

    /// Mean entropy of the policy over the states visited, and the variance of the estimator
    /// at the logits under `weights: [B, T]`, summed over contexts.
    fn spread<'c>(&'c self, episodes: &Episodes<Self::Trace<'c>>, weights: ArrayView2<'_, f32>)
    -> (f64, f64);

    /// The state of every step as numbers, `[B, T, S]`, for a learned critic; none where a policy has no
    /// such states.
    fn states<'c>(&'c self, _episodes: &Episodes<Self::Trace<'c>>) -> Option<Array3<f32>> {
        None
    }
}

/// Reward of a policy's draws: a discriminator, a rollout, a measure.
pub trait Reward<P: Policy> {
    /// Reward of every step: `[B, T]`.
    fn score<'c>(
        &self,
        policy: &'c P,
        context: &P::Context,
        episodes: &Episodes<P::Trace<'c>>,
        stream: Stream,
    ) -> Array2<f32>;

    /// `Σ_a π(a) R(a)` of every group, where the action set is small enough to score whole.
    fn expected<'c>(
        &self,
        _policy: &'c P,
        _context: &P::Context,
        _episodes: &Episodes<P::Trace<'c>>,
    ) -> Option<Vec<f32>> {
        None
    }

    /// [`Reward::score`], and [`Reward::expected`] where it is needed: for rewards that share work between them.
    fn judge<'c>(
        &self,
        policy: &'c P,
        context: &P::Context,
        episodes: &Episodes<P::Trace<'c>>,
        stream: Stream,
        needs_expected: bool,
    ) -> (Array2<f32>, Option<Vec<f32>>) {
        let expected = if needs_expected { self.expected(policy, context, episodes) } else { None };
        (self.score(policy, context, episodes, stream), expected)
    }
}
