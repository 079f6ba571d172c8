//! Judged feature vectors, grouped by query.

use std::ops::Range;

use crate::evaluation::{Judged, Measure, UNJUDGED, rank_order};
use crate::files::count::counted;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, concatenate, s};

/// Grade of a document that nobody has judged: it is a candidate, never a positive.
pub const UNLABELLED: i8 = -1;

/// Largest grade; its gain 2^31 − 1 is the largest in use.
pub(super) const LARGEST_GRADE: i8 = 31;

/// Query and the rows of its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Identifier, as the file spells it.
    pub id: String,
    /// Rows of its documents in the matrix of features.
    pub rows: Range<usize>,
}

/// Judged feature vectors: the documents of all queries as the rows of one matrix, those of a query next to each other.
///
/// From arrays: [`from_rows`](Self::from_rows) and [`from_rows_by_id`](Self::from_rows_by_id); from documents one by
/// one: [`from_queries`](Self::from_queries); from a file: [`letor::read`](super::letor::read).
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
    /// Returns the set of `features: [D, F]` with `grades: [D]` and the ids of `documents: [D]`; the rows of `queries`
    /// follow each other and cover `0..D`, and `feature_names` is empty or has F names.
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

    /// Queries, in the order of their first appearance.
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    /// Feature vectors of all documents: `[D, F]`.
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.features.view()
    }

    /// Feature vectors of the documents of one query: `[D_q, F]`.
    pub fn query_features(&self, query: usize) -> ArrayView2<'_, f32> {
        self.features.slice(s![self.queries[query].rows.clone(), ..])
    }

    /// Values of one feature as scores, 0 where it is missing: `[D]`.
    pub fn feature_scores(&self, column: usize) -> Vec<f32> {
        self.features.column(column).iter().map(|&x| if x.is_nan() { 0.0 } else { x }).collect()
    }

    /// Grades of all documents, [`UNLABELLED`] where there is none: `[D]`.
    pub fn grades(&self) -> &[i8] {
        &self.grades
    }

    /// Grades of the documents of one query: `[D_q]`.
    pub fn query_grades(&self, query: usize) -> &[i8] {
        &self.grades[self.queries[query].rows.clone()]
    }

    /// Identifier of the document in `row`.
    pub fn document(&self, row: usize) -> &str {
        self.documents.get(row)
    }

    /// Feature vectors of all documents, to be changed in place: `[D, F]`.
    pub(super) fn features_mut(&mut self) -> ArrayViewMut2<'_, f32> {
        self.features.view_mut()
    }

    /// Replaces the feature vectors by `features: [D, F']` and their names by `feature_names`, F' or none.
    pub(super) fn with_features(self, features: Array2<f32>, feature_names: Vec<String>) -> Self {
        assert_eq!(features.nrows(), self.documents(), "one row a document");
        assert!(feature_names.is_empty() || feature_names.len() == features.ncols(), "one name a feature");
        Self { features, feature_names, ..self }
    }

    /// Replaces the names of the features, F or none.
    pub(super) fn named(self, feature_names: Vec<String>) -> Self {
        assert!(
            feature_names.is_empty() || feature_names.len() == self.feature_count(),
            "one name a feature"
        );
        Self { feature_names, ..self }
    }

    /// Returns the documents without features, for a ranker that scores something else.
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

    /// Adds a feature with `values: [D]` behind the others, and its `name` where the others have names.
    ///
    /// # Panics
    /// When there is not one value a document.
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

    /// Adds features that are 0 behind the others until there are `width`: those that a sparse file leaves out.
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

    /// Replaces the grades by `grades: [D]`.
    ///
    /// # Panics
    /// When there is not one grade a document.
    pub fn with_grades(self, grades: Vec<i8>) -> Self {
        assert_eq!(grades.len(), self.documents(), "one grade a document");
        Self { grades, ..self }
    }

    /// Adds `grades: [Q]` of judged documents that have no row, a list for each query: no ranking holds them, but
    /// measures count them as missing.
    ///
    /// # Panics
    /// When there is not one list a query.
    pub fn with_unretrieved(self, grades: Vec<Vec<i8>>) -> Self {
        assert_eq!(grades.len(), self.queries.len(), "one list a query");
        Self { unretrieved: grades, ..self }
    }

    /// Grades of the judged documents of one query that have no row.
    pub fn unretrieved(&self, query: usize) -> &[i8] {
        self.unretrieved.get(query).map_or(&[], Vec::as_slice)
    }

    /// Mean of `measure` over the queries, whose documents are ranked by `scores: [D]`, ties by descending id.
    ///
    /// # Panics
    /// When there is not one score a document.
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    /// use ndarray::Array2;
    ///
    /// // The relevant document is the first of two in one query, the second in the other.
    /// let set = RankingSet::from_rows(Array2::zeros((4, 1)).view(), &[1, 0, 1, 0], &[2, 2])?;
    /// let scores = [0.9, 0.1, 0.1, 0.9];
    /// assert_eq!(set.measure(&"P@1".parse()?, &scores), 0.5);
    /// assert_eq!(set.measure(&"RR".parse()?, &scores), 0.75);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn measure(&self, measure: &Measure, scores: &[f32]) -> f64 {
        measure.aggregate(self.measure_by_query(measure, scores))
    }

    /// Gives every query the name that `name` makes of its own.
    pub(crate) fn rename_queries(&mut self, name: impl Fn(&str) -> String) {
        self.queries.iter_mut().for_each(|query| query.id = name(&query.id));
    }

    /// Returns the value of `measure` for every query ranked by `scores`: `[Q]`, NaN where the measure skips one.
    pub fn measure_by_query(&self, measure: &Measure, scores: &[f32]) -> Vec<f64> {
        assert_eq!(scores.len(), self.documents(), "one score a document");
        let of_query = |(number, query): (usize, &Query)| {
            let start = query.rows.start;
            let order = rank_order(&scores[query.rows.clone()], |i| self.document(start + i));
            let grade = |row: usize| Some(i32::from(self.grades[row])).filter(|&grade| grade >= 0);
            let ranked: Vec<i32> = order.into_iter().map(|i| grade(start + i).unwrap_or(UNJUDGED)).collect();
            let missing = self.unretrieved(number).iter().map(|&grade| i32::from(grade));
            measure.value(&ranked, &Judged::new(query.rows.clone().filter_map(grade).chain(missing)))
        };
        self.queries.iter().enumerate().map(of_query).collect()
    }

    /// Returns a check sum of features, grades and queries.
    pub fn check_sum(&self) -> u32 {
        let mut sum = 0;
        let mut add = |bytes: &[u8]| sum = crc32c::crc32c_append(sum, bytes);
        self.features.iter().for_each(|value| add(&value.to_le_bytes()));
        self.grades.iter().for_each(|grade| add(&grade.to_le_bytes()));
        for query in &self.queries {
            add(query.id.as_bytes());
            add(&(query.rows.len() as u64).to_le_bytes());
        }
        sum
    }

    /// Counts of queries, documents, grades and features, as a line for people.
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
            "{} ({} with a positive), {} ({}), {}",
            counted(self.queries.len(), "query"),
            self.queries.iter().filter(useful).count(),
            counted(self.documents(), "document"),
            grades.join(", "),
            counted(self.feature_count(), "feature")
        )
    }

    /// Names of the features where the file gives them, else nothing.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }
}

/// Document ids, one behind the other in one string.
#[derive(Clone, Debug, Default)]
pub(super) struct DocumentIds {
    text: String,
    ends: Vec<u64>,  // [D]: ends of the ids
    order: Vec<u32>, // [D]: number of the id of each row; empty when row i has the i-th
}

impl DocumentIds {
    /// Appends an id; not after [`DocumentIds::permuted`].
    pub(super) fn push(&mut self, id: &str) {
        debug_assert!(self.order.is_empty(), "ids are appended before they are put in order");
        self.text.push_str(id);
        self.ends.push(self.text.len() as u64);
    }

    /// Id of the document in `row`.
    pub(super) fn get(&self, row: usize) -> &str {
        let place = self.order.get(row).map_or(row, |&place| place as usize);
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[place] as usize]
    }

    /// Gives row `i` the id that row `order[i]` had; the text stays in place.
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
