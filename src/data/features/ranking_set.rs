//! Judged feature vectors, grouped by query.

use std::ops::Range;

use crate::evaluation::{Judged, Measure, UNJUDGED, rank_order};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, concatenate, s};

/// The grade of a document nobody has judged. It belongs to the pool, never to the positives.
pub const UNLABELLED: i8 = -1;

/// The largest grade: its gain 2^31 − 1 is the largest in use.
pub(super) const LARGEST_GRADE: i8 = 31;

/// One query and the rows of its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The identifier as the file spells it.
    pub id: String,
    /// Its rows in the matrix of features.
    pub rows: Range<usize>,
}

/// Documents as feature vectors: the rows of all queries in one matrix, each query's contiguous.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RankingSet {
    features: Array2<f32>, // [D, F]
    grades: Vec<i8>,       // [D]
    queries: Vec<Query>,
    documents: DocumentIds,
    feature_names: Vec<String>,
    unretrieved: Vec<Vec<i8>>, // [Q], or empty when every judged document has a row
}

impl RankingSet {
    /// Documents with `features: [D, F]` and `grades: [D]`; the rows of `queries` follow each other
    /// and cover `0..D`; `feature_names` is empty or has F names.
    ///
    /// # Panics
    /// When the parts do not fit together.
    pub fn new(
        features: Array2<f32>,
        grades: Vec<i8>,
        queries: Vec<Query>,
        documents: impl IntoIterator<Item = impl AsRef<str>>,
        feature_names: Vec<String>,
    ) -> Self {
        let mut ids = DocumentIds::default();
        documents.into_iter().for_each(|document| ids.push(document.as_ref()));
        Self::from_parts(features, grades, queries, ids, feature_names)
    }

    pub(super) fn from_parts(
        features: Array2<f32>,
        grades: Vec<i8>,
        queries: Vec<Query>,
        documents: DocumentIds,
        feature_names: Vec<String>,
    ) -> Self {
        assert_eq!(features.nrows(), grades.len(), "one grade a row");
        assert_eq!(documents.ends.len(), grades.len(), "one document id a row");
        assert!(feature_names.is_empty() || feature_names.len() == features.ncols(), "one name a feature");
        let starts = queries.iter().map(|query| query.rows.start);
        let ends = std::iter::once(0).chain(queries.iter().map(|query| query.rows.end));
        assert!(starts.chain([grades.len()]).eq(ends), "the rows of the queries cover all rows in order");
        Self { features, grades, queries, documents, feature_names, unretrieved: vec![] }
    }

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

    /// The values of one feature as scores, 0 where it is missing: `[D]`.
    pub fn feature_scores(&self, column: usize) -> Vec<f32> {
        self.features.column(column).iter().map(|&x| if x.is_nan() { 0.0 } else { x }).collect()
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
        self.documents.get(row)
    }

