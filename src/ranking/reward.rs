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
            let mut rewards = judge(&scores[segments[i].clone()], pools.positives(q as usize), mode, shape);
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

/// Rewards of one pool from the discriminator's `scores`.
fn judge(scores: &[f32], positives: &[u32], mode: Mode, shape: RewardShape) -> Vec<f32> {
    match mode {
        Mode::Pointwise => scores.iter().map(|&f| shape.apply(mode, f)).collect(),
        Mode::Pairwise => {
            let mut rewards = vec![0.0; scores.len()];
            for &positive in positives {
                let reference = scores[positive as usize];
                for (reward, &f) in rewards.iter_mut().zip(scores) {
                    *reward += shape.apply(mode, f - reference);
                }
            }
            let count = positives.len().max(1) as f32;
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
        let mut rewards = Array2::zeros(episodes.actions.raw_dim());
        for (i, group) in episodes.groups.iter().enumerate() {
            let table = self.of(queries[i] as usize);
            let trace = &episodes.trace;
            let logs = &trace.log_probabilities[trace.segments[i].clone()];
            for row in group.clone() {
                let action = episodes.actions[[row, 0]];
                rewards[[row, 0]] = table[trace.candidate(i, action)] - self.entropy * logs[action as usize];
            }
        }
        rewards
    }

    fn expected<'c>(
        &self,
        _policy: &'c Generator<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
    ) -> Option<Vec<f32>> {
        let trace = &episodes.trace;
        let of_query = |(i, &q): (usize, &u32)| {
            let table = self.of(q as usize);
            let segment = trace.segments[i].clone();
            let logs = &trace.log_probabilities[segment.clone()];
            let probabilities = trace.probabilities[segment].iter().zip(0..);
            // In f64 and over the sum of the rounded π: the mean of a constant is that constant.
            let (sum, total) = probabilities.fold((0.0, 0.0), |(sum, total), (&p, action)| {
                let reward = table[trace.candidate(i, action)] - self.entropy * logs[action as usize];
                (sum + f64::from(p) * f64::from(reward), total + f64::from(p))
            });
            (sum / total) as f32
        };
        Some(queries.iter().enumerate().map(of_query).collect())
    }
}
