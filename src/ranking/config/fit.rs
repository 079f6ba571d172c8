//! Settings of baselines and of the starts of players.

use serde::{Deserialize, Serialize};

use crate::nn::OptimizerConfig;

/// Search for the best parameters of a baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Solver {
    /// Convex objectives of linear scorers are minimised to the end by L-BFGS; all others by steps.
    #[default]
    Lbfgs,
    /// Steps of the optimiser until the validation measure stops rising.
    Steps,
}

/// Settings of baselines, trained on their own or as the start of a player.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FitConfig {
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// Search for the best parameters.
    pub solver: Solver,
    /// Queries in a mini-batch; 0 takes all.
    pub batch: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Epochs without a better validation measure before stopping.
    pub patience: usize,
    /// Negatives drawn per positive and epoch (RNS and DNS).
    pub draws: usize,
    /// Uniform draws of which DNS takes the best scored.
    pub dynamic: usize,
}

impl Default for FitConfig {
    fn default() -> Self {
        Self {
            optimizer: OptimizerConfig { learning_rate: 1e-3, weight_decay: 1e-4, ..Default::default() },
            solver: Solver::default(),
            batch: 16,
            epochs: 400,
            patience: 60,
            draws: 5,
            dynamic: 5,
        }
    }
}
