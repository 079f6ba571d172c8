//! Generator that ranks: K documents of a pool, drawn one after the other from the softmax over those that are left.
//!
//! A ranking is an episode of K steps (Plackett–Luce): `log π(y) = Σ_k log π_k(y_k)`, where π_k is the softmax of the scores of
//! the documents that are not among `y_1 … y_{k−1}`. N of them are drawn of every pool, by Gumbel top-k.

use std::fmt;
use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::Scorer;
use super::next_document::{gradient_of_expectation, place_every_document};
use super::pool_policy::{PoolPolicy, PoolTrace};
use crate::math;
use crate::math::sampling::gumbel_top_k;
use crate::policy_gradient::{Baseline, Episodes, Policy, reinforce_grad_of_ranking};
use crate::seed::Stream;

/// Part of a ranking's worth that each of its ranks is credited with: three unbiased estimators of one gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum RankCredit {
    /// Earnings of the ranking from this rank on, less the mean of the pool's other rankings at this rank.
    #[default]
    RewardToGo,
    /// Earnings of the whole ranking, less the mean of the pool's other rankings.
    WholeRanking,
    /// Expected earnings of this rank over every document that may stand there, and the earnings that follow the one that was drawn
    /// (PL-Rank, Oosterhuis, SIGIR 2021).
    ///
    /// # Differences from the paper
    /// The sum of the weights of a rank, which multiplies π_k, has the expected reward of the rank for the drawn one: the same
    /// mean, less variance.
    PlRank,
}

impl fmt::Display for RankCredit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RewardToGo => "reward-to-go",
            Self::WholeRanking => "whole-ranking",
            Self::PlRank => "pl-rank",
        })
    }
}

impl RankCredit {
    /// Returns the reward baseline that belongs to the estimator.
    pub fn baseline(self) -> Baseline {
        match self {
            Self::RewardToGo | Self::WholeRanking => Baseline::LeaveOneOut,
            Self::PlRank => Baseline::None,
        }
    }

    /// Returns the number of episodes that stand for one ranking of a pool of so many `documents`: itself, and for the expectation over
    /// the next document one of each, which is placed at every rank.
    pub(super) fn episodes(self, documents: usize) -> usize {
        match self {
            Self::RewardToGo | Self::WholeRanking => 1,
            Self::PlRank => 1 + documents,
        }
    }
}

/// Scorer as a policy over rankings of each query's pool; its context is a batch of queries.
pub struct RankingPolicy<'s, S: Scorer> {
    /// The softmax over a pool from which the first document is drawn: its scorer, pools, temperature and candidates.
    pub pool: PoolPolicy<'s, S>,
    /// Rankings N of every pool.
    pub rankings: usize,
    /// Documents K of a ranking; `None` for whole pools, as for those that are smaller.
    pub depth: Option<usize>,
    /// Credit of the ranks.
    pub credit: RankCredit,
}

/// Rankings of one pool: `[N][K]`, places among the scored candidates.
pub(super) type Rankings = Vec<Vec<u32>>;

impl<'s, S: Scorer> RankingPolicy<'s, S> {
    /// N rankings from the `logits` of a pool.
    fn draw(&self, logits: &[f32], stream: Stream) -> Rankings {
        let depth = self.depth.unwrap_or(usize::MAX).min(logits.len());
        if logits.iter().any(|logit| logit.is_nan()) {
            // Scores beyond f32: nothing can be drawn, and the gradient, NaN, tells the loop.
            return vec![(0..depth as u32).collect(); self.rankings];
        }
        let finite: Vec<f32> = logits.iter().map(|&logit| logit.max(f32::MIN)).collect();
        let mut rng = stream.rng();
        let mut ranking =
            || gumbel_top_k(&finite, depth, &mut rng).into_iter().map(|place| place as u32).collect();
        (0..self.rankings).map(|_| ranking()).collect()
    }

    /// The episodes of these rankings of every query.
    pub(super) fn episodes<C>(&self, trace: PoolTrace<C>, rankings: &[Rankings]) -> Episodes<PoolTrace<C>> {
        let block = |i: usize| self.credit.episodes(trace.segments[i].len());
        let rows: usize = rankings.iter().enumerate().map(|(i, drawn)| drawn.len() * block(i)).sum();
        let steps = rankings.iter().flatten().map(Vec::len).max().unwrap_or(0);
        let mut actions = Array2::zeros((rows, steps));
        let mut importance = Array2::ones((rows, steps));
        let (mut groups, mut lengths): (Vec<Range<usize>>, _) = (vec![], Vec::with_capacity(rows));
        for (i, drawn) in rankings.iter().enumerate() {
            let start = lengths.len();
            for ranking in drawn {
                let row = lengths.len();
                lengths.resize(row + block(i), ranking.len() as u32);
                for (step, &action) in ranking.iter().enumerate() {
                    actions[[row, step]] = action;
                }
                if self.credit == RankCredit::PlRank {
                    let probabilities = masses(&trace.log_probabilities[trace.segments[i].clone()]);
                    place_every_document(&probabilities, ranking, row, (&mut actions, &mut importance));
                }
            }
            groups.push(start..lengths.len());
        }
        Episodes { actions, importance, groups, lengths: Some(lengths), enumerated: false, trace }
    }

