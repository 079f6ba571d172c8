//! A ranker of texts: a ranker of their features, and how candidates and features are made.

use std::path::Path;
use std::sync::Arc;

use super::{CandidateConfig, LearnedFeatures, Retriever, RunCandidates, Skipped, Texts};
use crate::data::documents::Topic;
use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::files::toml_file;
use crate::ranking::features::{FeatureRanker, scored};
use crate::ranking::{Method, Player, Rank, Ranker, ScoredQuery};
use crate::retrieval::TextIndex;
use crate::team::Team;

/// The file beside the ranker's own that makes it a ranker of texts.
const CANDIDATES: &str = "retrieval.toml";

/// A trained ranker of what an index finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Reranker {
    /// The ranker of feature vectors.
    pub model: FeatureRanker,
    /// Search for candidates and their description.
    pub config: CandidateConfig,
    /// The features among them that were learned.
    pub learned: Arc<LearnedFeatures>,
}

impl Reranker {
    /// Returns true when the ranker in `folder` is one of texts.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(CANDIDATES).is_file()
    }

    /// Reads the ranker in `folder`.
    pub fn load(folder: &Path) -> Result<Self> {
        let model = FeatureRanker::load(folder)?;
        let path = folder.join(CANDIDATES);
        if !Self::is_in(folder) {
            let message = "this model ranks feature vectors, not texts: retrieval.toml is missing. Rank `task.data`, or train over an index, `task.index`";
            return Err(Error::data(folder, message));
        }
        let config: CandidateConfig =
            toml_file::read(&path).map_err(|cause| Error::data(&path, cause.to_string()))?;
        config.validate().map_err(|cause| Error::data(&path, cause.to_string()))?;
        let learned = Arc::new(LearnedFeatures::load(folder, &config)?);
        Ok(Self { model, config, learned })
    }

    /// The candidates it ranks in `index`, or takes from `run`, with their features, which the processes of the `team` make together.
    ///
    /// # Errors
    /// When the index cannot be read, or a run is missing or not used by this ranker.
    pub fn candidates(
        &self,
        index: &TextIndex,
        topics: &[&Topic],
        run: Option<&RunCandidates>,
        team: Team,
    ) -> Result<(RankingSet, Skipped)> {
        let retriever = Retriever { team, ..self.retriever(index, run)? };
        let (set, skipped) = retriever.retrieved(topics, None)?;
        let texts = Texts::new(index, topics.iter().copied()).shared_by(team);
        Ok((self.learned.describe(&texts, set)?, skipped))
    }

    /// The source of its candidates.
    ///
    /// # Errors
    /// When a run is missing or not used by this ranker.
    pub(super) fn retriever<'a>(
        &'a self,
        index: &'a TextIndex,
        run: Option<&'a RunCandidates>,
    ) -> Result<Retriever<'a>> {
        match (self.config.run, run) {
            (true, None) => Err(Error::Config(
                "this model ranks the candidates of another engine, whose scores it uses: expected its run, `candidates.run`"
                    .into(),
            )),
            (false, Some(_)) => Err(Error::Config(
                "this model was trained on what the index finds, and knows no scores of a run: train it with `candidates.run`, or \
                 leave that out"
                    .into(),
            )),
            _ => Ok(Retriever { index, config: &self.config, run, team: Team::ALONE }),
        }
    }

    /// Scores of the documents of `set`, which [`candidates`](Self::candidates) made: `[D]`.
    pub fn score(&self, set: &RankingSet, player: Player) -> Result<Vec<f32>> {
        self.model.score(set, player)
    }
}

impl Ranker for Reranker {
    fn method(&self) -> Method {
        self.model.method()
    }

    fn chosen(&self) -> Player {
        self.model.chosen()
    }

    fn save(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", source))?;
        toml_file::write(&folder.join(CANDIDATES), &self.config)?;
        self.learned.save(folder)?;
        self.model.save(folder)
    }
}

impl Rank for Reranker {
    type Queries = RankingSet;

    fn scored(&self, set: &RankingSet, player: Player) -> Result<Vec<ScoredQuery>> {
        Ok(scored(set, &self.score(set, player)?))
    }
}
