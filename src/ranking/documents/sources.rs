//! Sources of a task of documents: queries over a text index and their judgements.

use std::path::PathBuf;

use super::{CandidateConfig, Joined};
use crate::data::documents::{GradeMap, JudgementOptions, Judgements, Topic, TopicIds, read_topics};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::ranking::TrainConfig;
use crate::retrieval::TextIndex;

/// Queries over a text index with their judgements, and how candidates are found.
#[derive(Clone, Debug)]
pub struct DocumentTask {
    /// Folder of the index.
    pub index: PathBuf,
    /// File of the queries.
    pub queries: PathBuf,
    /// Ids of the queries in runs.
    pub query_ids: TopicIds,
    /// File of the judgements, which all but ranking needs.
    pub qrels: Option<PathBuf>,
    /// New grades for those of the file.
    pub grades: Option<GradeMap>,
    /// Search for candidates and their description; the parameters of the features are tuned on the training queries.
    pub candidates: CandidateConfig,
    /// Share of the judged queries that is held out for validation; without one, all train and choose, by an inner cross-validation.
    pub valid_share: Option<f64>,
    /// Share of the training positives that stay observed.
    pub observed: Option<f64>,
}

impl DocumentTask {
    /// Opens the index and reads the queries.
    pub(super) fn open(&self) -> Result<(TextIndex, Vec<Topic>)> {
        Ok((TextIndex::open(&self.index)?, read_topics(&self.queries, self.query_ids)?))
    }

    /// Reads the judgements; a note tells `listener` what was guessed.
    pub(super) fn read_judgements(&self, listener: &mut dyn Listener) -> Result<Judgements> {
        let Some(path) = &self.qrels else {
            return Err(Error::Config("queries need judgements to learn from: `judgements.file`".into()));
        };
        let judgements = Judgements::read(path, &JudgementOptions { grades: self.grades.clone() })?;
        judgements.guessed().into_iter().for_each(|guessed| listener.note(guessed));
        Ok(judgements)
    }

    /// Returns true when the training queries choose by an inner cross-validation. A similarity that is learned needs queries of its
    /// own to choose by.
    pub(super) fn chooses_alone(&self, config: &TrainConfig) -> bool {
        self.valid_share.is_none() && config.choice.folds > 0 && self.candidates.similarity.is_none()
    }

    /// Joins the queries with their judgements.
    pub(super) fn join<'a>(&self, topics: &'a [Topic], judgements: &Judgements) -> Result<Joined<'a>> {
        let joined = Joined::new(topics, judgements);
        joined.map_err(|error| error.in_file(self.qrels.as_deref().unwrap_or(&self.queries)))
    }
}
