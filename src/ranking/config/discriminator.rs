//! Settings of the discriminator.

use serde::{Deserialize, Serialize};

use super::method::{Init, Method};
use crate::game::Divergence;
use crate::nn::OptimizerConfig;
use crate::ranking::example_loss::{ExampleLoss, Mode};
use crate::ranking::negatives::DrawFrom;

/// Settings of the discriminator and its examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DiscriminatorConfig {
    /// Network that it starts from.
    pub init: Init,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// Examples in a mini-batch; 0 takes all.
    pub batch: usize,
    /// Temperature of the generator's softmax when it draws for the discriminator.
    pub temperature: f32,
    /// Share of uniform draws mixed in.
    pub uniform: f32,
    /// Documents drawn per observed positive.
    pub draws: usize,
    /// Which documents may be drawn.
    pub draw_from: DrawFrom,
    /// Divergence between observed positives and drawn documents that it minimises.
    #[serde(skip_serializing_if = "Divergence::is_logistic")]
    pub divergence: Divergence,
    /// Share ε of one-sided label smoothing: an observed positive is real with 1 − ε only.
    pub label_smoothing: f32,
    /// Share of the drawn documents that were drawn in earlier rounds.
    pub replay: f32,
    /// Margin of a hinge loss in the place of the logistic one (pairwise).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f32>,
}

impl DiscriminatorConfig {
    /// Returns the loss of its epochs.
    pub fn loss(&self, mode: Mode) -> ExampleLoss {
        let divergence = match (mode, self.margin) {
            (Mode::Pairwise, Some(margin)) => Divergence::Hinge(margin),
            _ => self.divergence,
        };
        ExampleLoss { mode, divergence, smoothing: self.label_smoothing }
    }
}

impl Default for DiscriminatorConfig {
    fn default() -> Self {
        Self {
            init: Init::Baseline(Method::Rns),
            optimizer: OptimizerConfig { learning_rate: 5e-4, weight_decay: 1e-4, ..Default::default() },
            batch: 128,
            temperature: 1.0,
            uniform: 0.5,
            draws: 5,
            draw_from: DrawFrom::Lower,
            divergence: Divergence::LOGISTIC,
            label_smoothing: 0.0,
            replay: 0.0,
            margin: None,
        }
    }
}