    /// The gradient at the logits of each ranking of pool `i`, one after the other, given to `take`.
    fn gradients<C>(
        &self,
        episodes: &Episodes<PoolTrace<C>>,
        i: usize,
        weights: ArrayView2<'_, f32>,
        mut take: impl FnMut(Vec<f64>),
    ) {
        let logs = &episodes.trace.log_probabilities[episodes.trace.segments[i].clone()];
        let probabilities = masses(logs);
        let block = self.credit.episodes(logs.len());
        for row in episodes.groups[i].clone().step_by(block) {
            let ranking = ranking_of(episodes, row);
            let mut gradient = vec![0.0; logs.len()];
            match self.credit {
                RankCredit::PlRank => {
                    let weights = weights.slice(ndarray::s![row..row + block, ..]);
                    gradient_of_expectation((logs, &probabilities), &ranking, weights, &mut gradient);
                }
                _ => {
                    let weights = weights.row(row).to_vec().into_iter();
                    reinforce_grad_of_ranking(&probabilities, &ranking, weights, &mut gradient);
                }
            }
            take(gradient);
        }
    }

    /// The gradient of `−Σ weight · log π` at the scores of all that was scored.
    pub(super) fn d_scores<C>(
        &self,
        episodes: &Episodes<PoolTrace<C>>,
        weights: ArrayView2<'_, f32>,
    ) -> Vec<f32> {
        let temperature = f64::from(self.pool.sampling.temperature);
        let mut d_scores = Vec::with_capacity(episodes.trace.probabilities.len());
        for (i, segment) in episodes.trace.segments.iter().enumerate() {
            let mut sum = vec![0.0; segment.len()];
            self.gradients(episodes, i, weights, |gradient| add(&mut sum, &gradient));
            d_scores.extend(sum.into_iter().map(|d| (d / temperature) as f32));
        }
        d_scores
    }
}

/// The ranking that episode `row` is.
pub(super) fn ranking_of<C>(episodes: &Episodes<PoolTrace<C>>, row: usize) -> Vec<u32> {
    let length = episodes.lengths.as_ref().map_or(usize::MAX, |lengths| lengths[row] as usize);
    episodes.actions.row(row).iter().take(length).copied().collect()
}

/// The probabilities of some logarithms, as they fall below f32 where a softmax is sharp.
pub(super) fn masses(log_probabilities: &[f32]) -> Vec<f64> {
    log_probabilities.iter().map(|&log| f64::from(log).exp()).collect()
}

fn add(sum: &mut [f64], terms: &[f64]) {
    sum.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
}

impl<S: Scorer> Policy for RankingPolicy<'_, S> {
    type Context = [u32];
    type Trace<'c>
        = PoolTrace<S::Cache<'c>>
    where
        Self: 'c;
    type Gradient = S::Gradient;

    fn sample<'c>(&'c self, queries: &'c [u32], stream: Stream) -> Episodes<Self::Trace<'c>> {
        let trace = self.pool.trace(queries, stream);
        let of_query = |(&q, segment): (&u32, &Range<usize>)| {
            self.draw(&trace.log_probabilities[segment.clone()], stream.at(u64::from(q)))
        };
        let rankings: Vec<Rankings> = queries.iter().zip(&trace.segments).map(of_query).collect();
        self.episodes(trace, &rankings)
    }

    fn backward<'c>(
        &'c self,
        _queries: &[u32],
        episodes: &Episodes<Self::Trace<'c>>,
        weights: ArrayView2<'_, f32>,
    ) -> S::Gradient {
        let d_scores = self.d_scores(episodes, weights);
        let mut gradient = self.pool.scorer.no_gradient();
        self.pool.scorer.backward(&episodes.trace.cache, &d_scores, &mut gradient);
        gradient
    }

    /// Entropy of the first rank, and N times the sample variance of a ranking's part of the gradient.
    fn spread<'c>(
        &'c self,
        episodes: &Episodes<Self::Trace<'c>>,
        weights: ArrayView2<'_, f32>,
    ) -> (f64, f64) {
        let trace = &episodes.trace;
        let (mut entropy, mut variance) = (0.0, 0.0);
        for (i, segment) in trace.segments.iter().enumerate() {
            let logs = &trace.log_probabilities[segment.clone()];
            entropy -= f64::from(math::dot(&trace.probabilities[segment.clone()], logs));
            let (mut sum, mut squares, mut count) = (vec![0.0; segment.len()], 0.0, 0.0);
            self.gradients(episodes, i, weights, |gradient| {
                squares += gradient.iter().map(|d| d * d).sum::<f64>();
                add(&mut sum, &gradient);
                count += 1.0;
            });
            let norm: f64 = sum.iter().map(|d| d * d).sum();
            if count > 1.0 {
                variance += ((squares - norm / count) * count / (count - 1.0)).max(0.0);
            }
        }
        (entropy / trace.segments.len().max(1) as f64, variance)
    }
}
