//! Pools of texts.

use std::sync::Arc;

use crate::data::features::RankingSet;
use crate::ranking::{FeaturePools, Pools};
use crate::retrieval::Bag;

/// Candidate pools whose queries and documents are bags; a document's bag is held once, however many pools it is in.
///
/// Copies share everything but the choice of queries that may be learned from.
#[derive(Clone, Debug)]
pub struct TextPools {
    judged: Arc<FeaturePools>, // without features
    queries: Arc<[Bag]>,       // [Q]
    documents: Arc<[Bag]>,
    rows: Arc<[u32]>, // [D]: the bag of every row
    trainable: Vec<u32>,
}

impl TextPools {
    /// The pools of `set`, whose queries are `queries: [Q]` and whose row r has the bag `documents[rows[r]]`.
    pub fn new(set: &RankingSet, queries: Vec<Bag>, documents: Vec<Bag>, rows: Vec<u32>) -> Self {
        assert_eq!(queries.len(), set.queries().len(), "one bag a query");
        assert_eq!(rows.len(), set.documents(), "one bag a row");
        let judged = FeaturePools::new(set.without_features());
        let trainable = judged.trainable();
        Self {
            judged: Arc::new(judged),
            queries: queries.into(),
            documents: documents.into(),
            rows: rows.into(),
            trainable,
        }
    }

    /// Returns these pools with only the queries that `keep` says to be learned from.
    pub fn learning_from(&self, keep: impl Fn(u32) -> bool) -> Self {
        let mut kept = self.clone();
        kept.trainable.retain(|&query| keep(query));
        kept
    }

    /// The bag of a query.
    pub fn query(&self, query: u32) -> &Bag {
        &self.queries[query as usize]
    }

    /// The bag of a candidate.
    pub fn text(&self, query: u32, candidate: u32) -> &Bag {
        let row = self.judged.set().queries()[query as usize].rows.start + candidate as usize;
        &self.documents[self.rows[row] as usize]
    }
}

impl Pools for TextPools {
    fn queries(&self) -> usize {
        self.queries.len()
    }

    fn name(&self, query: usize) -> &str {
        self.judged.name(query)
    }

    fn candidates(&self, query: usize) -> usize {
        self.judged.candidates(query)
    }

    fn positives(&self, query: usize) -> &[u32] {
        self.judged.positives(query)
    }

    fn grades(&self, query: usize) -> std::borrow::Cow<'_, [i8]> {
        self.judged.grades(query)
    }

    fn unretrieved(&self, query: usize) -> &[i8] {
        self.judged.unretrieved(query)
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        self.judged.document(query, candidate)
    }

    fn trainable(&self) -> Vec<u32> {
        self.trainable.clone()
    }
}
