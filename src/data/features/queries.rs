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
        let all = self.queries();
        let rows: Vec<usize> = places.iter().flat_map(|&place| all[place].rows.clone()).collect();
        let mut ids = DocumentIds::default();
        rows.iter().for_each(|&row| ids.push(self.document(row)));
        let mut end = 0;
        let query = |&place: &usize| {
            let start = end;
            end += all[place].rows.len();
            Query { id: all[place].id.clone(), rows: start..end }
        };
        let queries = places.iter().map(query).collect();
        let features = self.features().select(Axis(0), &rows);
        let grades = rows.iter().map(|&row| self.grades()[row]).collect();
        let part = Self::from_parts(features, grades, queries, ids, self.feature_names().to_vec());
        match (0..all.len()).all(|query| self.unretrieved(query).is_empty()) {
            true => part,
            false => {
                part.with_unretrieved(places.iter().map(|&place| self.unretrieved(place).to_vec()).collect())
            }
        }
    }

    /// Returns the set with only the documents that are to be kept, `keep: [D]`; the grades of the others count as unretrieved.
    ///
    /// # Panics
    /// When there is not one value a document.
    pub fn with_documents(&self, keep: &[bool]) -> Self {
        assert_eq!(keep.len(), self.documents(), "one value a document");
        let rows: Vec<usize> = (0..keep.len()).filter(|&row| keep[row]).collect();
        let mut ids = DocumentIds::default();
        rows.iter().for_each(|&row| ids.push(self.document(row)));
        let mut end = 0;
        let (mut queries, mut unretrieved) = (vec![], vec![]);
        for (place, query) in self.queries().iter().enumerate() {
            let start = end;
            end += query.rows.clone().filter(|&row| keep[row]).count();
            queries.push(Query { id: query.id.clone(), rows: start..end });
            let dropped = query.rows.clone().filter(|&row| !keep[row]).map(|row| self.grades()[row]);
            let dropped = dropped.filter(|&grade| grade >= 0);
            unretrieved.push(self.unretrieved(place).iter().copied().chain(dropped).collect());
        }
        let features = self.features().select(Axis(0), &rows);
        let grades = rows.iter().map(|&row| self.grades()[row]).collect();
        Self::from_parts(features, grades, queries, ids, self.feature_names().to_vec())
            .with_unretrieved(unretrieved)
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
