//! Presets for feature vectors: our own settings, and those of the authors' LETOR code.

use super::choice::ChoiceConfig;
use super::discriminator::DiscriminatorConfig;
use super::generator::GeneratorConfig;
use super::method::{Init, Method};
use super::preset::Preset;
use super::training::TrainConfig;
use crate::game::Schedule;
use crate::nn::{OptimizerConfig, Rule};
use crate::policy_gradient::{Baseline, Estimator};
use crate::ranking::negatives::DrawFrom;
use crate::ranking::reward::RewardShape;

impl TrainConfig {
    /// Returns the settings of `preset` for `method`.
    pub fn preset(preset: Preset, method: Method) -> Self {
        match (preset, method) {
            (Preset::Ours, _) => Self { method, ..Self::default() },
            (Preset::Authors, Method::IrganPointwise) => Self::authors_pointwise(),
            (Preset::Authors, _) => Self { method, ..Self::authors_pairwise() },
        }
    }

    /// LETOR, pairwise: both players start from DNS, plain SGD, batch 8, 30 × (30 d, 50 g).
    fn authors_pairwise() -> Self {
        let sgd = |learning_rate| OptimizerConfig {
            rule: Rule::Sgd,
            learning_rate,
            weight_decay: 0.01,
            ..Default::default()
        };
        let ours = Self::default();
        Self {
            method: Method::IrganPairwise,
            patience: 30,
            choice: ChoiceConfig::fixed(),
            schedule: Schedule {
                rounds: 30,
                d_epochs: 30,
                redraw_every: 30,
                g_epochs: 50,
                d_first: true,
                freeze_d: None,
                freeze_g: None,
            },
            generator: GeneratorConfig {
                init: Init::Baseline(Method::Dns),
                optimizer: sgd(5e-4),
                batch: 1,
                estimator: Estimator::Sampled,
                baseline: Baseline::None,
                draws: 1,
                lambda: 0.0,
                reward_shape: RewardShape::Code,
                entropy: 0.0,
                ..ours.generator
            },
            discriminator: DiscriminatorConfig {
                init: Init::Baseline(Method::Dns),
                optimizer: sgd(1e-4),
                batch: 8,
                uniform: 0.0,
                draws: 1,
                draw_from: DrawFrom::Pool,
                ..ours.discriminator
            },
            ..ours
        }
    }

    /// LETOR, pointwise: τ 0.2, λ 0.5, 5 draws a positive, 30 × (100 d redrawn every 30, 30 g).
    fn authors_pointwise() -> Self {
        let pairwise = Self::authors_pairwise();
        let optimizer = OptimizerConfig { learning_rate: 1e-3, ..pairwise.generator.optimizer };
        Self {
            method: Method::IrganPointwise,
            schedule: Schedule { d_epochs: 100, redraw_every: 30, g_epochs: 30, ..pairwise.schedule },
            generator: GeneratorConfig {
                optimizer,
                temperature: 0.2,
                draws: 5,
                lambda: 0.5,
                ..pairwise.generator
            },
            discriminator: DiscriminatorConfig { optimizer, temperature: 0.2, ..pairwise.discriminator },
            ..pairwise
        }
    }
}
