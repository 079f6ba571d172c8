//! Queries as weighted terms.

use std::collections::HashMap;

use super::TextIndex;
use super::analysis::for_each_term;

/// Query as distinct terms with weights, in order of first appearance.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedQuery {
    terms: Vec<String>,
    weights: Vec<f32>,
}

impl WeightedQuery {
    /// Parses `text` by the language of `index`; the weight of a term is its number of occurrences.
    pub fn parse(index: &TextIndex, text: &str) -> Self {
        let mut query = Self { terms: vec![], weights: vec![] };
        let mut places: HashMap<String, usize> = HashMap::new();
        for_each_term(&mut index.analyzer(), text, |term| match places.get(term) {
            Some(&place) => query.weights[place] += 1.0,
            None => {
                places.insert(term.to_owned(), query.terms.len());
                query.terms.push(term.to_owned());
                query.weights.push(1.0);
            }
        });
        query
    }

    /// Makes a query of distinct terms with given weights.
    pub(super) fn weighted(terms: Vec<(String, f32)>) -> Self {
        let (terms, weights) = terms.into_iter().unzip();
        Self { terms, weights }
    }

    /// Returns the terms.
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// Returns the weights of the terms, in the same order.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Returns true for a query without terms.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns the query of the terms numbered `places`, in the order of this query.
    fn part(&self, mut places: Vec<usize>) -> Self {
        places.sort_unstable();
        let chosen = |place: &usize| (self.terms[*place].clone(), self.weights[*place]);
        Self::weighted(places.iter().map(chosen).collect())
    }

    /// Returns the query with all weights 1.
    pub(super) fn once(&self) -> Self {
        Self { terms: self.terms.clone(), weights: vec![1.0; self.terms.len()] }
    }

    /// Returns the query of the first `count` terms.
    pub(super) fn lead(&self, count: usize) -> Self {
        self.part((0..self.terms.len().min(count)).collect())
    }

    /// Returns the query of the `count` terms with the highest weight times idf, earlier ones among equals; `idfs: [terms]`.
    pub(super) fn heaviest(&self, count: usize, idfs: &[f32]) -> Self {
        let worth = |&place: &usize| self.weights[place] * idfs[place];
        let mut places: Vec<usize> = (0..self.terms.len()).collect();
        places.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        places.truncate(count);
        self.part(places)
    }

    /// Returns the length of the query: the sum of the weights.
    pub(super) fn length(&self) -> f32 {
        self.weights.iter().sum()
    }
}
