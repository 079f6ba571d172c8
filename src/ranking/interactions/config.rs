//! Settings that only interactions have.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::game::Schedule;
use crate::nn::{Initializer, OptimizerConfig, Rule};
use crate::policy_gradient::{Baseline, Estimator};
use crate::ranking::config::require;
use crate::ranking::{
    DiscriminatorConfig, DrawFrom, FitConfig, GeneratorConfig, Init, Method, Preset, RewardShape, TrainConfig,
};

/// Factors, and the closed forms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct InteractionsConfig {
    /// Rank of the factors that learn.
    pub rank: usize,
    /// Distribution of the initial factors.
    pub initializer: Initializer,
    /// Rank of PureSVD.
    pub svd_rank: usize,
    /// Ridge λ of EASE.
    pub ridge: f64,
    /// Neighbours of an item (item-KNN).
    pub neighbours: usize,
    /// What is added to the denominator of a cosine (item-KNN).
    pub shrinkage: f32,
}

impl Default for InteractionsConfig {
    fn default() -> Self {
        Self {
            rank: 32,
            initializer: Initializer::Uniform(0.05),
            svd_rank: 10,
            ridge: 500.0,
            neighbours: 100,
            shrinkage: 10.0,
        }
    }
}

/// A higher rank is a slip of the keyboard.
const HIGHEST_RANK: usize = 1 << 14;

impl InteractionsConfig {
    /// Refuses settings that are out of range.
    pub(in crate::ranking) fn validate(&self) -> Result<()> {
        require((1..=HIGHEST_RANK).contains(&self.rank), || {
            format!("the rank must lie in 1 to {HIGHEST_RANK}")
        })?;
        require((1..=HIGHEST_RANK).contains(&self.svd_rank), || {
            format!("the rank of PureSVD must lie in 1 to {HIGHEST_RANK}")
        })?;
        require(self.ridge > 0.0 && self.ridge.is_finite(), || "the ridge must be above 0".into())?;
        require(self.shrinkage >= 0.0 && self.shrinkage.is_finite(), || {
            "the shrinkage must not be negative".into()
        })?;
        require(self.neighbours > 0, || "an item needs at least one neighbour".into())
    }
}

/// The settings of `preset` for `method` on interactions.
pub fn preset(preset: Preset, method: Method) -> TrainConfig {
    match preset {
        Preset::Ours => ours(method),
        Preset::Authors => authors(method),
    }
}

/// The generator starts from EASE and the discriminator from PureSVD; both move in small steps, since both are
/// good already.
fn ours(method: Method) -> TrainConfig {
    let base = TrainConfig::default();
    let adam = |learning_rate| OptimizerConfig { learning_rate, ..Default::default() };
    TrainConfig {
        method,
        measure: "nDCG@5".into(),
        patience: 10,
        schedule: Schedule { rounds: 12, ..base.schedule },
        fit: FitConfig { patience: 20, ..base.fit },
        generator: GeneratorConfig {
            init: Init::Baseline(Method::Ease),
            optimizer: adam(3e-6),
            batch: 64,
            temperature: 0.1,
            reward_shape: RewardShape::Code,
            entropy: 0.02,
            ..base.generator
        },
        discriminator: DiscriminatorConfig {
            init: Init::Baseline(Method::PureSvd),
            optimizer: adam(1e-5),
            batch: 512,
            temperature: 0.1,
            ..base.discriminator
        },
        ..base
    }
}

/// The authors' code for MovieLens: rank 5, plain SGD, 15 × (100 d redrawn every 5, 50 g).
///
/// Their losses are sums over a batch of 16 lines, 8 positives and 8 drawn; here gradients are means over
/// examples, hence the step is 8 times theirs (1e-3), and the decay an eighth (of 0.1 a line).
fn authors(method: Method) -> TrainConfig {
    let sgd = |learning_rate, weight_decay| OptimizerConfig {
        rule: Rule::Sgd,
        learning_rate,
        weight_decay,
        ..Default::default()
    };
    let base = ours(method);
    TrainConfig {
        patience: 15,
        schedule: Schedule { rounds: 15, d_epochs: 100, redraw_every: 5, g_epochs: 50, d_first: true },
        interactions: InteractionsConfig { rank: 5, ..base.interactions },
        fit: FitConfig { draws: 1, ..base.fit },
        generator: GeneratorConfig {
            init: Init::Baseline(Method::Dns),
            optimizer: sgd(1e-3, 0.0),
            batch: 1,
            estimator: Estimator::Sampled,
            baseline: Baseline::None,
            draws: 2,
            lambda: 0.2,
            temperature: 1.0,
            reward_shape: RewardShape::Code,
            entropy: 0.0,
            ..base.generator
        },
        discriminator: DiscriminatorConfig {
            init: Init::None,
            optimizer: sgd(8e-3, 0.1 / 8.0),
            batch: 8,
            temperature: 0.2,
            uniform: 0.0,
            draws: 1,
            draw_from: DrawFrom::Pool,
            margin: None,
        },
        ..base
    }
}
