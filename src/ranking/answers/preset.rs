//! Named settings for answer selection.

use super::AnswerConfig;
use super::config::filters;
use crate::game::Schedule;
use crate::nn::{Clip, OptimizerConfig};
use crate::policy_gradient::{Baseline, Estimator};
use crate::ranking::{
    ChoiceConfig, DiscriminatorConfig, DrawFrom, FitConfig, GeneratorConfig, Init, Method, Preset,
    RewardShape, TrainConfig,
};

impl TrainConfig {
    /// The settings of `preset` for `method` on questions and answers.
    pub fn for_answers(preset: Preset, method: Method) -> Self {
        match preset {
            Preset::Ours => ours(method),
            Preset::Authors => authors(method),
        }
    }
}

/// Chosen on the validation questions of WikiQA.
fn ours(method: Method) -> TrainConfig {
    let base = TrainConfig::default();
    let optimizer = OptimizerConfig { learning_rate: 3e-3, weight_decay: 0.0, ..Default::default() };
    let slower = OptimizerConfig { learning_rate: 3e-4, ..optimizer };
    TrainConfig {
        method,
        choice: ChoiceConfig::fixed(),
        measure: "AP".into(),
        patience: 8,
        schedule: Schedule {
            rounds: 30,
            d_epochs: 1,
            redraw_every: 1,
            g_epochs: 1,
            d_first: true,
            freeze_d: None,
            freeze_g: None,
        },
        answers: Some(AnswerConfig::default()),
        fit: FitConfig { optimizer, batch: 16, epochs: 30, patience: 6, ..base.fit },
        generator: GeneratorConfig { optimizer: slower, ..base.generator },
        discriminator: DiscriminatorConfig { optimizer: slower, ..base.discriminator },
        ..base
    }
}

/// The IRGAN authors' code for InsuranceQA: pools of 100, scores × 20 before the softmax and × 30 when the
/// generator draws for the discriminator, hinge margin 0.05, Adam with gradients clipped to ±1.
///
/// # Differences from the paper
/// Pools are drawn once a run, and documents with replacement. Both networks start from the same scorer
/// trained with random negatives, the logistic loss and a learning rate of 1e-3.
fn authors(method: Method) -> TrainConfig {
    let ours = ours(method);
    let adam = |learning_rate| OptimizerConfig {
        learning_rate,
        weight_decay: 0.0,
        clip: Clip::Value(1.0),
        ..Default::default()
    };
    TrainConfig {
        answers: Some(AnswerConfig {
            min_count: 1,
            max_words: 200,
            embedding: 100,
            filters: filters(&[1, 2, 3, 5], 500),
            dropout: 0.0,
            overlap: false,
            scale: 1.0,
            pool: 100,
        }),
        fit: FitConfig { optimizer: adam(1e-3), ..ours.fit },
        generator: GeneratorConfig {
            init: Init::Baseline(Method::Rns),
            optimizer: adam(0.005),
            temperature: 1.0 / 20.0,
            estimator: Estimator::Sampled,
            baseline: Baseline::None,
            draws: 5,
            lambda: 0.0,
            reward_shape: RewardShape::Code,
            entropy: 0.0,
            ..ours.generator
        },
        discriminator: DiscriminatorConfig {
            init: Init::Baseline(Method::Rns),
            optimizer: adam(0.05),
            temperature: 1.0 / 30.0,
            uniform: 0.0,
            draws: 5,
            draw_from: DrawFrom::Lower,
            margin: Some(0.05),
            ..ours.discriminator
        },
        ..ours
    }
}
