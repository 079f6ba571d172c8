//! Searches of an index that a trained ranker ranks: hits of one query or of many.

use std::path::Path;
use std::sync::Arc;

use super::Reranker;
use crate::data::documents::Topic;
use crate::data::features::{Query, RankingSet};
use crate::error::{Error, Result};
use crate::evaluation::rank_order;
use crate::ranking::features::{Contribution, contributions};
use crate::ranking::{Player, Ranker as _};
use crate::retrieval::{FoundDocument, Hit, TextIndex, WeightedQuery};
use crate::team::Team;

/// An open index together with the ranker of what is found in it.
#[derive(Debug)]
pub struct RankedSearcher {
    index: Arc<TextIndex>,
    ranker: Reranker,
    player: Player,
    k: usize,
    team: Team,
}

/// Candidates of one query with all hits in the ranker's order.
#[derive(Debug)]
pub struct RankedPool {
    set: RankingSet,
    rows: Vec<usize>, // of the set, best first
    /// Hits, best first.
    pub hits: Vec<Hit>,
}

impl RankedSearcher {
    /// Opens the ranker in `model` and the index in `index`, for the best `k` documents by `player` or by the chosen one.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn open(model: &Path, index: &Path, player: Option<Player>, k: usize) -> Result<Self> {
        Self::new(model, TextIndex::open(index)?, player, k)
    }

    /// Opens the ranker in `model` over an open index, which others may share.
    ///
    /// # Errors
    /// When the ranker cannot be read, or ranks the candidates of another engine.
    pub fn new(
        model: &Path,
        index: impl Into<Arc<TextIndex>>,
        player: Option<Player>,
        k: usize,
    ) -> Result<Self> {
        let ranker = Reranker::load(model)?;
        if ranker.config.run {
            let message = "it ranks the candidates of another engine, which finds them first: rank its run, `ranking.candidates`";
            return Err(Error::data(model, message));
        }
        let player = player.unwrap_or(ranker.chosen());
        Ok(Self { index: index.into(), ranker, player, k, team: Team::ALONE })
    }

    /// Returns the searcher for the processes of a `team`, which search together and have all hits each.
    ///
    /// # Errors
    /// When the processes have different indexes.
    pub fn shared_by(self, team: Team) -> Result<Self> {
        team.agree("index", self.index.check_sum().into())?;
        Ok(Self { team, ..self })
    }

    /// Returns the index.
    pub fn index(&self) -> &TextIndex {
        &self.index
    }

    /// Returns the name of the ranker: method and player.
    pub fn name(&self) -> String {
        format!("{}-{}", self.ranker.method(), self.player)
    }

    /// Returns the number of documents that are found for a query, and ranked.
    pub fn depth(&self) -> usize {
        self.ranker.config.depth
    }

    /// Returns the best hits of every topic, best first: `[Q]`.
    ///
    /// # Errors
    /// When the index cannot be read, or the ranker does not fit it.
    pub fn search_all(&self, topics: &[Topic]) -> Result<Vec<Vec<Hit>>> {
        let (set, scores) = self.scored(topics)?;
        let best = |query: &Query| {
            let rows = in_order(&set, &scores, query).into_iter().take(self.k);
            rows.map(|row| self.hit(&set, &scores, row)).collect()
        };
        set.queries().iter().map(best).collect()
    }

    /// Returns the candidates of a query, all ranked.
    ///
    /// # Errors
    /// As [`Self::search_all`].
    pub fn pool(&self, text: &str) -> Result<RankedPool> {
        let (set, scores) = self.scored(&[query(text)])?;
        let rows = in_order(&set, &scores, &set.queries()[0]);
        let hits = rows.iter().map(|&row| self.hit(&set, &scores, row)).collect::<Result<_>>()?;
        Ok(RankedPool { set, rows, hits })
    }

    /// Returns the contributions of the features to the scores of the first `count` hits of `pool`, the largest first.
    ///
    /// # Errors
    /// When the ranker does not fit the pool, which another one made.
    pub fn explain(&self, pool: &RankedPool, count: usize) -> Result<Vec<Vec<Contribution>>> {
        let places = &pool.rows[..pool.rows.len().min(count)];
        contributions(&self.ranker.model, &pool.set, 0, places, self.player)
    }

    /// Returns the best documents for the words of `text`, with snippets.
    ///
    /// # Errors
    /// As [`Self::search_all`].
    pub fn find(&self, text: &str) -> Result<Vec<FoundDocument>> {
        let hits = self.search_all(&[query(text)])?.swap_remove(0);
        let query = WeightedQuery::parse(&self.index, text);
        hits.into_iter().map(|hit| self.index.present(&query, hit)).collect()
    }

    /// Returns the candidates of `topics` and their scores: `[D]`.
    fn scored(&self, topics: &[Topic]) -> Result<(RankingSet, Vec<f32>)> {
        self.team.agree("set of queries", Topic::digest(topics))?;
        let topics: Vec<&Topic> = topics.iter().collect();
        let (set, _) = self.ranker.candidates(&self.index, &topics, None, self.team)?;
        let scores = self.ranker.score(&set, self.player);
        let scores = scores.map_err(|error| error.in_file(self.index.folder()))?;
        Ok((set, scores))
    }

    /// Returns the hit in a row of the candidates.
    fn hit(&self, set: &RankingSet, scores: &[f32], row: usize) -> Result<Hit> {
        let id = set.document(row);
        let document = self.index.find(id);
        let document = document.ok_or_else(|| Error::Unfit(format!("{id} is not in the index")))?;
        Ok(Hit { document, score: scores[row] })
    }
}

/// Returns the rows of a query's candidates, best first; of equal scores, that of the later id is better, as in trec_eval.
fn in_order(set: &RankingSet, scores: &[f32], query: &Query) -> Vec<usize> {
    let start = query.rows.start;
    let order = rank_order(&scores[query.rows.clone()], |place| set.document(start + place));
    order.into_iter().map(|place| start + place).collect()
}

/// Returns the topic of a query that has no id.
fn query(text: &str) -> Topic {
    Topic { id: "query".to_owned(), text: text.to_owned() }
}
