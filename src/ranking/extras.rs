//! Trainings beside the one of a method, and where they are kept.

use super::config::Method;
use crate::evaluation::Measure;
use crate::game::{Checkpoints, RewardSource};

/// Extras of a training: what stands beside the trained method in its comparison, and where the training is kept.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Baselines to train on the same data.
    pub baselines: Vec<Method>,
    /// True when nobody asked for the baselines: one that the data do not allow is left out with a warning.
    pub optional: bool,
    /// Placebo rewards to play the game again with, from the same start (adversarial methods).
    pub controls: Vec<RewardSource>,
    /// Measures to report after the choosing one.
    pub measures: Vec<Measure>,
    /// Checkpoints to resume from; none are kept by default.
    pub checkpoints: Checkpoints,
}
