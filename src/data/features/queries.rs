//! Parts of a set: some of its queries.

use ndarray::Axis;

use super::ranking_set::DocumentIds;
use super::{Query, RankingSet};

impl RankingSet {
    /// Returns the queries at `places`, counted from 0, in this order, with their documents.
    ///
    /// # Panics
    /// When there is no query at a place.
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    /// use ndarray::array;
    ///
    /// let set = RankingSet::from_rows(array![[1.0], [2.0], [3.0]].view(), &[0, 1, 2], &[1, 2])?;
    /// let second = set.with_queries(&[1]);
    /// assert_eq!((second.features(), second.document(0)), (array![[2.0], [3.0]].view(), "2-1"));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn with_queries(&self, places: &[usize]) -> Self {
        let parts = places.iter().map(|&place| (place, self.queries()[place].rows.clone().collect()));
        self.with_rows(parts)
    }

    /// Returns the set with only the documents that are to be kept, `keep: [D]`; the grades of the others count as unretrieved.
    ///
    /// # Panics
    /// When there is not one value a document.
    pub fn with_documents(&self, keep: &[bool]) -> Self {
        assert_eq!(keep.len(), self.documents(), "one value a document");
        let kept = |query: &Query| query.rows.clone().filter(|&row| keep[row]).collect();
        self.with_rows(self.queries().iter().map(kept).enumerate())
    }

    /// Returns the queries at places, each with some of its rows; the grades of its others count as unretrieved.
    fn with_rows(&self, parts: impl Iterator<Item = (usize, Vec<usize>)>) -> Self {
        let (mut rows, mut ids, mut queries, mut unretrieved) =
            (vec![], DocumentIds::default(), vec![], vec![]);
        for (place, kept) in parts {
            let (query, start) = (&self.queries()[place], rows.len());
            let dropped = query.rows.clone().filter(|row| kept.binary_search(row).is_err());
            let dropped = dropped.map(|row| self.grades()[row]).filter(|&grade| grade >= 0);
            unretrieved.push(self.unretrieved(place).iter().copied().chain(dropped).collect::<Vec<i8>>());
            kept.iter().for_each(|&row| ids.push(self.document(row)));
            rows.extend(kept);
            queries.push(Query { id: query.id.clone(), rows: start..rows.len() });
        }
        let features = self.features().select(Axis(0), &rows);
        let grades = rows.iter().map(|&row| self.grades()[row]).collect();
        let part = Self::from_parts(features, grades, queries, ids, self.feature_names().to_vec());
        match unretrieved.iter().all(Vec::is_empty) {
            true => part,
            false => part.with_unretrieved(unretrieved),
        }
    }

    /// Tells of every query whether it has both a positive and another document: `[Q]`.
    pub fn useful(&self) -> Vec<bool> {
        let useful = |query: usize| {
            let grades = self.query_grades(query);
            grades.iter().any(|&grade| grade > 0) && grades.iter().any(|&grade| grade <= 0)
        };
        (0..self.queries().len()).map(useful).collect()
    }
}
