//! Judged feature vectors, grouped by query.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};

/// The grade of a document nobody has judged. It belongs to the pool, never to the positives.
pub const UNLABELLED: i8 = -1;

/// One query and the rows of its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The identifier as the file spells it.
    pub id: String,
    /// Its rows in the matrix of features.
    pub rows: Range<usize>,
}

/// Documents as feature vectors: the rows of all queries in one matrix, each query's contiguous.
#[derive(Clone, Debug, PartialEq)]
pub struct RankingSet {
    features: Array2<f32>, // [D, F]
    grades: Vec<i8>,       // [D]
    queries: Vec<Query>,
    document_text: String,   // every document id, one after the other
    document_ends: Vec<u32>, // [D]: where each id ends
    feature_names: Vec<String>,
}

impl RankingSet {
    /// Number of documents over all queries (rows).
    pub fn documents(&self) -> usize {
        self.grades.len()
    }

    /// Number of features (columns).
    pub fn feature_count(&self) -> usize {
        self.features.ncols()
    }

    /// The queries in the order of their first appearance.
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    /// All feature vectors: `[D, F]`.
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.features.view()
    }

    /// The feature vectors of one query: `[D_q, F]`.
    pub fn query_features(&self, query: usize) -> ArrayView2<'_, f32> {
        self.features.slice(s![self.queries[query].rows.clone(), ..])
    }

    /// Every document's grade, [`UNLABELLED`] when there is none: `[D]`.
    pub fn grades(&self) -> &[i8] {
        &self.grades
    }

    /// The grades of one query: `[D_q]`.
    pub fn query_grades(&self, query: usize) -> &[i8] {
        &self.grades[self.queries[query].rows.clone()]
    }

    /// The identifier of the document in `row`.
    pub fn document(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.document_ends[row - 1] as usize };
        &self.document_text[start..self.document_ends[row] as usize]
    }

    /// The features' names where the file gives them; empty otherwise.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }
}
