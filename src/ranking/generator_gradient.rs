//! The policy gradient of IRGAN's generator over a batch of queries (equation 5).

use super::batch::sum_chunks;
use super::config::GeneratorConfig;
use super::pool_policy::{PoolPolicy, Sampling};
use super::scorer::Scorer;
use crate::nn::Gradient as _;
use crate::policy_gradient::{BaselineState, Reward, Step, policy_gradient};
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
    let sampling = Sampling {
        temperature: config.temperature,
        estimator: config.estimator,
        draws: config.draws,
        lambda: config.lambda,
        candidates: config.candidates,
    };
    let of_chunk = |chunk: &[u32]| {
        let generator = PoolPolicy { scorer, pools, sampling };
        policy_gradient(&generator, rewards, chunk, baseline, config.reduction, queries.len(), stream)
    };
    sum_chunks(pools, queries, of_chunk, |total, part| {
        total.gradient.accumulate(part.gradient);
        total.diagnostics = total.diagnostics.merge(part.diagnostics);
        for (a, b) in total.mean_rewards.iter_mut().zip(part.mean_rewards) {
            *a += (b - *a) * part.diagnostics.contexts as f32 / total.diagnostics.contexts as f32;
        }
    })
}
