//! Settings of the generator, of its maximum likelihood and of its measurements.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};
use crate::nn::{CellKind, Clip, OptimizerConfig, Rule};

/// Settings of the generator's network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GeneratorConfig {
    /// Kind of the recurrent layer.
    pub cell: CellKind,
    /// Values of a token's vector, E.
    pub embedding: usize,
    /// Values of the recurrent state, H.
    pub hidden: usize,
    /// Standard deviation of the initial weights.
    pub deviation: f32,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self { cell: CellKind::Lstm, embedding: 32, hidden: 32, deviation: 0.1 }
    }
}

/// Settings of maximum likelihood, the first phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MleConfig {
    /// Optimiser.
    pub optimizer: OptimizerConfig,
    /// Sentences in a mini-batch.
    pub batch: usize,
    /// Most epochs.
    pub epochs: usize,
    /// Epochs without a better likelihood of the validation sentences before the phase ends with the best epoch; 0 plays
    /// all epochs and keeps the last.
    pub patience: usize,
    /// Share of the recurrent layer's inputs and outputs that is dropped.
    pub dropout: f32,
    /// Share of the tokens read that the model draws itself in the last epoch, after a linear rise from 0 in the first
    /// (scheduled sampling; Bengio et al., 2015).
    pub sampling: f32,
    /// Factor of the learning rate after an epoch without a better likelihood of the validation sentences, when the best
    /// weights come back; 1 keeps the rate and the weights.
    pub anneal: f32,
}

impl MleConfig {
    /// Checks every setting.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        require((0.0..0.9).contains(&self.dropout), || "dropout must lie in [0, 0.9)".into())?;
        require(self.anneal > 0.0 && self.anneal <= 1.0, || {
            format!("`mle.anneal` must lie above 0 and at most at 1, found {}", self.anneal)
        })?;
        require((0.0..=1.0).contains(&self.sampling), || {
            format!("`mle.sampling` must lie in [0, 1], found {}", self.sampling)
        })?;
        self.optimizer.validate()
    }

    /// Returns the share of the tokens read that the model draws itself in epoch `epoch` (from 1).
    pub fn sampling_in(&self, epoch: usize) -> f32 {
        let last = self.epochs.saturating_sub(1).max(1);
        self.sampling * (epoch.saturating_sub(1).min(last) as f32 / last as f32)
    }

    /// Returns the learning rate after `worse` epochs that made no better model.
    pub fn rate(&self, worse: usize) -> f32 {
        self.optimizer.learning_rate * self.anneal.powi(worse.min(64) as i32)
    }
}

impl Default for MleConfig {
    fn default() -> Self {
        let optimizer = OptimizerConfig {
            rule: Rule::Adam,
            learning_rate: 0.01,
            weight_decay: 0.0,
            clip: Clip::Norm(5.0),
            ..OptimizerConfig::default()
        };
        Self { optimizer, batch: 64, epochs: 60, patience: 3, dropout: 0.3, sampling: 0.0, anneal: 1.0 }
    }
}

/// Settings of the measurements of a generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EvaluationConfig {
    /// Sentences drawn for each evaluation and each point of the temperature sweep.
    pub sentences: usize,
    /// Temperatures of the final sweep.
    pub temperatures: Vec<f32>,
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self { sentences: 4000, temperatures: vec![0.7, 0.8, 0.9, 1.0, 1.1, 1.2] }
    }
}
