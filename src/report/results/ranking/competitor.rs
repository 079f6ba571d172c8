//! What a chosen ranker is compared with.

use crate::ranking::{ComparisonRow, Reference};

/// Ranker that is not the chosen one's method: a trained baseline or a reference such as BM25.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Competitor<'a> {
    /// Trained baseline.
    Trained(&'a ComparisonRow),
    /// Ranking that was not trained.
    Untrained(&'a Reference),
}

impl<'a> Competitor<'a> {
    /// Returns the name of its row.
    pub fn name(self) -> String {
        match self {
            Self::Trained(row) => row.method.to_string(),
            Self::Untrained(reference) => reference.name.clone(),
        }
    }

    /// Returns the choosing measure, then the others.
    pub fn values(self) -> &'a [f64] {
        match self {
            Self::Trained(row) => &row.values,
            Self::Untrained(reference) => &reference.values,
        }
    }

    /// Returns the choosing measure of every query.
    pub fn by_query(self) -> &'a [Option<f64>] {
        match self {
            Self::Trained(row) => &row.by_query,
            Self::Untrained(reference) => &reference.by_query,
        }
    }
}
