//! Named settings for answer selection.

use super::AnswerConfig;
use crate::nn::OptimizerConfig;
use crate::ranking::{DiscriminatorConfig, FitConfig, GeneratorConfig, Init, Method, Preset, TrainConfig};

impl TrainConfig {
    /// The settings of `preset` for `method` on questions and answers.
    pub fn for_answers(preset: Preset, method: Method) -> Self {
        match preset {
            Preset::Ours => ours(method),
            Preset::Authors => ours(method),
        }
    }
}

fn ours(method: Method) -> TrainConfig {
    let base = TrainConfig::default();
    let optimizer = OptimizerConfig { learning_rate: 1e-3, weight_decay: 0.0, ..Default::default() };
    let slower = OptimizerConfig { learning_rate: 3e-4, ..optimizer };
    TrainConfig {
        method,
        measure: "AP".into(),
        patience: 10,
        schedule: crate::policy_gradient::Schedule {
            rounds: 30,
            d_epochs: 1,
            redraw_every: 1,
            g_epochs: 1,
            d_first: true,
        },
        answers: Some(AnswerConfig::default()),
        fit: FitConfig { optimizer, batch: 16, epochs: 40, patience: 8, ..base.fit },
        generator: GeneratorConfig { optimizer: slower, init: Init::Baseline(Method::Mle), ..base.generator },
        discriminator: DiscriminatorConfig {
            optimizer: slower,
            init: Init::Baseline(Method::Rns),
            ..base.discriminator
        },
        ..base
    }
}
