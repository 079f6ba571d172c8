//! IRGAN's generator: `p_θ(d|q) = softmax(g_θ(q, d) / τ)` over the query's pool (section 2.2).

use std::borrow::Cow;
use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use super::pools::nth_outside;
use super::{Candidates, Pools, Scorer};
use crate::math::{self, sampling, simd};
use crate::policy_gradient::{
    Episodes, Estimator, Policy, Proposal, draw_variance, reinforce_grad_from, reinforce_grad_of_all,
};
use crate::seed::Stream;

/// Settings of a generator's draws.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    /// Temperature τ of the softmax.
    pub temperature: f32,
    /// Exact enumeration of the pool, or draws.
    pub estimator: Estimator,
    /// Draws per observed positive of the query (sampled estimator).
    pub draws: usize,
    /// Share λ of the proposal that goes to the observed positives (sampled estimator).
    pub lambda: f32,
    /// The softmax is taken over this many candidates drawn uniformly from larger pools; 0 takes
    /// the whole pool.
    pub candidates: usize,
}

/// Scorer as a policy over the documents of each query; its context is a batch of queries.
#[derive(Debug)]
pub struct PoolPolicy<'s, S: Scorer> {
    /// The network `g_θ`.
    pub scorer: &'s S,
    /// The pools it draws from.
    pub pools: &'s S::Pools,
    /// Settings of its draws.
    pub sampling: Sampling,
}

/// Trace of a forward pass over some pools, for the backward pass.
#[derive(Debug)]
pub struct PoolTrace<C> {
    pub(super) cache: C,
    /// Each query's segment of the scored candidates.
    pub(super) segments: Vec<Range<usize>>,
    /// log π of every scored candidate.
    pub(super) log_probabilities: Vec<f32>,
    /// π of every scored candidate.
    pub(super) probabilities: Vec<f32>,
    picked: Option<Vec<(u32, u32)>>, // the candidates, when only some of each pool are scored
}

impl<C> PoolTrace<C> {
    /// The candidates of segment `i` as (query, index into its pool), when only some of each pool are scored.
    pub(super) fn picked(&self, i: usize) -> Option<&[(u32, u32)]> {
        self.picked.as_ref().map(|picked| &picked[self.segments[i].clone()])
    }

    /// Candidates of the pools of `queries` that were scored.
    pub(super) fn scored<'a>(&'a self, queries: &'a [u32]) -> Candidates<'a> {
        self.picked.as_deref().map_or(Candidates::Pools(queries), Candidates::Pairs)
    }
}

impl<'s, S: Scorer> PoolPolicy<'s, S> {
    pub(super) fn trace(&self, queries: &[u32], stream: Stream) -> PoolTrace<S::Cache<'s>> {
        let (pools, limit) = (self.pools, self.sampling.candidates);
        let large = |&q: &u32| limit > 0 && pools.candidates(q as usize) > limit;
        let picked = queries.iter().any(large).then(|| pick(pools, queries, limit, stream));
        let candidates = picked.as_deref().map_or(Candidates::Pools(queries), Candidates::Pairs);
        let first = queries.first().map_or(0, |&q| u64::from(q));
        let mut rng = stream.named("dropout").at(first).rng();
        let (mut log_probabilities, cache) = self.scorer.forward(pools, candidates, &mut rng);
        if self.sampling.temperature != 1.0 {
            log_probabilities.iter_mut().for_each(|score| *score /= self.sampling.temperature);
        }

        let mut start = 0;
        let mut segment = |length: usize| {
            start += length;
            start - length..start
        };
        let bounded = |q: u32| match pools.candidates(q as usize) {
            all if limit == 0 => all,
            all => all.min(limit),
        };
        let segments: Vec<_> = queries.iter().map(|&q| segment(bounded(q))).collect();
        let mut probabilities = vec![0.0; log_probabilities.len()];
        for range in &segments {
            let logits = &mut log_probabilities[range.clone()];
            simd::softmax_and_log(logits, &mut probabilities[range.clone()]);
        }
        PoolTrace { cache, segments, log_probabilities, probabilities, picked }
    }

    /// Every candidate once, ρ = A·π: the exact expectation.
    fn enumerate<C>(trace: PoolTrace<C>) -> Episodes<PoolTrace<C>> {
        let total = trace.probabilities.len();
        let (mut actions, mut importance) = (Vec::with_capacity(total), Vec::with_capacity(total));
        for segment in &trace.segments {
            let count = segment.len() as f32;
            actions.extend(0..segment.len() as u32);
            importance.extend(trace.probabilities[segment.clone()].iter().map(|p| count * p));
        }
        let actions = Array2::from_shape_vec((total, 1), actions).expect("one action a candidate");
        let importance = Array2::from_shape_vec((total, 1), importance).expect("one ratio a candidate");
        Episodes {
            actions,
            importance,
            groups: trace.segments.clone(),
            lengths: None,
            enumerated: true,
            trace,
        }
    }

    /// `draws` candidates for every observed positive, from the proposal.
    fn draw<C>(&self, queries: &[u32], trace: PoolTrace<C>, stream: Stream) -> Episodes<PoolTrace<C>> {
        let (mut actions, mut importance, mut groups) = (vec![], vec![], vec![]);
        for (i, &q) in queries.iter().enumerate() {
            let observed = self.pools.positives(q as usize);
            let local: Cow<'_, [u32]> = match &trace.picked {
                None => observed.into(),
                Some(picked) => {
                    let segment = picked[trace.segments[i].clone()].iter().zip(0..);
                    segment.filter(|((_, c), _)| observed.binary_search(c).is_ok()).map(|(_, k)| k).collect()
                }
            };
            let probabilities = &trace.probabilities[trace.segments[i].clone()];
            let (start, draws) = (actions.len(), self.sampling.draws * observed.len());
            if !simd::sum(probabilities).is_finite() {
                // Scores beyond f32: nothing can be drawn, and NaN tells the loop.
                actions.resize(start + draws, 0);
                importance.resize(start + draws, f32::NAN);
                groups.push(start..actions.len());
                continue;
            }
            let proposal = Proposal::new(probabilities, &local, self.sampling.lambda);
            let mut rng = stream.at(u64::from(q)).rng();
            proposal.draw(draws, &mut rng, &mut actions, &mut importance);
            groups.push(start..actions.len());
        }
        let shape = (actions.len(), 1);
        Episodes {
            actions: Array2::from_shape_vec(shape, actions).expect("one action a draw"),
            importance: Array2::from_shape_vec(shape, importance).expect("one ratio a draw"),
            groups,
            lengths: None,
            enumerated: false,
            trace,
        }
    }
}

