//! Settings of the generator.

use serde::{Deserialize, Serialize};

use super::generator_reward::GeneratorReward;
use super::method::{Init, Method};
use super::metric::MetricConfig;
use crate::nn::OptimizerConfig;
use crate::policy_gradient::{Baseline, Estimator, Reduction};
use crate::ranking::reward::RewardShape;

/// Settings of the generator and its gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GeneratorConfig {
    /// Network that it starts from.
    pub init: Init,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// Queries in a mini-batch; 0 takes all.
    pub batch: usize,
    /// Temperature τ of its softmax while it learns.
    pub temperature: f32,
    /// Exact or sampled gradient.
    pub estimator: Estimator,
    /// Baseline that is subtracted from the reward.
    pub baseline: Baseline,
    /// Sum or mean over draws.
    pub reduction: Reduction,
    /// Draws per observed positive (sampled estimator).
    pub draws: usize,
    /// Share λ of the proposal given to observed positives (sampled estimator).
    pub lambda: f32,
    /// Candidates drawn from larger pools before the softmax; 0 takes whole pools.
    pub candidates: usize,
    /// From the discriminator's output to a reward.
    pub reward_shape: RewardShape,
    /// The discriminator's reward, a measure's, or a placebo.
    pub reward: GeneratorReward,
    /// Settings of a measure's reward.
    pub metric: MetricConfig,
    /// Weight α of the policy's entropy in its objective: `E[R] + α H(π)`. The optimum is then
    /// `π ∝ exp(R / α)` instead of the one best document.
    pub entropy: f32,
    /// Weight of the likelihood of the observed positives in its loss (teacher forcing).
    pub teacher: f32,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self {
            init: Init::Baseline(Method::Mle),
            optimizer: OptimizerConfig { learning_rate: 5e-4, weight_decay: 1e-4, ..Default::default() },
            batch: 16,
            temperature: 1.0,
            estimator: Estimator::Exact,
            baseline: Baseline::Expected,
            reduction: Reduction::Mean,
            draws: 5,
            lambda: 0.5,
            candidates: 0,
            reward_shape: RewardShape::Paper,
            reward: GeneratorReward::default(),
            metric: MetricConfig::default(),
            entropy: 0.3,
            teacher: 0.0,
        }
    }
}

impl GeneratorConfig {
    /// Returns true where a measure alone is the reward, so that there is no discriminator.
    pub fn learns_alone(&self) -> bool {
        self.reward.measure.is_some() && self.metric.mix == 0.0
    }

    /// Returns the baseline of the reward: of a measure's the one that belongs to its credit.
    pub fn reward_baseline(&self) -> Baseline {
        self.reward.measure.map_or(self.baseline, |_| self.metric.credit.baseline())
    }
}
