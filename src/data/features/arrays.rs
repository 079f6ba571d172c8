//! Sets from data in memory: arrays in the conventions of LightGBM, XGBoost and scikit-learn, or documents one by one.

use std::collections::HashSet;
use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use super::ranking_set::{DocumentIds, LARGEST_GRADE};
use super::{Query, RankingSet, UNLABELLED};
use crate::error::{Error, Result};
use crate::files::count::counted;

impl RankingSet {
    /// Returns the set of `features: [D, F]` with `grades: [D]`, in which `groups: [Q]` counts the documents of each
    /// query: the first `groups[0]` rows are those of the first query, and so on.
    ///
    /// A missing feature is NaN. Grades lie in 0 to 31, or are [`UNLABELLED`] where nobody judged the document.
    /// Query n, counted from 1, has the id `n`, its document m the id `n-m`.
    ///
    /// # Errors
    /// When the lengths do not fit together, a group is empty, a feature is infinite or a grade is out of range.
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    /// use ndarray::array;
    ///
    /// let features = array![[0.9, 3.0], [0.2, 1.0], [0.4, f32::NAN]];
    /// let set = RankingSet::from_rows(features.view(), &[2, 0, 1], &[2, 1])?;
    /// assert_eq!(set.queries().len(), 2);
    /// assert_eq!(set.query_grades(0), [2, 0]);
    /// assert_eq!(set.document(2), "2-1");
    ///
    /// let error = RankingSet::from_rows(features.view(), &[2, 0, 1], &[2, 2]).unwrap_err();
    /// assert_eq!(error.to_string(), "the groups count 4 documents, but there are 3 rows of features");
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn from_rows(features: ArrayView2<'_, f32>, grades: &[i8], groups: &[usize]) -> Result<Self> {
        let rows = group_rows(groups, features.nrows())?;
        let numbered = rows.into_iter().enumerate();
        let queries = numbered.map(|(q, rows)| Query { id: (q + 1).to_string(), rows });
        from_arrays(features, grades, queries.collect())
    }

    /// Returns the set of `features: [D, F]` with `grades: [D]`, in which `query_ids: [D]` names the query of each row,
    /// as XGBoost's `qid` does; the rows of a query follow each other.
    ///
    /// Features and grades are those of [`RankingSet::from_rows`]; document m of query `q`, counted from 1, has the id
    /// `q-m`.
    ///
    /// # Errors
    /// When the lengths do not fit together, the rows of a query lie apart, a feature is infinite or a grade is out of
    /// range.
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    /// use ndarray::array;
    ///
    /// let features = array![[0.9], [0.2], [0.4]];
    /// let set = RankingSet::from_rows_by_id(features.view(), &[1, 0, 1], &[7, 7, 8])?;
    /// assert_eq!((set.queries()[0].id.as_str(), set.document(1)), ("7", "7-2"));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn from_rows_by_id<Q>(features: ArrayView2<'_, f32>, grades: &[i8], query_ids: &[Q]) -> Result<Self>
    where
        Q: PartialEq + ToString,
    {
        if query_ids.len() != features.nrows() {
            let (ids, rows) = (counted(query_ids.len(), "query id"), features.nrows());
            let message = format!("{ids}, but {} of features; give one a row", counted(rows, "row"));
            return Err(Error::Unfit(message));
        }
        from_arrays(features, grades, queries_of(query_ids)?)
    }

    /// Returns the sizes of the groups that `query_ids: [D]`, the query of each row, make: `[Q]`.
    ///
    /// # Errors
    /// When the rows of a query lie apart.
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    ///
    /// assert_eq!(RankingSet::group_sizes(&["a", "a", "b"])?, [2, 1]);
    /// assert!(RankingSet::group_sizes(&["a", "b", "a"]).is_err());
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn group_sizes<Q: PartialEq + ToString>(query_ids: &[Q]) -> Result<Vec<usize>> {
        Ok(queries_of(query_ids)?.into_iter().map(|query| query.rows.len()).collect())
    }

    /// Gives the features these `names`, one each, by which a selection or a prior may choose them.
    ///
    /// # Errors
    /// When there are more or fewer names than features, or two are the same.
    pub fn with_names(self, names: Vec<String>) -> Result<Self> {
        let count = self.feature_count();
        if names.len() != count {
            return Err(Error::Unfit(format!(
                "{} for {}",
                counted(names.len(), "name"),
                counted(count, "feature")
            )));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(Error::Unfit(format!("two features are called `{twice}`")));
        }
        Ok(self.named(names))
    }

