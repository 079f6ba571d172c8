//! Rewards of the generator by the discriminator (IRGAN, equations 7 and 10).

use std::borrow::Cow;
use std::ops::Range;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::batch::segments;
use super::example_loss::{ExampleLoss, Mode};
use super::pool_policy::PoolTrace;
use super::{PoolPolicy, Pools, Scorer};
use crate::game::{Divergence, RewardSource};
use crate::math::parallel::ordered_map;
use crate::math::{axpy, simd};
use crate::policy_gradient::{Episodes, Reward};
use crate::seed::Stream;

/// Reward of a discriminator's output x: `x = f(q, d)` pointwise, `x = f(q, d) − f(q, d⁺)` pairwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum RewardShape {
    /// The paper's `log(1 + exp x)`; of another divergence than the logistic one [`Divergence::reward`].
    #[default]
    Paper,
    /// The authors' code: `2 (σ(x) − ½)` pointwise, `log σ(x)` pairwise.
    Code,
    /// Activation `g(x)` of the divergence, which does not saturate where the discriminator wins (f-GAN, section 3.2).
    Activation,
}

impl RewardShape {
    /// Outputs become rewards.
    fn apply(self, ExampleLoss { mode, divergence, .. }: ExampleLoss, outputs: &mut [f32]) {
        match (self, mode) {
            (Self::Paper, _) if matches!(divergence, Divergence::LOGISTIC | Divergence::Hinge(_)) => {
                simd::softplus(outputs);
            }
            (Self::Paper, _) => outputs.iter_mut().for_each(|x| *x = divergence.reward(*x)),
            (Self::Activation, _) => outputs.iter_mut().for_each(|x| *x = divergence.activation(*x)),
            (Self::Code, Mode::Pointwise) => {
                simd::sigmoid(outputs);
                outputs.iter_mut().for_each(|x| *x = 2.0 * (*x - 0.5));
            }
            (Self::Code, Mode::Pairwise) => {
                outputs.iter_mut().for_each(|x| *x = -*x);
                simd::softplus(outputs);
                outputs.iter_mut().for_each(|x| *x = -*x);
            }
        }
    }
}

/// The reward of every candidate of every pool, made once per turn of the generator.
///
/// # Differences from the paper
/// The pairwise reward of a document is its mean over the query's observed positives, instead of
/// the reward against the one positive it was drawn for: the same expectation, less variance.
#[derive(Clone, Debug)]
pub struct RewardTable {
    rewards: Vec<f32>,
    starts: Vec<usize>, // [Q + 1]; a query without a table has an empty range
    entropy: f32,
}

impl RewardTable {
    /// Rewards of the pools of `queries` by the discriminator `scorer`.
    pub fn new<S: Scorer>(
        scorer: &S,
        pools: &S::Pools,
        queries: &[u32],
        (loss, shape, control): (ExampleLoss, RewardShape, RewardSource),
        stream: Stream,
    ) -> Self {
        let mut starts = vec![0; pools.queries() + 1];
        for &q in queries {
            starts[q as usize + 1] = pools.candidates(q as usize);
        }
        for q in 1..starts.len() {
            starts[q] += starts[q - 1];
        }
        let of_query = |q: u32, scores: &[f32]| {
            let references: Vec<f32> = match loss.mode {
                Mode::Pointwise => vec![],
                Mode::Pairwise => pools.positives(q as usize).iter().map(|&p| scores[p as usize]).collect(),
            };
            let mut rewards = scores.to_vec();
            shape_rewards(&mut rewards, &references, loss, shape);
            control.apply(&mut rewards, stream.at(u64::from(q)));
            rewards
        };
        let in_order = pools.team().joined(queries.len(), |share| {
            let queries = &queries[share];
            let (scores, segments) = (scorer.score_pools(pools, queries), segments(pools, queries));
            ordered_map(queries.len(), |i| of_query(queries[i], &scores[segments[i].clone()])).concat()
        });
        let mut rewards = vec![0.0; in_order.len()];
        for (&q, segment) in queries.iter().zip(segments(pools, queries)) {
            rewards[starts[q as usize]..starts[q as usize + 1]].copy_from_slice(&in_order[segment]);
        }
        Self { rewards, starts, entropy: 0.0 }
    }

    /// Adds the policy's entropy to the rewards: every action earns `−α log π(a)` more.
    ///
    /// The policy gradient of `R(a) − α log π(a)`, taken as a number, is that of `E[R] + α H(π)`.
    #[must_use]
    pub fn with_entropy(self, alpha: f32) -> Self {
        Self { entropy: alpha, ..self }
    }

