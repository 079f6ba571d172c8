//! Rankings of one index side by side: BM25, BM25 with feedback, and a trained ranker.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use super::RankedSearcher;
use crate::error::{Error, Result};
use crate::evaluation::Pooling;
use crate::ranking::Player;
use crate::ranking::features::Contribution;
use crate::retrieval::{Feedback, FoundDocument, Hit, SearchConfig, Searcher, TextIndex, WeightedQuery};

/// Ranking of what an index finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankedBy {
    /// BM25 with its default parameters.
    Bm25,
    /// BM25 with feedback by RM3.
    Feedback,
    /// A trained ranker.
    Model,
}

impl fmt::Display for RankedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bm25 => "bm25",
            Self::Feedback => "feedback",
            Self::Model => "model",
        })
    }
}

impl FromStr for RankedBy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Bm25, Self::Feedback, Self::Model];
        let found = all.into_iter().find(|ranker| ranker.to_string() == text);
        found.ok_or_else(|| Error::Config(format!("expected bm25, feedback or model, found {text:?}")))
    }
}

/// An open index that is searched by BM25, with feedback or not, and by a trained ranker where there is one.
#[derive(Debug)]
pub struct Finder {
    index: Arc<TextIndex>,
    ranker: Option<RankedSearcher>,
}

/// Hit beside its place in the other ranking, and the cause of its score.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedHit {
    /// The document with the parts of its texts to show.
    pub found: FoundDocument,
    /// Rank, from 1.
    pub rank: usize,
    /// Rank in the other ranking, from 1; `None` where that did not find it among its first [`Comparison::DEPTH`].
    pub other: Option<usize>,
    /// Contributions of the features to the score of a trained ranker, the largest first; empty for others.
    pub contributions: Vec<Contribution>,
}

/// The best hits of two rankings for one query.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Rankings: BM25, and the trained ranker or, without one, BM25 with feedback.
    pub rankers: [RankedBy; 2],
    /// Best hits of each.
    pub hits: [Vec<ComparedHit>; 2],
}

impl Comparison {
    /// Number of first documents of each ranking in which the hits of the other are looked up.
    pub const DEPTH: usize = 1000;
}

impl Finder {
    /// Opens the index in `index` and the ranker in `model`, of which `player` or the chosen one ranks.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn open(index: &Path, model: Option<&Path>, player: Option<Player>) -> Result<Self> {
        let index = Arc::new(TextIndex::open(index)?);
        let ranker = model.map(|model| RankedSearcher::new(model, index.clone(), player, Comparison::DEPTH));
        Ok(Self { index, ranker: ranker.transpose()? })
    }

    /// Returns the index.
    pub fn index(&self) -> &TextIndex {
        &self.index
    }

    /// Returns the trained ranker.
    pub fn ranker(&self) -> Option<&RankedSearcher> {
        self.ranker.as_ref()
    }

    /// Returns the ranking that stands beside BM25: that of the trained ranker, or BM25 with feedback.
    pub fn second(&self) -> RankedBy {
        if self.ranker.is_some() { RankedBy::Model } else { RankedBy::Feedback }
    }

    /// Returns the best `k` hits for the words of `text`, best first.
    ///
    /// # Errors
    /// When the index cannot be read, or there is no trained ranker and one is asked for.
    pub fn search(&self, by: RankedBy, text: &str, k: usize) -> Result<Vec<Hit>> {
        let feedback = match by {
            RankedBy::Bm25 => None,
            RankedBy::Feedback => Some(Feedback::default()),
            RankedBy::Model => {
                let mut hits = self.needed_ranker()?.pool(text)?.hits;
                hits.truncate(k);
                return Ok(hits);
            }
        };
        let config = SearchConfig { feedback, k, ..Default::default() };
        Searcher::new(self.index.clone(), &config)?.search(&WeightedQuery::parse(&self.index, text))
    }

    /// Returns the trained ranker, or tells that there is none.
    fn needed_ranker(&self) -> Result<&RankedSearcher> {
        let missing = || Error::Config("there is no trained ranker: expected `model.folder`".into());
        self.ranker.as_ref().ok_or_else(missing)
    }

    /// Returns the best `k` hits as [`Self::search`] does, with the parts of their texts to show.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn find(&self, by: RankedBy, text: &str, k: usize) -> Result<Vec<FoundDocument>> {
        let query = WeightedQuery::parse(&self.index, text);
        self.search(by, text, k)?.into_iter().map(|hit| self.index.present(&query, hit)).collect()
    }

    /// Returns the best `k` hits of both rankings with their moves, and the causes of those of a trained ranker.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn compare(&self, text: &str, k: usize) -> Result<Comparison> {
        let rankers = [RankedBy::Bm25, self.second()];
        let depth = Comparison::DEPTH.max(k);
        let first = self.search(rankers[0], text, depth)?;
        let (mut second, mut causes) = (vec![], vec![]);
        if let Some(ranker) = &self.ranker {
            let pool = ranker.pool(text)?;
            causes = ranker.explain(&pool, k)?;
            second = pool.hits;
        } else {
            second.extend(self.search(rankers[1], text, depth)?);
        }
        let query = WeightedQuery::parse(&self.index, text);
        let ranks = |hits: &[Hit]| -> HashMap<u32, usize> {
            hits.iter().zip(1..).map(|(hit, rank)| (hit.document, rank)).collect()
        };
        let (first_ranks, second_ranks) = (ranks(&first), ranks(&second));
        let compared = |hits: &[Hit], others: &HashMap<u32, usize>, causes: &[Vec<Contribution>]| {
            let one = |(place, hit): (usize, &Hit)| {
                Ok(ComparedHit {
                    found: self.index.present(&query, *hit)?,
                    rank: place + 1,
                    other: others.get(&hit.document).copied(),
                    contributions: causes.get(place).cloned().unwrap_or_default(),
                })
            };
            hits.iter().take(k).enumerate().map(one).collect::<Result<Vec<_>>>()
        };
        let hits = [compared(&first, &second_ranks, &[])?, compared(&second, &first_ranks, &causes)?];
        Ok(Comparison { rankers, hits })
    }

    /// Returns the ids of the documents to judge for the query with the id `id`, of the rankings that [`Self::compare`] shows, in
    /// the order to judge them.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn judging_pool(&self, id: &str, text: &str, plan: Pooling) -> Result<Vec<String>> {
        let ids = |by| -> Result<Vec<String>> {
            let hits = self.search(by, text, Comparison::DEPTH.max(plan.depth))?;
            Ok(hits.into_iter().map(|hit| self.index.id(hit.document).to_owned()).collect())
        };
        Ok(plan.pool(id, &[ids(RankedBy::Bm25)?, ids(self.second())?]))
    }
}
