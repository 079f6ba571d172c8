//! The policy gradient of IRGAN's generator over a batch of queries (equation 5), and of one that is rewarded for rankings.

use super::batch::sum_chunks;
use super::config::{GeneratorConfig, TrainConfig};
use super::metric_reward::MetricReward;
use super::pool_policy::{PoolPolicy, Sampling};
use super::pools::Pools;
use super::ranking_policy::RankingPolicy;
use super::scorer::Scorer;
use crate::error::{Error, Result};
use crate::nn::Gradient;
use crate::policy_gradient::{BaselineState, Diagnostics, Policy, Reduction, Reward, Step, policy_gradient};
use crate::seed::Stream;

/// Returns the policy gradient of a generator over a batch of queries, or `None` without queries: one batched pass, in
/// parallel by chunks of queries, summed in order.
pub fn generator_gradient<'s, S: Scorer, R: Reward<PoolPolicy<'s, S>> + Sync>(
    scorer: &'s S,
    pools: &'s S::Pools,
    rewards: &R,
    queries: &[u32],
    config: &GeneratorConfig,
    baseline: &BaselineState,
    stream: Stream,
) -> Option<Step<S::Gradient>> {
    let policy = PoolPolicy { scorer, pools, sampling: sampling(config) };
    let zero = || scorer.no_gradient();
    summed(&policy, pools, rewards, queries, zero, (baseline, config.reduction), stream)
}

/// Returns the policy gradient of a generator of rankings, as [`generator_gradient`] does for one of single documents. The reward
/// among its diagnostics is the mean worth of the rankings, that of the first rank.
pub fn ranking_gradient<'s, S: Scorer>(
    scorer: &'s S,
    pools: &'s S::Pools,
    reward: &MetricReward<'_, S>,
    queries: &[u32],
    config: &GeneratorConfig,
    baseline: &BaselineState,
    stream: Stream,
) -> Option<Step<S::Gradient>> {
    let policy = RankingPolicy {
        pool: PoolPolicy { scorer, pools, sampling: sampling(config) },
        rankings: config.metric.rankings,
        depth: reward.measure.cutoff(),
        credit: config.metric.credit,
    };
    let zero = || scorer.no_gradient();
    let mut step = summed(&policy, pools, reward, queries, zero, (baseline, config.reduction), stream)?;
    step.diagnostics.reward = step.mean_rewards.first().copied().map_or(0.0, f64::from);
    Some(step)
}

/// Refuses pools whose rankings would take too much memory, where an estimator weighs every document at every rank.
pub(super) fn refuse_large(config: &TrainConfig, pools: &impl Pools) -> Result<()> {
    let GeneratorConfig { reward, metric, candidates, .. } = config.generator;
    let limit = if candidates == 0 { usize::MAX } else { candidates };
    let largest =
        pools.trainable().iter().map(|&q| pools.candidates(q as usize)).max().unwrap_or(0).min(limit);
    let depth = reward.measure.and_then(|measure| measure.cutoff()).unwrap_or(largest).min(largest);
    let weights = metric.credit.episodes(largest).saturating_mul(metric.rankings).saturating_mul(depth);
    if weights <= MOST_WEIGHTS {
        return Ok(());
    }
    Err(Error::Config(format!(
        "{} rankings of {depth} documents from a pool of {largest} take {weights} weights by `generator.metric.credit` {}: choose \
         reward-to-go, a measure with a smaller cut-off, or fewer `generator.metric.rankings`",
        metric.rankings, metric.credit
    )))
}

/// Weights of the rankings of one pool: 20 bytes each.
const MOST_WEIGHTS: usize = 1 << 24;

fn sampling(config: &GeneratorConfig) -> Sampling {
    Sampling {
        temperature: config.temperature,
        estimator: config.estimator,
        draws: config.draws,
        lambda: config.lambda,
        candidates: config.candidates,
    }
}

/// The policy gradient of any policy over the pools of some queries.
fn summed<P, R>(
    policy: &P,
    pools: &impl Pools,
    rewards: &R,
    queries: &[u32],
    zero: impl Fn() -> P::Gradient,
    (baseline, reduction): (&BaselineState, Reduction),
    stream: Stream,
) -> Option<Step<P::Gradient>>
where
    P: Policy<Context = [u32]> + Sync,
    P::Gradient: Gradient + Send,
    R: Reward<P> + Sync,
{
    type Counted = (Diagnostics, Vec<f32>);
    let of_chunk = |chunk: &[u32]| {
        let step = policy_gradient(policy, rewards, chunk, baseline, reduction, queries.len(), stream);
        (step.gradient, (step.diagnostics, step.mean_rewards))
    };
    let add = |(total, mean_rewards): &mut Counted, (part, means): Counted| {
        *total = total.merge(part);
        for (a, b) in mean_rewards.iter_mut().zip(means) {
            *a += (b - *a) * part.contexts as f32 / total.contexts as f32;
        }
    };
    let (gradient, (diagnostics, mean_rewards)) = sum_chunks(pools, queries, zero, of_chunk, add)?;
    Some(Step { gradient, mean_rewards, experience: None, diagnostics }) // critics learn from sentences alone
}
