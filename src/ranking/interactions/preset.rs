//! Presets for interactions.

use super::config::InteractionsConfig;
use crate::game::{Divergence, Schedule};
use crate::nn::{OptimizerConfig, Rule};
use crate::policy_gradient::{Baseline, Estimator};
use crate::ranking::{
    ChoiceConfig, DiscriminatorConfig, DrawFrom, FitConfig, GeneratorConfig, Init, Method, Preset,
    RewardShape, TrainConfig,
};

/// The settings of `preset` for `method` on interactions.
pub fn preset(preset: Preset, method: Method) -> TrainConfig {
    match preset {
        Preset::Ours => ours(method),
        Preset::Authors => authors(method),
    }
}

/// The generator starts from EASE and the discriminator from iALS; both move in small steps, since both are
/// good already.
fn ours(method: Method) -> TrainConfig {
    let base = TrainConfig::default();
    let adam = |learning_rate| OptimizerConfig { learning_rate, ..Default::default() };
    TrainConfig {
        method,
        choice: ChoiceConfig { folds: 5, ..ChoiceConfig::fixed() },
        measure: "nDCG@5".into(),
        patience: 10,
        schedule: Schedule { rounds: 12, ..base.schedule },
        fit: FitConfig {
            patience: 20,
            optimizer: OptimizerConfig { weight_decay: 3e-5, ..base.fit.optimizer },
            ..base.fit
        },
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
            init: Init::Baseline(Method::Ials),
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
        choice: ChoiceConfig::fixed(),
        patience: 15,
        schedule: Schedule {
            rounds: 15,
            d_epochs: 100,
            redraw_every: 5,
            g_epochs: 50,
            d_first: true,
            freeze_d: None,
            freeze_g: None,
        },
        interactions: InteractionsConfig { rank: 5, ..base.interactions },
        fit: FitConfig { draws: 1, optimizer: FitConfig::default().optimizer, ..base.fit },
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
            divergence: Divergence::LOGISTIC,
            label_smoothing: 0.0,
            replay: 0.0,
            margin: None,
        },
        ..base
    }
}
