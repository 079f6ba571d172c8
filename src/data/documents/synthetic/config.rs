//! Settings of a synthetic collection.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Largest number of documents times topics.
const PAIR_LIMIT: usize = 100_000_000_000;

/// Size and seed of a synthetic collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SyntheticCollectionConfig {
    /// Number of documents, of about 90 words each.
    pub documents: usize,
    /// Number of topics, of which 60 %, 20 % and 20 % are for training, validation and test.
    pub queries: usize,
    /// Number of subjects.
    pub subjects: usize,
    /// Number of invented words.
    pub vocabulary: usize,
    /// Seed of all draws.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
}

impl Default for SyntheticCollectionConfig {
    fn default() -> Self {
        Self { documents: 2000, queries: 200, subjects: 40, vocabulary: 4000, seed: 1 }
    }
}

impl SyntheticCollectionConfig {
    /// Checks that every size is within its range.
    pub(super) fn validate(&self) -> Result<()> {
        let &Self { documents, queries, subjects, vocabulary, .. } = self;
        let problem = if !(20..=5_000_000).contains(&documents) {
            format!("expected 20 to 5,000,000 documents (4 GB), not {documents}")
        } else if !(5..=1_000_000).contains(&queries) {
            format!("expected 5 to 1,000,000 queries, not {queries}")
        } else if !(2..=100_000).contains(&subjects) {
            format!("expected 2 to 100,000 subjects, not {subjects}")
        } else if !(500..=1_000_000).contains(&vocabulary) {
            format!("expected a vocabulary of 500 to 1,000,000 words, not {vocabulary}")
        } else if documents.saturating_mul(queries) > PAIR_LIMIT {
            "documents × queries is beyond 10^11 pairs to grade; choose smaller numbers".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::Config(format!("generated collection: {problem}")))
    }
}
