//! Settings of the ensemble of maximum likelihood.

use serde::{Deserialize, Serialize};

/// Most members of an ensemble.
pub(in crate::text) const MOST_MEMBERS: usize = 64;

/// Settings of the ensemble, the control of the adversarial phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EnsembleConfig {
    /// Models of maximum likelihood that are averaged, M, the generator's start among them; 1 for no ensemble.
    pub members: usize,
    /// True to distil the generator from the ensemble too, from the same start as the game.
    pub distill: bool,
    /// Steps of the distillation in a round; it has as many rounds as the game.
    pub distill_steps: usize,
    /// Learning rate of the distillation, whose exact gradient allows a larger one than the game's.
    pub distill_rate: f32,
}

impl Default for EnsembleConfig {
    fn default() -> Self {
        Self { members: 2, distill: true, distill_steps: 80, distill_rate: 0.005 }
    }
}