    /// Returns the set of `queries`, each an id and its documents, each document an id, a grade (0 to 31, or
    /// [`UNLABELLED`]) and a feature vector, in which a missing value is NaN.
    ///
    /// # Errors
    /// When vectors differ in length, a value is infinite, a grade is out of range or a query has no document.
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    ///
    /// let documents = vec![("d1", 1, vec![0.9, 3.0]), ("d2", 0, vec![0.2, 1.0])];
    /// let set = RankingSet::from_queries([("q1", documents)])?;
    /// assert_eq!((set.documents(), set.feature_count()), (2, 2));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn from_queries<Q, D>(queries: impl IntoIterator<Item = (Q, Vec<(D, i8, Vec<f32>)>)>) -> Result<Self>
    where
        Q: Into<String>,
        D: AsRef<str>,
    {
        let (mut values, mut grades, mut ids) = (vec![], vec![], DocumentIds::default());
        let (mut named, mut width) = (vec![], None);
        for (query, documents) in queries {
            let (id, start) = (query.into(), grades.len());
            for (document, grade, features) in documents {
                let document = document.as_ref();
                let refuse = |what: String| Error::Unfit(format!("query {id}, document {document}: {what}"));
                let expected = *width.get_or_insert(features.len());
                if features.len() != expected {
                    let found = features.len();
                    return Err(refuse(format!("expected {expected} features as before, found {found}")));
                }
                if let Some(infinite) = features.iter().find(|value| value.is_infinite()) {
                    return Err(refuse(format!("expected finite features or NaN, found {infinite}")));
                }
                if !is_grade(grade) {
                    return Err(refuse(format!("expected a grade of -1 to {LARGEST_GRADE}, found {grade}")));
                }
                values.extend(features);
                grades.push(grade);
                ids.push(document);
            }
            if grades.len() == start {
                return Err(Error::Unfit(format!("query {id} has no document")));
            }
            named.push(Query { id, rows: start..grades.len() });
        }
        let features = Array2::from_shape_vec((grades.len(), width.unwrap_or(0)), values)
            .expect("every row has that many values");
        Ok(Self::from_parts(features, grades, named, ids, vec![]))
    }
}

/// Returns the queries of rows that stand together, each with the id that its rows have.
fn queries_of<Q: PartialEq + ToString>(query_ids: &[Q]) -> Result<Vec<Query>> {
    let (mut queries, mut seen, mut start) = (vec![], HashSet::new(), 0);
    for of_query in query_ids.chunk_by(PartialEq::eq) {
        let id = of_query[0].to_string();
        if !seen.insert(id.clone()) {
            let message = format!("query {id} goes on in row {start} behind another; sort the rows by query");
            return Err(Error::Unfit(message));
        }
        queries.push(Query { id, rows: start..start + of_query.len() });
        start += of_query.len();
    }
    Ok(queries)
}

/// Returns numbers of any type as grades: `[D]`.
///
/// # Errors
/// When one is not whole, or lies beyond -1 ([`UNLABELLED`]) to 31.
///
/// ```
/// use irgan::data::features::whole_grades;
///
/// assert_eq!(whole_grades([2.0, -1.0])?, [2, -1]);
/// assert!(whole_grades([0.5]).unwrap_err().to_string().starts_with("row 0: expected a whole grade"));
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn whole_grades(values: impl IntoIterator<Item = f64>) -> Result<Vec<i8>> {
    let range = f64::from(UNLABELLED)..=f64::from(LARGEST_GRADE);
    let grade = |(row, value): (usize, f64)| match value.fract() == 0.0 && range.contains(&value) {
        true => Ok(value as i8),
        false => Err(Error::Unfit(format!(
            "row {row}: expected a whole grade from {UNLABELLED} (unlabelled) to {LARGEST_GRADE}, found {value}"
        ))),
    };
    values.into_iter().enumerate().map(grade).collect()
}

/// Returns the rows of every group of documents, which `groups: [Q]` counts.
///
/// # Errors
/// When a group is empty, or all together have not `rows` documents.
pub(crate) fn group_rows(groups: &[usize], rows: usize) -> Result<Vec<Range<usize>>> {
    if let Some(empty) = groups.iter().position(|&count| count == 0) {
        let message = format!("groups[{empty}] is 0: every query has at least one document; leave it out");
        return Err(Error::Unfit(message));
    }
    let total: u128 = groups.iter().map(|&count| count as u128).sum();
    if total != rows as u128 {
        let rows = counted(rows, "row");
        let message = format!("the groups count {total} documents, but there are {rows} of features");
        return Err(Error::Unfit(message));
    }
    let mut end = 0;
    let range = |&count: &usize| {
        end += count;
        end - count..end
    };
    Ok(groups.iter().map(range).collect())
}

/// Refuses documents with another number of features than those that were trained on.
pub(crate) fn check_width(found: usize, trained: usize) -> Result<()> {
    if found == trained {
        return Ok(());
    }
    Err(Error::Unfit(format!(
        "the data have {}, but the training data had {trained}; give every document the features of the training data, in their order",
        counted(found, "feature")
    )))
}

