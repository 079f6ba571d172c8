//! Sources of a task of documents: queries over a text index and their judgements.

use std::path::{Path, PathBuf};

use super::{CandidateConfig, Joined, RunCandidates};
use crate::data::documents::{GradeMap, JudgementOptions, Judgements, Topic, TopicIds, read_topics};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::ranking::TrainConfig;
use crate::retrieval::TextIndex;
use crate::team::Team;

/// Queries over a text index, by their files.
#[derive(Clone, Copy, Debug)]
pub struct QuerySource<'a> {
    /// Folder of the index.
    pub index: &'a Path,
    /// File of the queries.
    pub queries: &'a Path,
    /// Ids of the queries in runs.
    pub ids: TopicIds,
    /// Run of another engine that candidates are taken from; without one the index finds them.
    pub run: Option<&'a Path>,
    /// Processes that read the same, and share what is made of it.
    pub team: Team,
}

/// An open index, its queries, and the run that candidates are taken from.
#[derive(Debug)]
pub struct OpenQueries {
    /// The index.
    pub index: TextIndex,
    /// The queries, in the order of their file.
    pub topics: Vec<Topic>,
    /// Candidates of another engine.
    pub run: Option<RunCandidates>,
}

impl QuerySource<'_> {
    /// Opens the index and reads the queries and the run; warnings tell `listener` what of the run is left out.
    ///
    /// # Errors
    /// When one of them cannot be read, they do not fit each other, or a process has others.
    pub fn open(&self, listener: &mut dyn Listener) -> Result<OpenQueries> {
        let (index, topics) = (TextIndex::open(self.index)?, read_topics(self.queries, self.ids)?);
        self.team.agree("index", index.check_sum().into())?;
        self.team.agree("set of queries", Topic::digest(&topics))?;
        let run = self.run.map(|path| RunCandidates::read(path, &index)).transpose()?;
        if let Some(run) = &run {
            self.team.agree("run of candidates", run.check_sum().into())?;
            run.check(&topics, listener)?;
        }
        Ok(OpenQueries { index, topics, run })
    }
}

/// Queries over a text index with their judgements, and how candidates are found.
#[derive(Clone, Debug)]
pub struct DocumentTask {
    /// Folder of the index.
    pub index: PathBuf,
    /// File of the queries.
    pub queries: PathBuf,
    /// Ids of the queries in runs.
    pub query_ids: TopicIds,
    /// Run of another engine that candidates are taken from.
    pub run: Option<PathBuf>,
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
    /// Processes that train together.
    pub team: Team,
}

impl DocumentTask {
    /// Returns the files of the queries.
    pub(super) fn source(&self) -> QuerySource<'_> {
        let Self { index, queries, query_ids, run, team, .. } = self;
        QuerySource { index, queries, ids: *query_ids, run: run.as_deref(), team: *team }
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
