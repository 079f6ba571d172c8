//! The discriminator's reward without a table, for pools whose table would be too large.

use ndarray::Array2;

use super::pool_policy::PoolTrace;
use super::reward::{rewarded, shape_rewards};
use super::{Candidates, ExampleLoss, Mode, PoolPolicy, Pools, RewardShape, Scorer};
use crate::game::RewardSource;
use crate::policy_gradient::{Episodes, Reward};
use crate::seed::Stream;

/// The rewards of the discriminator as it stands, made for whatever is scored and kept nowhere: for pools
/// whose table would be too large.
#[derive(Debug)]
pub struct LiveReward<'d, S: Scorer> {
    /// The discriminator.
    pub scorer: &'d S,
    /// Pools that it judges.
    pub pools: &'d S::Pools,
    /// From its output to a reward.
    pub rules: (ExampleLoss, RewardShape, RewardSource),
    /// Weight α of the policy's entropy, as in [`RewardTable::with_entropy`](super::RewardTable::with_entropy).
    pub entropy: f32,
    /// Stream that a placebo draws from: the same for a whole turn.
    pub stream: Stream,
}

impl<S: Scorer> LiveReward<'_, S> {
    pub(super) fn of_scored<C>(&self, queries: &[u32], trace: &PoolTrace<C>) -> Vec<f32> {
        let (loss, shape, control) = self.rules;
        let mut rewards = self.scorer.score(self.pools, trace.scored(queries));
        for (i, &q) in queries.iter().enumerate() {
            let scores = &mut rewards[trace.segments[i].clone()];
            let positives = self.pools.positives(q as usize);
            let references = match (loss.mode, trace.picked(i)) {
                (Mode::Pointwise, _) => vec![],
                (Mode::Pairwise, None) => positives.iter().map(|&p| scores[p as usize]).collect(),
                (Mode::Pairwise, Some(_)) => {
                    let pairs: Vec<_> = positives.iter().map(|&p| (q, p)).collect();
                    self.scorer.score(self.pools, Candidates::Pairs(&pairs))
                }
            };
            shape_rewards(scores, &references, loss, shape);
            control.apply(scores, self.stream.at(u64::from(q)));
        }
        rewards
    }
}

impl<'s, S: Scorer> Reward<PoolPolicy<'s, S>> for LiveReward<'_, S> {
    fn score<'c>(
        &self,
        _policy: &'c PoolPolicy<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
        _stream: Stream,
    ) -> Array2<f32> {
        rewarded(self.of_scored(queries, &episodes.trace).into(), self.entropy, episodes, false).0
    }

    fn judge<'c>(
        &self,
        _policy: &'c PoolPolicy<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
        _stream: Stream,
        needs_expected: bool,
    ) -> (Array2<f32>, Option<Vec<f32>>) {
        rewarded(self.of_scored(queries, &episodes.trace).into(), self.entropy, episodes, needs_expected)
    }
}