    /// The rewards of one query's pool.
    pub fn of(&self, query: usize) -> &[f32] {
        &self.rewards[self.range(query)]
    }

    /// Returns true when no reward is NaN or infinite.
    pub(super) fn is_finite(&self) -> bool {
        self.rewards.iter().all(|reward| reward.is_finite())
    }

    fn range(&self, query: usize) -> Range<usize> {
        self.starts[query]..self.starts[query + 1]
    }
}

/// The discriminator's `scores` of one pool become rewards; `references` are those of the positives it compares with.
pub(super) fn shape_rewards(scores: &mut [f32], references: &[f32], loss: ExampleLoss, shape: RewardShape) {
    match loss.mode {
        Mode::Pointwise => shape.apply(loss, scores),
        Mode::Pairwise => {
            let mut sums = vec![0.0; scores.len()];
            for &reference in references {
                let mut differences: Vec<f32> = scores.iter().map(|f| f - reference).collect();
                shape.apply(loss, &mut differences);
                sums.iter_mut().zip(&differences).for_each(|(sum, reward)| *sum += reward);
            }
            let count = references.len().max(1) as f32;
            scores.iter_mut().zip(sums).for_each(|(reward, sum)| *reward = sum / count);
        }
    }
}

impl<'s, S: Scorer> Reward<PoolPolicy<'s, S>> for RewardTable {
    fn score<'c>(
        &self,
        _policy: &'c PoolPolicy<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
        _stream: Stream,
    ) -> Array2<f32> {
        rewarded(self.of_scored(queries, &episodes.trace), self.entropy, episodes, false).0
    }

    fn expected<'c>(
        &self,
        _policy: &'c PoolPolicy<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
    ) -> Option<Vec<f32>> {
        rewarded(self.of_scored(queries, &episodes.trace), self.entropy, episodes, true).1
    }

    fn judge<'c>(
        &self,
        _policy: &'c PoolPolicy<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
        _stream: Stream,
        needs_expected: bool,
    ) -> (Array2<f32>, Option<Vec<f32>>) {
        rewarded(self.of_scored(queries, &episodes.trace), self.entropy, episodes, needs_expected)
    }
}

impl RewardTable {
    /// The rewards of the candidates that a trace scored, in its order.
    pub(super) fn of_scored<C>(&self, queries: &[u32], trace: &PoolTrace<C>) -> Cow<'_, [f32]> {
        if let (&[query], None) = (queries, trace.picked(0)) {
            return self.of(query as usize).into();
        }
        let mut rewards = Vec::with_capacity(trace.probabilities.len());
        for (i, &q) in queries.iter().enumerate() {
            let table = self.of(q as usize);
            match trace.picked(i) {
                None => rewards.extend_from_slice(table),
                Some(picked) => {
                    rewards.extend(picked.iter().map(|&(_, candidate)| table[candidate as usize]));
                }
            }
        }
        rewards.into()
    }
}

/// Returns the rewards of the actions of `episodes`, `[B, 1]`, from the `rewards` of all that was scored and the policy's
/// entropy; and `Σ_a π(a) R(a)` of every segment, where it is needed.
pub(super) fn rewarded<C>(
    mut rewards: Cow<'_, [f32]>,
    entropy: f32,
    episodes: &Episodes<PoolTrace<C>>,
    needs_expected: bool,
) -> (Array2<f32>, Option<Vec<f32>>) {
    let trace = &episodes.trace;
    if entropy != 0.0 {
        axpy(-entropy, &trace.log_probabilities, rewards.to_mut());
    }
    let mean = |segment: &Range<usize>| {
        let (rewards, probabilities) = (&rewards[segment.clone()], &trace.probabilities[segment.clone()]);
        // In f64 and over the sum of the rounded π: the mean of a constant is that constant.
        (simd::sum_of_products(rewards, probabilities) / simd::sum(probabilities)) as f32
    };
    let expected = needs_expected.then(|| trace.segments.iter().map(mean).collect());
    let drawn = if episodes.enumerated { rewards.into_owned() } else { drawn(&rewards, episodes) };
    (Array2::from_shape_vec((drawn.len(), 1), drawn).expect("one reward an action"), expected)
}

fn drawn<C>(rewards: &[f32], episodes: &Episodes<PoolTrace<C>>) -> Vec<f32> {
    let actions = episodes.actions.as_slice().expect("actions are contiguous");
    let mut drawn = Vec::with_capacity(actions.len());
    for (segment, group) in episodes.trace.segments.iter().zip(&episodes.groups) {
        let rewards = &rewards[segment.clone()];
        drawn.extend(actions[group.clone()].iter().map(|&action| rewards[action as usize]));
    }
    drawn
}
