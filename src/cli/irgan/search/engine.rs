//! Searches by a score of the index or by a trained ranker.

use std::path::{Path, PathBuf};

use crate::cli::args::session::quoted;
use crate::cli::team::{agree_on_model, team};
use crate::data::documents::Topic;
use crate::error::{Error, Result};
use crate::ranking::answers::AnswerModel;
use crate::ranking::documents::{RankedSearcher, Reranker};
use crate::ranking::features::FeatureRanker;
use crate::ranking::interactions::{RecommenderModel, has_npy};
use crate::ranking::{Player, kind_of};
use crate::retrieval::{
    FoundDocument, SearchConfig, Searcher, TextIndex, TopicHits, TopicSearcher, index_of_files,
};
use crate::runs::RunDir;

/// Source of hits.
pub(super) enum Engine {
    /// A score of the index.
    Score(Box<Searcher>),
    /// A trained ranker of what the index finds.
    Ranker(Box<RankedSearcher>),
}

impl Engine {
    /// Opens the index for searches by a score.
    pub(super) fn by_score(index: &Path, config: &SearchConfig) -> Result<Self> {
        Searcher::open(index, config).map(|searcher| Self::Score(Box::new(searcher)))
    }

    /// Opens the ranker in `model` over `index` or, without one, over the index that it was trained on.
    pub(super) fn by_ranker(
        model: &Path,
        index: Option<&Path>,
        player: Option<Player>,
        k: usize,
    ) -> Result<Self> {
        ranker(model, index, player, k).map(Self::Ranker)
    }

    pub(super) fn index(&self) -> &TextIndex {
        match self {
            Self::Score(searcher) => searcher.index(),
            Self::Ranker(searcher) => searcher.index(),
        }
    }

    pub(super) fn find(&self, text: &str) -> Result<Vec<FoundDocument>> {
        match self {
            Self::Score(searcher) => searcher.find(text),
            Self::Ranker(searcher) => searcher.find(text),
        }
    }
}

/// Source of the hits of many topics.
pub(super) enum TopicEngine {
    /// A score of the index.
    Score(Box<TopicSearcher>),
    /// A trained ranker of what the index finds.
    Ranker(Box<RankedSearcher>),
}

impl TopicEngine {
    /// Opens the index for searches by a score, which all processes of the team share.
    pub(super) fn by_score(index: &Path, config: &SearchConfig) -> Result<Self> {
        let searcher = TopicSearcher::open(index, config, team())?;
        if searcher.idle() > 0 {
            warning!("processes that have no shard to search: {}", searcher.idle());
        }
        Ok(Self::Score(Box::new(searcher)))
    }

    /// Opens the ranker in `model`, as [`Engine::by_ranker`] does.
    pub(super) fn by_ranker(
        model: &Path,
        index: Option<&Path>,
        player: Option<Player>,
        k: usize,
    ) -> Result<Self> {
        ranker(model, index, player, k).map(Self::Ranker)
    }

    /// Returns the name of what ranks.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Score(searcher) => searcher.name(),
            Self::Ranker(searcher) => searcher.name(),
        }
    }

    pub(super) fn search_all(&self, topics: &[Topic]) -> Result<TopicHits<'_>> {
        match self {
            Self::Score(searcher) => searcher.search_all(topics),
            Self::Ranker(searcher) => Ok(TopicHits::new(searcher.index(), searcher.search_all(topics)?)),
        }
    }
}

/// Opens the ranker in `model` over `index` or, without one, over the index that it was trained on.
fn ranker(
    model: &Path,
    index: Option<&Path>,
    player: Option<Player>,
    k: usize,
) -> Result<Box<RankedSearcher>> {
    refuse_other_kinds(model)?;
    let index = match index {
        Some(index) => index.to_owned(),
        None => trained_on(model)?,
    };
    agree_on_model(model)?;
    RankedSearcher::open(model, &index, player, k)?.shared_by(team()).map(Box::new)
}

/// Refuses a model that ranks no texts, with the command that ranks by it.
fn refuse_other_kinds(model: &Path) -> Result<()> {
    let kind = if has_npy(model) { RecommenderModel::KIND.to_owned() } else { kind_of(model)? };
    let folder = quoted(&model.to_string_lossy());
    let (what, command) = match kind.as_str() {
        RecommenderModel::KIND => ("a recommender", format!("irgan recommend --model {folder} --user ID")),
        AnswerModel::KIND => (
            "a ranker of questions and answers",
            format!("irgan rank --model {folder} --data FILE --out FILE.run"),
        ),
        FeatureRanker::KIND if !Reranker::is_in(model) => {
            ("a ranker of feature vectors", format!("irgan rank --model {folder} --data FILE --out FILE.run"))
        }
        _ => return Ok(()),
    };
    Err(Error::data(model, format!("{what}, which searches no texts; use it by `{command}`")))
}

/// Returns the index that the training of `model` read, by the record of its run, which may lie above it.
fn trained_on(model: &Path) -> Result<PathBuf> {
    let missing = || Error::Config(format!("{}: its run names no index; add --index", model.display()));
    let folder = std::fs::canonicalize(model).map_err(|source| Error::io(model, "read", source))?;
    let record = folder.ancestors().take(3).find_map(|folder| RunDir::open(folder).ok());
    let (_, record) = record.ok_or_else(missing)?;
    let files = record.data.iter().map(|file| file.path.as_path());
    index_of_files(files).map(Path::to_owned).ok_or_else(missing)
}
