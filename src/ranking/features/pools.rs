//! Pools of judged feature vectors.

use std::borrow::Cow;

use crate::data::features::RankingSet;
use crate::ranking::pools::Pools;

/// Pools of judged feature vectors; a document is positive when its grade is at least 1.
#[derive(Clone, Debug)]
pub struct FeaturePools {
    set: RankingSet,
    positives: Vec<Vec<u32>>,
}

impl FeaturePools {
    /// Returns the pools of `set`.
    pub fn new(set: RankingSet) -> Self {
        let of_query = |query| {
            let grades = set.query_grades(query).iter().enumerate();
            grades.filter(|&(_, &grade)| grade > 0).map(|(i, _)| i as u32).collect()
        };
        let positives = (0..set.queries().len()).map(of_query).collect();
        Self { set, positives }
    }

    /// Returns the documents behind the pools.
    pub fn set(&self) -> &RankingSet {
        &self.set
    }

    /// Gives every query the name that `name` makes of its own.
    pub(super) fn rename_queries(&mut self, name: impl Fn(&str) -> String) {
        self.set.rename_queries(name);
    }
}

impl Pools for FeaturePools {
    fn queries(&self) -> usize {
        self.set.queries().len()
    }

    fn name(&self, query: usize) -> &str {
        &self.set.queries()[query].id
    }

    fn candidates(&self, query: usize) -> usize {
        self.set.queries()[query].rows.len()
    }

    fn positives(&self, query: usize) -> &[u32] {
        &self.positives[query]
    }

    fn grades(&self, query: usize) -> Cow<'_, [i8]> {
        self.set.query_grades(query).into()
    }

    fn unretrieved(&self, query: usize) -> &[i8] {
        self.set.unretrieved(query)
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        self.set.document(self.set.queries()[query].rows.start + candidate)
    }
}
