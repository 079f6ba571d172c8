//! Settings for texts of several sizes.

use super::{GeneratorConfig, MleConfig, TextConfig, TextPreset};
use crate::nn::OptimizerConfig;

/// Tokens of the training sentences below which a network is small.
const SMALL: usize = 30_000;
/// Tokens of the training sentences from which a network is large.
const LARGE: usize = 1_000_000;

impl TextPreset {
    /// Returns the settings for a text of so many tokens.
    ///
    /// ```
    /// use irgan::text::TextPreset;
    ///
    /// assert_eq!(TextPreset::for_tokens(100_000), TextPreset::Medium);
    /// ```
    pub fn for_tokens(tokens: usize) -> Self {
        match tokens {
            ..SMALL => Self::Small,
            SMALL..LARGE => Self::Medium,
            LARGE.. => Self::Large,
        }
    }
}

impl TextConfig {
    /// Returns settings whose generator has vectors of `size` values, and drops the share `dropout` while it learns.
    pub(super) fn of_size(size: usize, dropout: f32) -> Self {
        let mle = MleConfig::default();
        let optimizer = OptimizerConfig { learning_rate: 3e-3, ..mle.optimizer };
        Self {
            generator: GeneratorConfig { embedding: size, hidden: size, ..GeneratorConfig::default() },
            mle: MleConfig { optimizer, patience: 4, anneal: 0.5, dropout, ..mle },
            ..Self::default()
        }
    }
}