    /// All feature vectors, to be changed in place: `[D, F]`.
    pub(super) fn features_mut(&mut self) -> ArrayViewMut2<'_, f32> {
        self.features.view_mut()
    }

    /// The same documents with other feature vectors, `[D, F']`, and their names, if they have any.
    pub(super) fn with_features(self, features: Array2<f32>, feature_names: Vec<String>) -> Self {
        assert_eq!(features.nrows(), self.documents(), "one row a document");
        assert!(feature_names.is_empty() || feature_names.len() == features.ncols(), "one name a feature");
        Self { features, feature_names, ..self }
    }

    /// The same documents without their features: what a ranker needs that scores something else.
    pub fn without_features(&self) -> Self {
        Self {
            features: Array2::zeros((self.documents(), 0)),
            feature_names: vec![],
            grades: self.grades.clone(),
            queries: self.queries.clone(),
            documents: self.documents.clone(),
            unretrieved: self.unretrieved.clone(),
        }
    }

    /// The same documents with one more feature behind the others, `values: [D]`; it has a `name` where they have.
    pub fn with_feature(self, name: &str, values: &[f32]) -> Self {
        assert_eq!(values.len(), self.documents(), "one value a document");
        let mut names = self.feature_names.clone();
        if !names.is_empty() || self.feature_count() == 0 {
            names.push(name.to_owned());
        }
        let column = ArrayView2::from_shape((values.len(), 1), values).expect("one column");
        let features = concatenate(Axis(1), &[self.features(), column]).expect("one row a document");
        self.with_features(features.as_standard_layout().into_owned(), names)
    }

    /// The same documents with at least `width` features: those that a sparse file leaves out are 0.
    pub fn padded(self, width: usize) -> Self {
        let found = self.feature_count();
        if found >= width {
            return self;
        }
        let mut features = Array2::zeros((self.documents(), width));
        features.slice_mut(s![.., ..found]).assign(&self.features());
        let mut names = self.feature_names.clone();
        if !names.is_empty() {
            names.extend((found + 1..=width).map(|number| number.to_string()));
        }
        self.with_features(features, names)
    }

    /// The same documents with other grades: `[D]`.
    pub fn with_grades(self, grades: Vec<i8>) -> Self {
        assert_eq!(grades.len(), self.documents(), "one grade a document");
        Self { grades, ..self }
    }

    /// The same documents, beside which `grades: [Q]` were given to documents that have no row: nobody retrieved
    /// them, but a measure knows that they are missing.
    pub fn with_unretrieved(self, grades: Vec<Vec<i8>>) -> Self {
        assert_eq!(grades.len(), self.queries.len(), "one list a query");
        Self { unretrieved: grades, ..self }
    }

    /// The grades of a query's judged documents that have no row.
    pub fn unretrieved(&self, query: usize) -> &[i8] {
        self.unretrieved.get(query).map_or(&[], Vec::as_slice)
    }

    /// Mean of `measure` over the queries, their documents ranked by `scores: [D]`.
    pub fn measure(&self, measure: &Measure, scores: &[f32]) -> f64 {
        assert_eq!(scores.len(), self.documents(), "one score a document");
        let of_query = |(number, query): (usize, &Query)| {
            let start = query.rows.start;
            let order = rank_order(&scores[query.rows.clone()], |i| self.document(start + i));
            let grade = |row: usize| Some(i32::from(self.grades[row])).filter(|&grade| grade >= 0);
            let ranked: Vec<i32> = order.into_iter().map(|i| grade(start + i).unwrap_or(UNJUDGED)).collect();
            let missing = self.unretrieved(number).iter().map(|&grade| i32::from(grade));
            measure.value(&ranked, &Judged::new(query.rows.clone().filter_map(grade).chain(missing)))
        };
        measure.aggregate(self.queries.iter().enumerate().map(of_query))
    }

    /// Counts, for people: queries, documents, features, grades.
    pub fn summary(&self) -> String {
        let mut counts = std::collections::BTreeMap::new();
        self.grades.iter().for_each(|&grade| *counts.entry(grade).or_insert(0usize) += 1);
        let grades: Vec<_> = counts
            .into_iter()
            .map(|(grade, n)| {
                if grade == UNLABELLED { format!("{n} unlabelled") } else { format!("{n} of grade {grade}") }
            })
            .collect();
        let useful = |query: &&Query| self.grades[query.rows.clone()].iter().any(|&grade| grade > 0);
        format!(
            "{} queries ({} with a positive), {} documents ({}), {} features",
            self.queries.len(),
            self.queries.iter().filter(useful).count(),
            self.documents(),
            grades.join(", "),
            self.feature_count()
        )
    }

    /// The features' names where the file gives them; empty otherwise.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }
}

/// Document ids, one after the other in one string.
#[derive(Clone, Debug, Default)]
pub(super) struct DocumentIds {
    text: String,
    ends: Vec<u64>,  // [D]: where each id ends
    order: Vec<u32>, // [D]: which id each row has; empty when row i has the i-th
}

impl DocumentIds {
    /// Appends an id; not after [`DocumentIds::permuted`].
    pub(super) fn push(&mut self, id: &str) {
        debug_assert!(self.order.is_empty(), "ids are appended before they are put in order");
        self.text.push_str(id);
        self.ends.push(self.text.len() as u64);
    }

    /// The id of a row.
    pub(super) fn get(&self, row: usize) -> &str {
        let place = self.order.get(row).map_or(row, |&place| place as usize);
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[place] as usize]
    }

    /// Row `i` gets the id that row `order[i]` had. The text stays where it is.
    pub(super) fn permuted(self, order: Vec<u32>) -> Self {
        Self { order, ..self }
    }
}

impl PartialEq for DocumentIds {
    fn eq(&self, other: &Self) -> bool {
        let rows = self.ends.len();
        rows == other.ends.len() && (0..rows).all(|row| self.get(row) == other.get(row))
    }
}
