//! Settings that only interactions have.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::nn::Initializer;
use crate::ranking::config::require;

/// Factors, and the closed forms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct InteractionsConfig {
    /// Rank of the factors that learn.
    pub rank: usize,
    /// Distribution of the initial factors.
    pub initializer: Initializer,
    /// Rank of PureSVD.
    pub svd_rank: usize,
    /// Ridge λ of EASE.
    pub ridge: f64,
    /// Neighbours of an item (item-KNN).
    pub neighbours: usize,
    /// Number added to the denominator of a cosine (item-KNN).
    pub shrinkage: f32,
}

impl Default for InteractionsConfig {
    fn default() -> Self {
        Self {
            rank: 32,
            initializer: Initializer::Uniform(0.05),
            svd_rank: 10,
            ridge: 500.0,
            neighbours: 100,
            shrinkage: 10.0,
        }
    }
}

/// A higher rank is a slip of the keyboard.
const HIGHEST_RANK: usize = 1 << 14;

impl InteractionsConfig {
    /// Refuses settings that are out of range.
    pub(in crate::ranking) fn validate(&self) -> Result<()> {
        require((1..=HIGHEST_RANK).contains(&self.rank), || {
            format!("the rank must lie in 1 to {HIGHEST_RANK}")
        })?;
        require((1..=HIGHEST_RANK).contains(&self.svd_rank), || {
            format!("the rank of PureSVD must lie in 1 to {HIGHEST_RANK}")
        })?;
        require(self.ridge > 0.0 && self.ridge.is_finite(), || "the ridge must be above 0".into())?;
        require(self.shrinkage >= 0.0 && self.shrinkage.is_finite(), || {
            "the shrinkage must not be negative".into()
        })?;
        require(self.neighbours > 0, || "an item needs at least one neighbour".into())
    }
}
