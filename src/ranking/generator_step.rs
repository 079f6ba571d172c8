//! One update of the generator: the policy gradient of its reward, and the likelihood of the observed positives.

use super::example_loss::ExampleLoss;
use super::generator_gradient::{generator_gradient, ranking_gradient};
use super::irgan::RankingPlayers;
use super::live_reward::LiveReward;
use super::metric_reward::{DocumentReward, MetricReward};
use super::objective::Objective;
use super::pool_gradient::pool_gradient;
use super::pools::Pools as _;
use super::reward::RewardShape;
use super::scorer::Scorer;
use super::state::GameState;
use crate::evaluation::Measure;
use crate::game::RewardSource;
use crate::nn::Gradient as _;
use crate::policy_gradient::{Diagnostics, Step};
use crate::seed::Stream;

impl<S: Scorer> RankingPlayers<'_, S> {
    /// From the discriminator's output to the generator's reward.
    pub(super) fn reward_rules(&self) -> (ExampleLoss, RewardShape, RewardSource) {
        let generator = &self.config.generator;
        (self.config.discriminator.loss(self.mode), generator.reward_shape, generator.reward.source)
    }

    /// Stream from which the placebo rewards of this turn are drawn.
    pub(super) fn placebo_stream(&self) -> Stream {
        self.turn.stream(self.stream.named("control"))
    }

    /// Makes one policy-gradient update on a batch of queries.
    pub(super) fn generator_step(
        &self,
        state: &mut GameState<S>,
        queries: &[u32],
        stream: Stream,
    ) -> Diagnostics {
        let config = &self.config.generator;
        let step = match config.reward.measure {
            Some(measure) => self.measured_gradient(measure, state, queries, stream),
            None => self.judged_gradient(state, queries, stream),
        };
        let Some(mut step) = step else { return Diagnostics::default() };
        if config.teacher > 0.0 {
            let (scorer, pools) = (state.generator.model(), self.pools);
            let likelihood = |q: usize, scores: &[f32], d_scores: &mut [f32]| {
                Objective::Mle.gradient(scores, &pools.grades(q), d_scores)
            };
            let (mut observed, _) =
                pool_gradient(scorer, pools, queries, stream.named("teacher"), likelihood);
            observed.multiply(config.teacher / queries.len() as f32);
            step.gradient.accumulate(observed);
        }
        state.baseline.update(&step.mean_rewards);
        state.generator.update(&mut step.gradient);
        step.diagnostics
    }

    /// The policy gradient of the discriminator's reward.
    fn judged_gradient(
        &self,
        state: &GameState<S>,
        queries: &[u32],
        stream: Stream,
    ) -> Option<Step<S::Gradient>> {
        let config = &self.config.generator;
        let (scorer, pools, baseline) = (state.generator.model(), self.pools, &state.baseline);
        match &self.rewards {
            Some(table) => generator_gradient(scorer, pools, table, queries, config, baseline, stream),
            None => {
                let live = self.live_reward(state);
                generator_gradient(scorer, pools, &live, queries, config, baseline, stream)
            }
        }
    }

    /// The policy gradient of a measure's reward, with the discriminator's mixed in.
    fn measured_gradient(
        &self,
        measure: Measure,
        state: &GameState<S>,
        queries: &[u32],
        stream: Stream,
    ) -> Option<Step<S::Gradient>> {
        let config = &self.config.generator;
        let of_documents = || match &self.rewards {
            Some(table) => DocumentReward::Table(table),
            None => DocumentReward::Live(self.live_reward(state)),
        };
        let reward = MetricReward {
            pools: self.pools,
            measure,
            credit: config.metric.credit,
            placebo: config.reward.source,
            stream: self.placebo_stream().named("grades"),
            judge: (!config.learns_alone()).then(|| (config.metric.mix, of_documents())),
            entropy: config.entropy,
        };
        let scorer = state.generator.model();
        ranking_gradient(scorer, self.pools, &reward, queries, config, &state.baseline, stream)
    }

    fn live_reward<'d>(&'d self, state: &'d GameState<S>) -> LiveReward<'d, S> {
        LiveReward {
            scorer: state.discriminator.model(),
            pools: self.pools,
            rules: self.reward_rules(),
            entropy: self.config.generator.entropy,
            stream: self.placebo_stream(),
        }
    }
}
