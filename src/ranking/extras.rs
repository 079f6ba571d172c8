//! What is trained beside a method, and where the training is kept.

use super::config::Method;
use crate::evaluation::Measure;
use crate::game::{Checkpoints, RewardControl};

/// What stands beside the trained method in its comparison, and where the training is kept.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Baselines to train on the same data.
    pub baselines: Vec<Method>,
    /// Games to play again from the same start with another reward (adversarial methods).
    pub controls: Vec<RewardControl>,
    /// Measures to report beside the choosing one.
    pub measures: Vec<Measure>,
    /// Where the stages of the training are kept, to go on from; nowhere by default.
    pub checkpoints: Checkpoints,
}
