//! A query as weighted terms.

use std::collections::HashMap;

use super::TextIndex;
use super::analysis::for_each_term;

/// The distinct terms of a query, in the order of their first appearance.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    terms: Vec<String>,
    weights: Vec<f32>,
}

impl Query {
    /// The terms of `text` as `index` analyses it, each with its number of occurrences.
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

    /// Terms with weights of one's own.
    pub(super) fn weighted(terms: Vec<(String, f32)>) -> Self {
        let (terms, weights) = terms.into_iter().unzip();
        Self { terms, weights }
    }

    /// The terms.
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// The weight of every term.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Whether there is no term to search for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The terms numbered `places`, in their order.
    fn part(&self, mut places: Vec<usize>) -> Self {
        places.sort_unstable();
        let chosen = |place: &usize| (self.terms[*place].clone(), self.weights[*place]);
        Self::weighted(places.iter().map(chosen).collect())
    }

    /// Every term once.
    pub(super) fn once(&self) -> Self {
        Self { terms: self.terms.clone(), weights: vec![1.0; self.terms.len()] }
    }

    /// The first `count` terms.
    pub(super) fn lead(&self, count: usize) -> Self {
        self.part((0..self.terms.len().min(count)).collect())
    }

    /// The `count` terms of the highest weight by idf: `idfs: [terms]`; of equals, the first.
    pub(super) fn heaviest(&self, count: usize, idfs: &[f32]) -> Self {
        let worth = |&place: &usize| self.weights[place] * idfs[place];
        let mut places: Vec<usize> = (0..self.terms.len()).collect();
        places.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        places.truncate(count);
        self.part(places)
    }

    /// Sum of the weights: the query's length.
    pub(super) fn length(&self) -> f32 {
        self.weights.iter().sum()
    }
}