/// At most `limit` candidates of every pool, uniformly and in the order of the pool; where positives are kept,
/// as many of them as fill half of the limit, and uniformly drawn others.
fn pick<P: Pools>(pools: &P, queries: &[u32], limit: usize, stream: Stream) -> Vec<(u32, u32)> {
    let mut picked = vec![];
    for &q in queries {
        let all = pools.candidates(q as usize);
        let mut rng = stream.named("candidates").at(u64::from(q)).rng();
        let mut subset = |n: usize, k: usize| sampling::subset(n, k, &mut rng).into_iter();
        let positives = if P::KEEPS_POSITIVES { pools.positives(q as usize) } else { &[] };
        let mut chosen: Vec<u32> = if all <= limit {
            (0..all as u32).collect()
        } else if positives.is_empty() {
            subset(all, limit).map(|c| c as u32).collect()
        } else {
            let kept = positives.len().min(limit.div_ceil(2));
            let kept: Vec<u32> = subset(positives.len(), kept).map(|i| positives[i]).collect();
            let others = all - positives.len();
            let drawn = (limit - kept.len()).min(others);
            // Where nearly everything is positive, more positives fill the pool up.
            let more = limit - kept.len() - drawn;
            let mut rest = positives.iter().copied().filter(|p| kept.binary_search(p).is_err());
            let more: Vec<u32> = rest.by_ref().take(more).collect();
            let outside = subset(others, drawn).map(|n| nth_outside(positives, n as u32));
            outside.chain(kept).chain(more).collect()
        };
        chosen.sort_unstable();
        picked.extend(chosen.into_iter().map(|candidate| (q, candidate)));
    }
    picked
}

impl<S: Scorer> Policy for PoolPolicy<'_, S> {
    type Context = [u32];
    type Trace<'c>
        = PoolTrace<S::Cache<'c>>
    where
        Self: 'c;
    type Gradient = S::Gradient;

    fn sample<'c>(&'c self, queries: &'c [u32], stream: Stream) -> Episodes<Self::Trace<'c>> {
        let trace = self.trace(queries, stream);
        match self.sampling.estimator {
            Estimator::Exact => Self::enumerate(trace),
            Estimator::Sampled => self.draw(queries, trace, stream),
        }
    }

    fn backward<'c>(
        &'c self,
        _queries: &[u32],
        episodes: &Episodes<Self::Trace<'c>>,
        weights: ArrayView2<'_, f32>,
    ) -> S::Gradient {
        let trace = &episodes.trace;
        let mut d_scores = trace.probabilities.clone();
        let actions = episodes.actions.as_slice().expect("actions are contiguous");
        let weights = weights.to_slice().expect("weights are contiguous");
        let temperature = self.sampling.temperature;
        for (segment, group) in trace.segments.iter().zip(&episodes.groups) {
            let (weights, d_scores) = (&weights[group.clone()], &mut d_scores[segment.clone()]);
            if episodes.enumerated {
                reinforce_grad_of_all(weights, temperature, d_scores);
                continue;
            }
            reinforce_grad_from(
                &trace.log_probabilities[segment.clone()],
                &actions[group.clone()],
                weights.iter().copied(),
                temperature,
                d_scores,
            );
        }
        let mut gradient = self.scorer.no_gradient();
        self.scorer.backward(&trace.cache, &d_scores, &mut gradient);
        gradient
    }

    fn spread<'c>(
        &'c self,
        episodes: &Episodes<Self::Trace<'c>>,
        weights: ArrayView2<'_, f32>,
    ) -> (f64, f64) {
        let trace = &episodes.trace;
        let weights = weights.to_slice().expect("weights are contiguous");
        let actions = episodes.actions.as_slice().expect("actions are contiguous");
        let (mut entropy, mut variance) = (0.0, 0.0);
        for (segment, group) in trace.segments.iter().zip(&episodes.groups) {
            let probabilities = &trace.probabilities[segment.clone()];
            let logs = &trace.log_probabilities[segment.clone()];
            entropy -= f64::from(math::dot(probabilities, logs));
            if !episodes.enumerated {
                variance += draw_variance(probabilities, &actions[group.clone()], &weights[group.clone()]);
            }
        }
        (entropy / trace.segments.len().max(1) as f64, variance)
    }
}