/// Refuses infinite values, and names the place of the first in `features: [D, F]`.
pub(crate) fn check_finite(features: ArrayView2<'_, f32>) -> Result<()> {
    match features.indexed_iter().find(|(_, value)| value.is_infinite()) {
        None => Ok(()),
        Some(((row, column), value)) => Err(Error::Unfit(format!(
            "features[[{row}, {column}]] is {value}: expected a finite number, or NaN where it is missing"
        ))),
    }
}

fn from_arrays(features: ArrayView2<'_, f32>, grades: &[i8], queries: Vec<Query>) -> Result<RankingSet> {
    if grades.len() != features.nrows() {
        let (grades, rows) = (counted(grades.len(), "grade"), counted(features.nrows(), "row"));
        return Err(Error::Unfit(format!("{grades}, but {rows} of features; give one a row")));
    }
    if let Some(row) = grades.iter().position(|&grade| !is_grade(grade)) {
        let found = grades[row];
        return Err(Error::Unfit(format!(
            "grades[{row}] is {found}: expected 0 to {LARGEST_GRADE}, or {UNLABELLED} for a document nobody judged"
        )));
    }
    check_finite(features)?;
    let mut ids = DocumentIds::default();
    for query in &queries {
        (1..=query.rows.len()).for_each(|document| ids.push(&format!("{}-{document}", query.id)));
    }
    let features = features.as_standard_layout().into_owned();
    Ok(RankingSet::from_parts(features, grades.to_vec(), queries, ids, vec![]))
}

fn is_grade(grade: i8) -> bool {
    (UNLABELLED..=LARGEST_GRADE).contains(&grade)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn refused(result: Result<RankingSet>) -> String {
        match result {
            Err(Error::Unfit(message)) => message,
            other => panic!("expected data that do not fit, found {other:?}"),
        }
    }

    #[test]
    fn group_sizes_query_ids_and_documents_make_equal_sets() {
        let features = array![[1.0, 2.0], [3.0, f32::NAN], [5.0, 6.0]];
        let sizes = RankingSet::from_rows(features.view(), &[1, -1, 31], &[1, 2]).expect("they fit");
        let ids =
            RankingSet::from_rows_by_id(features.view(), &[1, -1, 31], &["1", "2", "2"]).expect("they fit");
        let first = vec![("1-1", 1, vec![1.0, 2.0])];
        let second = vec![("2-1", -1, vec![3.0, f32::NAN]), ("2-2", 31, vec![5.0, 6.0])];
        let documents = RankingSet::from_queries([("1", first), ("2", second)]).expect("they fit");
        for other in [ids, documents] {
            assert_eq!((other.queries(), other.grades()), (sizes.queries(), sizes.grades()));
            assert!((0..3).all(|row| other.document(row) == sizes.document(row)));
            let bits = |set: &RankingSet| set.features().mapv(f32::to_bits);
            assert_eq!(bits(&other), bits(&sizes));
        }
    }

    #[test]
    fn rows_of_any_memory_layout_are_the_same_set() {
        let features = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let transposed = array![[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]];
        let set = |view| RankingSet::from_rows(view, &[0, 1], &[2]).expect("they fit");
        assert_eq!(set(features.view()), set(transposed.t()));
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let features = array![[1.0], [2.0], [3.0]];
        let x = features.view();
        let sizes = |grades: &[i8], groups: &[usize]| refused(RankingSet::from_rows(x, grades, groups));
        assert_eq!(sizes(&[0, 1], &[3]), "2 grades, but 3 rows of features; give one a row");
        assert_eq!(
            sizes(&[0, 1, 0], &[1, 1]),
            "the groups count 2 documents, but there are 3 rows of features"
        );
        assert_eq!(
            sizes(&[0, 1, 0], &[1, 0, 2]),
            "groups[1] is 0: every query has at least one document; leave it out"
        );
        assert!(sizes(&[0, 1, 0], &[usize::MAX, 4]).contains("but there are 3 rows"));
        let ids = |ids: &[u32]| refused(RankingSet::from_rows_by_id(x, &[0, 1, 0], ids));
        assert_eq!(ids(&[1, 1]), "2 query ids, but 3 rows of features; give one a row");
        assert_eq!(ids(&[1, 2, 1]), "query 1 goes on in row 2 behind another; sort the rows by query");
    }

    #[test]
    fn infinite_features_and_grades_out_of_range_are_refused() {
        let infinite = array![[1.0, 2.0], [3.0, f32::NEG_INFINITY]];
        let message = refused(RankingSet::from_rows(infinite.view(), &[0, 1], &[2]));
        assert_eq!(message, "features[[1, 1]] is -inf: expected a finite number, or NaN where it is missing");
        let finite = array![[1.0, 2.0], [3.0, 4.0]];
        for grade in [32, -2] {
            let message = refused(RankingSet::from_rows(finite.view(), &[0, grade], &[2]));
            assert!(message.starts_with(&format!("grades[1] is {grade}: expected 0 to 31")), "{message}");
        }
    }
}
