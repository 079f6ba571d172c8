//! What the discriminator pays the generator for a document (IRGAN, equations 7 and 10).

use std::ops::Range;

use clap::ValueEnum;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::batch::segments;
use super::generator::PoolTrace;
use super::{Generator, Pools, Scorer};
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::policy_gradient::{Episodes, Reward, RewardControl};
use crate::seed::Stream;

/// Whether the discriminator judges documents one by one or against an observed positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// `D(d|q) = σ(f(q, d))`.
    Pointwise,
    /// `D(⟨d_i, d_j⟩|q) = σ(f(q, d_i) − f(q, d_j))`.
    #[default]
    Pairwise,
}

/// How a discriminator's output x becomes a reward: `x = f(q, d)` pointwise, `x = f(q, d) − f(q, d⁺)`
/// pairwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RewardShape {
    /// The paper's `log(1 + exp x)`.
    #[default]
    Paper,
    /// The authors' code: `2 (σ(x) − ½)` pointwise, `log σ(x)` pairwise.
    Code,
}

impl RewardShape {
    fn apply(self, mode: Mode, x: f32) -> f32 {
        match (self, mode) {
            (Self::Paper, _) => simd::softplus1(x),
            (Self::Code, Mode::Pointwise) => 2.0 * (simd::sigmoid1(x) - 0.5),
            (Self::Code, Mode::Pairwise) => -simd::softplus1(-x),
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
        (mode, shape, control): (Mode, RewardShape, RewardControl),
        stream: Stream,
    ) -> Self {
        let scores = scorer.score_pools(pools, queries);
        let mut starts = vec![0; pools.queries() + 1];
        for &q in queries {
            starts[q as usize + 1] = pools.candidates(q as usize);
        }
        for q in 1..starts.len() {
            starts[q] += starts[q - 1];
        }
        let segments = segments(pools, queries);
        let of_query = |i: usize| {
            let q = queries[i];
            let scores = &scores[segments[i].clone()];
            let references: Vec<f32> = match mode {
                Mode::Pointwise => vec![],
                Mode::Pairwise => pools.positives(q as usize).iter().map(|&p| scores[p as usize]).collect(),
            };
            let mut rewards = shaped(scores, &references, mode, shape);
            control.apply(&mut rewards, stream.at(u64::from(q)));
            rewards
        };
        let mut rewards = vec![0.0; scores.len()];
        for (i, part) in ordered_map(queries.len(), of_query).into_iter().enumerate() {
            let start = starts[queries[i] as usize];
            rewards[start..start + part.len()].copy_from_slice(&part);
        }
        Self { rewards, starts, entropy: 0.0 }
    }

    /// Adds the policy's entropy to what it is paid: every action earns `−α log π(a)` more.
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

    /// Whether no reward is NaN or infinite.
    pub(super) fn is_finite(&self) -> bool {
        self.rewards.iter().all(|reward| reward.is_finite())
    }

    fn range(&self, query: usize) -> Range<usize> {
        self.starts[query]..self.starts[query + 1]
    }
}

/// Rewards of one pool from the discriminator's `scores`, and those of the positives it compares with.
pub(super) fn shaped(scores: &[f32], references: &[f32], mode: Mode, shape: RewardShape) -> Vec<f32> {
    match mode {
        Mode::Pointwise => scores.iter().map(|&f| shape.apply(mode, f)).collect(),
        Mode::Pairwise => {
            let mut rewards = vec![0.0; scores.len()];
            for &reference in references {
                for (reward, &f) in rewards.iter_mut().zip(scores) {
                    *reward += shape.apply(mode, f - reference);
                }
            }
            let count = references.len().max(1) as f32;
            rewards.iter_mut().for_each(|reward| *reward /= count);
            rewards
        }
    }
}

impl<'s, S: Scorer> Reward<Generator<'s, S>> for RewardTable {
    fn score<'c>(
        &self,
        _policy: &'c Generator<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
        _stream: Stream,
    ) -> Array2<f32> {
        drawn(&self.of_scored(queries, &episodes.trace), self.entropy, episodes)
    }

    fn expected<'c>(
        &self,
        _policy: &'c Generator<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
    ) -> Option<Vec<f32>> {
        Some(means(&self.of_scored(queries, &episodes.trace), self.entropy, &episodes.trace))
    }

    fn judge<'c>(
        &self,
        _policy: &'c Generator<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
        _stream: Stream,
        needs_expected: bool,
    ) -> (Array2<f32>, Option<Vec<f32>>) {
        let (rewards, trace) = (self.of_scored(queries, &episodes.trace), &episodes.trace);
        let expected = needs_expected.then(|| means(&rewards, self.entropy, trace));
        (drawn(&rewards, self.entropy, episodes), expected)
    }
}

impl RewardTable {
    /// The rewards of the candidates that a trace scored, in its order.
    fn of_scored<C>(&self, queries: &[u32], trace: &PoolTrace<C>) -> Vec<f32> {
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
        rewards
    }
}

/// The rewards of the actions of `episodes`, from those of all that was scored: `[B, 1]`.
pub(super) fn drawn<C>(rewards: &[f32], entropy: f32, episodes: &Episodes<PoolTrace<C>>) -> Array2<f32> {
    let trace = &episodes.trace;
    if episodes.enumerated {
        let logs = trace.log_probabilities.iter();
        let drawn = rewards.iter().zip(logs).map(|(reward, log)| reward - entropy * log).collect();
        return Array2::from_shape_vec((rewards.len(), 1), drawn).expect("one reward an action");
    }
    let actions = episodes.actions.as_slice().expect("actions are contiguous");
    let mut drawn = Vec::with_capacity(actions.len());
    for (segment, group) in trace.segments.iter().zip(&episodes.groups) {
        let (rewards, logs) = (&rewards[segment.clone()], &trace.log_probabilities[segment.clone()]);
        let of = |&action: &u32| rewards[action as usize] - entropy * logs[action as usize];
        drawn.extend(actions[group.clone()].iter().map(of));
    }
    Array2::from_shape_vec((actions.len(), 1), drawn).expect("one reward an action")
}

/// `Σ_a π(a) R(a)` of every segment, from the rewards of all that was scored.
pub(super) fn means<C>(rewards: &[f32], entropy: f32, trace: &PoolTrace<C>) -> Vec<f32> {
    let of_segment = |segment: &Range<usize>| {
        let (rewards, logs) = (&rewards[segment.clone()], &trace.log_probabilities[segment.clone()]);
        let probabilities = &trace.probabilities[segment.clone()];
        // In f64 and over the sum of the rounded π: the mean of a constant is that constant.
        let (mut sum, mut total) = (0.0, 0.0);
        for ((&p, &reward), &log) in probabilities.iter().zip(rewards).zip(logs) {
            sum += f64::from(p) * f64::from(reward - entropy * log);
            total += f64::from(p);
        }
        (sum / total) as f32
    };
    trace.segments.iter().map(of_segment).collect()
}
