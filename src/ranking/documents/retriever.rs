//! Retriever of queries: what retrieval finds and, for training, what was judged and what chance adds.

use std::collections::{BTreeMap, HashMap};

use ndarray::{Array1, Array2, Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::{RunCandidates, SimilarityConfig};
use crate::data::documents::{Judgements, Topic};
use crate::data::features::{Query as QueryRows, RankingSet, UNLABELLED};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::math::sampling;
use crate::ranking::features::TrainingQueries;
use crate::retrieval::{FeatureSet, Hit, Scoring, TextIndex, WeightedQuery};
use crate::seed::Stream;
use crate::team::{Team, Wire};

/// The highest grade a ranker can learn from.
const LARGEST_GRADE: i32 = 31;

/// Search for candidates and their description.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CandidateConfig {
    /// Documents that BM25 finds for a query, or that are taken from a run.
    pub depth: usize,
    /// Number of them, the first, that training learns from.
    pub training_depth: usize,
    /// Number of documents drawn at random beside them, for training.
    pub random: usize,
    /// Makes the judgements of similar queries a feature.
    pub neighbours: bool,
    /// Dimensions of the latent space that is learned as features; 0: none. Models that say nothing have none.
    #[serde(default)]
    pub latent: usize,
    /// Takes candidates from the run of another engine, whose scores are a feature, in place of BM25's hits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub run: bool,
    /// Parameters of the features and of the retrieval.
    pub features: FeatureSet,
    /// Settings of a text similarity that is learned as a feature; none is learned without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<SimilarityConfig>,
}

impl Default for CandidateConfig {
    fn default() -> Self {
        Self {
            depth: 1000,
            training_depth: 200,
            random: 0,
            neighbours: true,
            latent: 150,
            run: false,
            features: FeatureSet::default(),
            similarity: None,
        }
    }
}

impl CandidateConfig {
    /// Refuses depths that are out of range.
    ///
    /// # Errors
    /// When a depth is 0 or above 1,000,000, or the latent space or a setting of the similarity is out of range.
    pub fn validate(&self) -> Result<()> {
        let bounded = |n: usize| (1..=1_000_000).contains(&n);
        if !bounded(self.depth) || !bounded(self.training_depth) || self.random > 1_000_000 {
            return Err(Error::Config("the depth of candidates must lie in 1 to 1000000".into()));
        }
        if self.latent > 1000 {
            let message =
                format!("`candidates.latent`: expected 0 to 1000 dimensions, found {}", self.latent);
            return Err(Error::Config(message));
        }
        self.similarity.map_or(Ok(()), |similarity| similarity.validate())
    }
}

/// Queries and documents that did not become candidates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Queries without any judgement.
    pub unjudged: Vec<String>,
    /// Queries for which nothing is found.
    pub empty: Vec<String>,
    /// Judged documents that the index does not have.
    pub unknown: usize,
}

impl Skipped {
    /// Warns `listener` about each kind of them; `what` names the queries.
    pub fn warn(&self, what: &str, listener: &mut dyn Listener) {
        let Self { unjudged, empty, unknown } = self;
        if let Some(first) = unjudged.first() {
            let count = unjudged.len();
            let message = format!("queries without a judgement, left out: {count}, the first is {first}");
            listener.warning(&format!("{what}: {message}"));
        }
        if let Some(first) = empty.first() {
            let count = empty.len();
            listener.warning(&format!("{what}: queries that find nothing: {count}, the first is {first}"));
        }
        if *unknown > 0 {
            let message =
                format!("judged documents that are not in the index, and count as missed: {unknown}");
            listener.warning(&format!("{what}: {message}"));
        }
    }
}

/// Source of candidates: an index, and how it is searched.
#[derive(Clone, Copy, Debug)]
pub struct Retriever<'a> {
    /// The index.
    pub index: &'a TextIndex,
    /// Search for candidates and their description.
    pub config: &'a CandidateConfig,
    /// Run that candidates are taken from, exactly where the configuration says so.
    pub run: Option<&'a RunCandidates>,
    /// Processes that search and describe a share of the queries each.
    pub team: Team,
}

/// Name of the feature that holds the scores of a run.
pub(super) const RUN: &str = "run";

/// The candidates of one query, in the order of their ids: however the index was cut into segments, the same
/// documents are drawn, and sums are taken in the same order.
struct Pool {
    documents: Vec<u32>,
    features: Array2<f32>,
    ranks: Vec<Option<u32>>, // by BM25 or the run
    grades: Vec<i8>,
    unretrieved: Vec<i8>,
    unknown: usize,
}

