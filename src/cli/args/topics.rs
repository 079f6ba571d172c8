//! Queries over an index with their judgements: what `train`, `cv`, `rank` and `features` share.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::console;
use crate::cli::team::team;
use crate::data::documents::{GradeMap, JudgementOptions, Judgements, TopicIds};
use crate::error::{Error, Result};
use crate::ranking::documents::{CandidateConfig, DocumentTask, OpenQueries, QuerySource, SimilarityConfig};

/// Flags of a training on texts: queries over an index, their judgements, and the search for candidates.
#[derive(Clone, Debug, Args)]
pub struct TextArgs {
    #[command(flatten)]
    pub(in crate::cli) topics: TopicArgs,
    #[command(flatten)]
    pub(in crate::cli) judgements: JudgementArgs,
    #[command(flatten)]
    depth: DepthArgs,
    #[command(flatten)]
    learned: LearnedArgs,
}

impl TextArgs {
    /// Returns the task of these flags, without anything hidden; none when they name no index.
    pub(in crate::cli) fn task(&self) -> Result<Option<DocumentTask>> {
        let Some(source) = self.topics.source() else { return Ok(None) };
        let candidates = self.learned.apply(self.depth.resolve()?)?;
        Ok(Some(DocumentTask {
            index: source.index.to_owned(),
            queries: source.queries.to_owned(),
            query_ids: source.ids,
            run: source.run.map(Path::to_owned),
            qrels: self.judgements.qrels.clone(),
            grades: self.judgements.grades.clone(),
            candidates: CandidateConfig { run: source.run.is_some(), ..candidates },
            valid_share: None,
            observed: None,
            team: source.team,
        }))
    }
}

/// Queries over a text index.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Texts")]
pub struct TopicArgs {
    /// Folder of a text index (see `irgan index`)
    #[arg(long, requires = "queries")]
    pub(in crate::cli) index: Option<PathBuf>,
    /// Queries: `id<TAB>text`, JSONL, SMART or TREC; - reads standard input
    #[arg(long, requires = "index")]
    pub(in crate::cli) queries: Option<PathBuf>,
    /// Ids of the queries in runs
    #[arg(long, default_value = "as-written")]
    pub(in crate::cli) query_ids: TopicIds,
    /// Rank the documents of this run, of any engine, in place of what BM25 finds; its scores are a feature and a prior
    #[arg(long, value_name = "RUN", requires = "index")]
    pub(in crate::cli) candidates: Option<PathBuf>,
}

/// Judgements of queries over a text index.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Texts")]
pub struct JudgementArgs {
    /// Judgements: `query 0 document grade`, three columns, or BEIR's
    #[arg(long, requires = "index")]
    pub(in crate::cli) qrels: Option<PathBuf>,
    /// New grades for those of the judgements: 1=4,2=3,3=2,4=1,5=0,-1=0 turns codes into grades
    #[arg(long, requires = "qrels")]
    grades: Option<GradeMap>,
}

/// Depth of the search for candidates.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Texts")]
pub struct DepthArgs {
    /// Number of documents that BM25 finds for a query and the ranker ranks
    #[arg(long, default_value_t = CandidateConfig::default().depth)]
    depth: usize,
    /// Number of the documents found, the first, that training learns from
    #[arg(long, default_value_t = CandidateConfig::default().training_depth)]
    training_depth: usize,
    /// Number of documents drawn at random for training, beside those found and judged
    #[arg(long, default_value_t = CandidateConfig::default().random)]
    random_documents: usize,
}

/// Features that are learned, from the judgements or from the documents alone.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Texts")]
pub struct LearnedArgs {
    /// Learn a similarity of texts by the adversarial game, and make it a feature
    #[arg(long, requires = "index")]
    similarity: bool,
    /// Do not make the judgements of similar training queries a feature
    #[arg(long, requires = "index")]
    no_neighbours: bool,
    /// Dimensions of a latent semantic space of the documents, whose cosines are features
    #[arg(long, default_value_t = CandidateConfig::default().latent)]
    latent: usize,
    /// Do not make cosines in a latent semantic space features
    #[arg(long, requires = "index", conflicts_with = "latent")]
    no_latent: bool,
}

impl LearnedArgs {
    /// `config` with the features that these flags ask for.
    pub(in crate::cli) fn apply(self, config: CandidateConfig) -> Result<CandidateConfig> {
        let similarity = self.similarity.then(SimilarityConfig::default);
        let latent = if self.no_latent { 0 } else { self.latent };
        let config = CandidateConfig { neighbours: !self.no_neighbours, latent, similarity, ..config };
        config.validate()?;
        Ok(config)
    }
}

impl TopicArgs {
    /// Returns the index, the queries and the run of their candidates; none where no index is named.
    pub(in crate::cli) fn source(&self) -> Option<QuerySource<'_>> {
        Some(QuerySource {
            index: self.index.as_deref()?,
            queries: self.queries.as_deref()?,
            ids: self.query_ids,
            run: self.candidates.as_deref(),
            team: team(),
        })
    }

    /// Opens the index and reads the queries and the run of their candidates.
    pub(in crate::cli) fn open(&self) -> Result<OpenQueries> {
        match self.source() {
            Some(source) => source.open(&mut console::terminal()),
            None => Err(Error::Config("expected --index with --queries".into())),
        }
    }
}

impl JudgementArgs {
    /// Reads the judgements.
    pub(in crate::cli) fn read(&self) -> Result<Judgements> {
        let Some(path) = &self.qrels else {
            return Err(Error::Config("--index and --queries need --qrels: judgements".into()));
        };
        let judgements = Judgements::read(path, &JudgementOptions { grades: self.grades.clone() })?;
        judgements.guessed().into_iter().for_each(|guessed| note!("{guessed}"));
        Ok(judgements)
    }
}

impl DepthArgs {
    /// The configuration that these flags describe.
    pub(in crate::cli) fn resolve(&self) -> Result<CandidateConfig> {
        let Self { depth, training_depth, random_documents: random } = *self;
        let config = CandidateConfig {
            depth,
            training_depth: training_depth.min(depth),
            random,
            ..Default::default()
        };
        config.validate()?;
        Ok(config)
    }
}
