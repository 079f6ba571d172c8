//! Settings that only interactions have.

use serde::{Deserialize, Serialize};

use super::closed_form::{Ease, Ials, ItemKnn};
use crate::error::{Result, require};
use crate::nn::Initializer;

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
    /// Share of a user's items that are dropped from the input, in expectation (EASE; EDLAE when above 0).
    pub item_dropout: f64,
    /// Neighbours of an item (item-KNN, and EASE of too many items).
    pub neighbours: usize,
    /// Number added to the denominator of a cosine (item-KNN).
    pub shrinkage: f32,
    /// Exponent by which the vote of a user falls with the number of items liked (item-KNN).
    pub activity: f32,
    /// Part of a cosine's denominator that the recommended item has (item-KNN).
    pub popularity: f32,
    /// Rank of iALS; 0 is one that fits the number of positives.
    pub ials_rank: usize,
    /// Mean weight of the squared norm of a user's or an item's factors (iALS).
    pub ials_ridge: f64,
    /// Weight of a pair that is not observed, against 1 (iALS).
    pub unobserved: f64,
    /// Number of times that all users, then all items are solved (iALS).
    pub sweeps: usize,
}

impl Default for InteractionsConfig {
    fn default() -> Self {
        Self {
            rank: 32,
            initializer: Initializer::Uniform(0.05),
            svd_rank: 10,
            ridge: 350.0,
            item_dropout: 0.0,
            neighbours: 200,
            shrinkage: 10.0,
            activity: 0.5,
            popularity: 0.3,
            ials_rank: 0,
            ials_ridge: 2.0,
            unobserved: 0.05,
            sweeps: 10,
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
        let share = |value: f32| (0.0..=1.0).contains(&value);
        require(share(self.activity) && share(self.popularity), || {
            "the exponents of item-KNN must lie in [0, 1]".into()
        })?;
        require((0.0..1.0).contains(&self.item_dropout), || {
            "the share of items dropped must be at least 0 and below 1".into()
        })?;
        require(self.ials_rank <= HIGHEST_RANK, || {
            format!("the rank of iALS must be at most {HIGHEST_RANK}")
        })?;
        let positive = |value: f64| value > 0.0 && value.is_finite();
        require(positive(self.ials_ridge) && positive(self.unobserved) && self.sweeps > 0, || {
            "ridge, weight of unobserved pairs and sweeps of iALS must be above 0".into()
        })?;
        require(self.neighbours > 0, || "an item needs at least one neighbour".into())
    }

    /// Returns the settings with the rank of iALS that fits `positives`, where it is 0: a quarter of their root, in steps of 16.
    pub(super) fn fitted_to(self, positives: usize) -> Self {
        let rank = ((positives as f64).sqrt() / 64.0).round() as usize * 16;
        Self { ials_rank: if self.ials_rank == 0 { rank.clamp(16, 256) } else { self.ials_rank }, ..self }
    }

    pub(super) fn ease(&self) -> Ease {
        Ease { ridge: self.ridge, dropout: self.item_dropout }
    }

    pub(super) fn item_knn(&self) -> ItemKnn {
        let &Self { neighbours, shrinkage, activity, popularity, .. } = self;
        ItemKnn { neighbours, shrinkage, activity, popularity }
    }

    pub(super) fn ials(&self) -> Ials {
        let &Self { ials_rank: rank, ials_ridge: ridge, unobserved, sweeps, .. } = self;
        Ials { rank, unobserved, ridge, sweeps }
    }
}
