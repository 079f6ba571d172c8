//! Settings of a ranker as judge.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};

/// Sets that a ranker compares sentences with, and the scale of their likeness.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RankerConfig {
    /// Real sentences of a reference set, U.
    pub references: usize,
    /// Sentences of the other side that a sentence is ranked among, C.
    pub comparisons: usize,
    /// Factor γ of the cosine of a sentence and a reference. Features are not negative, so that all cosines are near 1: under a γ of 1
    /// all sentences rank nearly alike. The authors' code has 1, and adds the cosines of 16 references.
    pub gamma: f32,
}

impl Default for RankerConfig {
    fn default() -> Self {
        Self { references: 16, comparisons: 16, gamma: 16.0 }
    }
}

impl RankerConfig {
    /// Checks every setting.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        let Self { references, comparisons, gamma } = *self;
        for (name, size) in [("references", references), ("comparisons", comparisons)] {
            require((1..=1 << 14).contains(&size), || {
                format!("`discriminator.ranker.{name}` must lie in 1 to 16384, found {size}")
            })?;
        }
        require(gamma > 0.0 && gamma <= 100.0, || {
            format!("`discriminator.ranker.gamma` must lie above 0 and not above 100, found {gamma}")
        })
    }

    /// Checks that there are sentences for all sets: of `real` ones for a sentence, its references and its comparison set, of `drawn`
    /// ones for a sentence and its comparison set.
    ///
    /// # Errors
    /// When there are too few.
    pub(in crate::text) fn validate_counts(&self, real: usize, drawn: usize) -> Result<()> {
        let Self { references, comparisons, .. } = *self;
        require(real > references + comparisons, || {
            format!(
                "a ranker with {references} references and comparison sets of {comparisons} needs more than {} training sentences, found \
                 {real}: lower `discriminator.ranker.references` or `discriminator.ranker.comparisons`",
                references + comparisons
            )
        })?;
        require(drawn > comparisons, || {
            format!(
                "a ranker with comparison sets of {comparisons} needs more drawn sentences than that, found {drawn}: raise \
                 `discriminator.sentences` or lower `discriminator.ranker.comparisons`"
            )
        })
    }
}