impl Wire for Pool {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { documents, features, ranks, grades, unretrieved, unknown } = self;
        documents.write(bytes);
        (features.ncols() as u64).write(bytes);
        features.iter().for_each(|value| value.write(bytes));
        ranks.write(bytes);
        grades.write(bytes);
        unretrieved.write(bytes);
        (*unknown as u64).write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let documents: Vec<u32> = Wire::read(bytes);
        let shape = (documents.len(), u64::read(bytes) as usize);
        let features = Array2::from_shape_simple_fn(shape, || f32::read(bytes));
        let (ranks, grades, unretrieved) = (Wire::read(bytes), Wire::read(bytes), Wire::read(bytes));
        Self { documents, features, ranks, grades, unretrieved, unknown: u64::read(bytes) as usize }
    }
}

impl Retriever<'_> {
    /// Returns what training learns from: the documents that are found, of which the first `training_depth` teach, and random ones.
    /// Queries without a judgement are left out.
    ///
    /// A judged document that is not found does not teach: among others of its kind it would be the only one, and the ranker would
    /// learn that what BM25 ranks low is relevant.
    pub fn training(
        &self,
        topics: &[&Topic],
        judgements: &Judgements,
        stream: Stream,
    ) -> Result<(TrainingQueries, Skipped)> {
        let drawn = |i: usize| self.drawn(stream.at(i as u64));
        let (set, ranks, skipped) = self.collect(topics, Some(judgements), |i, _| drawn(i))?;
        let depth = self.config.training_depth as u32;
        let learned_from = ranks.into_iter().map(|rank| rank.is_none_or(|rank| rank < depth)).collect();
        let references = self.references();
        Ok((TrainingQueries { set, learned_from, references }, skipped))
    }

    /// Returns the documents that are found beside all that were judged and random ones, of the queries with a judgement.
    pub fn judged(
        &self,
        topics: &[&Topic],
        judgements: &Judgements,
        stream: Stream,
    ) -> Result<(RankingSet, Skipped)> {
        let more = |i: usize, grades: &BTreeMap<u32, i8>| {
            grades.keys().copied().chain(self.drawn(stream.at(i as u64))).collect()
        };
        self.collect(topics, Some(judgements), more).map(|(set, _, skipped)| (set, skipped))
    }

    /// Documents drawn at random.
    fn drawn(&self, stream: Stream) -> Vec<u32> {
        let all = self.index.documents();
        let drawn = sampling::subset(all, self.config.random.min(all), &mut stream.rng());
        drawn.into_iter().map(|place| self.index.in_order_of_ids(place)).collect()
    }

    /// Returns the documents that a ranker may rank: only those that retrieval finds. With `judgements`, queries that have none are left
    /// out, and the grades of the others are kept for measuring.
    pub fn retrieved(
        &self,
        topics: &[&Topic],
        judgements: Option<&Judgements>,
    ) -> Result<(RankingSet, Skipped)> {
        self.collect(topics, judgements, |_, _| vec![]).map(|(set, _, skipped)| (set, skipped))
    }

    /// Pools of the documents found and those that `more` adds, by the query's number and grades; and the rank of every document, none
    /// where it is added: `[D]`.
    fn collect(
        &self,
        topics: &[&Topic],
        judgements: Option<&Judgements>,
        more: impl Fn(usize, &BTreeMap<u32, i8>) -> Vec<u32> + Sync,
    ) -> Result<(RankingSet, Vec<Option<u32>>, Skipped)> {
        let mut skipped = Skipped::default();
        let judged = |topic: &&&Topic| judgements.is_none_or(|all| !all.of(&topic.id).is_empty());
        skipped.unjudged =
            topics.iter().filter(|topic| !judged(topic)).map(|topic| topic.id.clone()).collect();
        let topics: Vec<&Topic> = topics.iter().filter(judged).copied().collect();
        let pools = self.team.try_map(topics.len(), |i| {
            let judged = judgements.map_or(&[][..], |judgements| judgements.of(&topics[i].id));
            self.pool(topics[i], judged, |grades| more(i, grades))
        })?;
        let names = self.names();
        let (mut queries, mut grades, mut unretrieved) = (vec![], vec![], vec![]);
        let mut row = 0;
        for (topic, pool) in topics.iter().zip(&pools) {
            skipped.unknown += pool.unknown;
            if pool.documents.is_empty() {
                skipped.empty.push(topic.id.clone());
            }
            queries.push(QueryRows { id: topic.id.clone(), rows: row..row + pool.documents.len() });
            row += pool.documents.len();
            grades.extend_from_slice(&pool.grades);
            unretrieved.push(pool.unretrieved.clone());
        }
        let blocks: Vec<_> = pools.iter().map(|pool| pool.features.view()).collect();
        let features = match blocks.is_empty() {
            true => Array2::zeros((0, names.len())),
            false => concatenate(Axis(0), &blocks).expect("every pool has the same features"),
        };
        let ids = pools.iter().flat_map(|pool| &pool.documents).map(|&document| self.index.id(document));
        let set = RankingSet::new(features, grades, queries, ids, names).with_unretrieved(unretrieved);
        let ranks = pools.iter().flat_map(|pool| pool.ranks.iter().copied()).collect();
        Ok((set, ranks, skipped))
    }

    /// Names of the features: `[F]`.
    fn names(&self) -> Vec<String> {
        let of_run = self.run.map(|_| RUN.to_owned());
        FeatureSet::names(self.index).into_iter().chain(of_run).collect()
    }

    /// Names of the features that are rankings of their own.
    fn references(&self) -> Vec<String> {
        let of_run = self.run.map(|_| RUN.to_owned());
        FeatureSet::references(self.index).into_iter().chain(of_run).collect()
    }

    fn pool(
        &self,
        topic: &Topic,
        judged: &[(String, i32)],
        more: impl Fn(&BTreeMap<u32, i8>) -> Vec<u32>,
    ) -> Result<Pool> {
        let (mut grades, mut unknown) = (BTreeMap::new(), vec![]);
        for (id, grade) in judged {
            if *grade > LARGEST_GRADE {
                let message = format!(
                    "grade {grade} of {id}: at most {LARGEST_GRADE} can be learned from; map it by `judgements.grades`"
                );
                return Err(Error::Unfit(message));
            }
            let grade = i8::try_from((*grade).max(0)).expect("0 to 31");
            match self.index.find(id) {
                Some(document) => {
                    grades.insert(document, grade);
                }
                None => unknown.push(grade),
            }
        }
        let query = WeightedQuery::parse(self.index, &topic.text);
        let (features, depth) = (&self.config.features, self.config.depth);
        // Feedback takes the first of BM25's hits, also where candidates come from a run.
        let most = features.feedback.documents.max(if self.run.is_some() { 0 } else { depth });
        let found = self.index.search(&query, 0, Scoring::Bm25(features.bm25), most)?;
        let expanded = features.feedback.expand(self.index, &query, &found)?;
        let hits = self.run.map_or(found.as_slice(), |run| run.of(&topic.id));
        let rank_of: HashMap<u32, u32> =
            hits.iter().take(depth).zip(0..).map(|(hit, rank)| (hit.document, rank)).collect();
        let mut documents = more(&grades);
        documents.extend(hits.iter().take(depth).map(|hit| hit.document));
        documents.sort_unstable();
        documents.dedup();
        let mut features = features.compute(self.index, &query, &expanded, &documents)?;
        if self.run.is_some() {
            let scores = Array1::from(run_scores(hits, &documents));
            features.push_column(scores.view()).expect("a score for every document");
        }
        let outside = |(document, _): &(&u32, &i8)| documents.binary_search(document).is_err();
        let mut unretrieved: Vec<i8> = grades.iter().filter(outside).map(|(_, &grade)| grade).collect();
        let count = unknown.len();
        unretrieved.extend(unknown);
        unretrieved.sort_unstable();

        let ids: Vec<&str> = documents.iter().map(|&document| self.index.id(document)).collect();
        let mut order: Vec<usize> = (0..documents.len()).collect();
        order.sort_unstable_by_key(|&place| ids[place]);
        let features = features.select(Axis(0), &order);
        let documents: Vec<u32> = order.into_iter().map(|place| documents[place]).collect();
        let of_document = |document: &u32| grades.get(document).copied().unwrap_or(UNLABELLED);
        let ranks = documents.iter().map(|document| rank_of.get(document).copied()).collect();
        let pool_grades = documents.iter().map(of_document).collect();
        Ok(Pool { documents, features, ranks, grades: pool_grades, unretrieved, unknown: count })
    }
}

/// Returns the scores that a run gives `documents`: `[K]`. A document that the run does not have gets its lowest score: the other engine
/// put it below all that it returned.
fn run_scores(hits: &[Hit], documents: &[u32]) -> Vec<f32> {
    let scores: HashMap<u32, f32> = hits.iter().map(|hit| (hit.document, hit.score)).collect();
    let lowest = hits.last().map_or(f32::NAN, |hit| hit.score);
    documents.iter().map(|document| scores.get(document).copied().unwrap_or(lowest)).collect()
}
