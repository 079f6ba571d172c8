//! Searches of an index that a trained ranker ranks: hits of one query or of many.

use std::path::Path;

use super::Reranker;
use crate::data::documents::Topic;
use crate::error::{Error, Result};
use crate::ranking::{Player, Rank as _, Ranker as _};
use crate::retrieval::{FoundDocument, Hit, TextIndex, WeightedQuery};
use crate::team::Team;

/// An open index together with the ranker of what is found in it.
#[derive(Debug)]
pub struct RankedSearcher {
    index: TextIndex,
    ranker: Reranker,
    player: Player,
    k: usize,
    team: Team,
}

impl RankedSearcher {
    /// Opens the ranker in `model` and the index in `index`, for the best `k` documents by `player` or by the chosen one.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn open(model: &Path, index: &Path, player: Option<Player>, k: usize) -> Result<Self> {
        let ranker = Reranker::load(model)?;
        if ranker.config.run {
            let message = "it ranks the candidates of another engine, which finds them first: rank its run, `ranking.candidates`";
            return Err(Error::data(model, message));
        }
        let player = player.unwrap_or(ranker.chosen());
        Ok(Self { index: TextIndex::open(index)?, ranker, player, k, team: Team::ALONE })
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

    /// Returns the best hits of every topic, best first: `[Q]`.
    ///
    /// # Errors
    /// When the index cannot be read, or the ranker does not fit it.
    pub fn search_all(&self, topics: &[Topic]) -> Result<Vec<Vec<Hit>>> {
        self.team.agree("set of queries", Topic::digest(topics))?;
        let topics: Vec<&Topic> = topics.iter().collect();
        let (set, _) = self.ranker.candidates(&self.index, &topics, None, self.team)?;
        let ranking = self.ranker.rank(&set, Some(self.player));
        let ranking = ranking.map_err(|error| error.in_file(self.index.folder()))?;
        let hits = |candidates: &[(String, f32)]| {
            let hit = |(id, score): &(String, f32)| {
                let document = self.index.find(id);
                let document = document.ok_or_else(|| Error::Unfit(format!("{id} is not in the index")))?;
                Ok(Hit { document, score: *score })
            };
            let mut hits = candidates.iter().map(hit).collect::<Result<Vec<Hit>>>()?;
            let id = |hit: &Hit| self.index.id(hit.document);
            hits.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then_with(|| id(b).cmp(id(a))));
            hits.truncate(self.k);
            Ok(hits)
        };
        ranking.queries.iter().map(|query| hits(&query.candidates)).collect()
    }

    /// Returns the best documents for the words of `text`, with snippets.
    ///
    /// # Errors
    /// As [`Self::search_all`].
    pub fn find(&self, text: &str) -> Result<Vec<FoundDocument>> {
        let topic = Topic { id: "query".to_owned(), text: text.to_owned() };
        let hits = self.search_all(&[topic])?.swap_remove(0);
        let query = WeightedQuery::parse(&self.index, text);
        hits.into_iter().map(|hit| self.index.present(&query, hit)).collect()
    }
}
