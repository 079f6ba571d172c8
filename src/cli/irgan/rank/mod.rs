//! `irgan rank`: one file a kind of data.

mod answers;
mod features;
mod interactions;
mod text;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::ratings::KnownArgs;
use crate::cli::args::topics::TopicArgs;
use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::evaluation::write_run;
use crate::files::atomic::write_atomically;
use crate::ranking::answers::AnswerModel;
use crate::ranking::features::Model;
use crate::ranking::interactions::{RecommenderModel, has_npy};
use crate::ranking::{Player, Ranker, kind_of};

/// Rank by a trained model; writes a TREC run
///
/// A model of feature vectors ranks the documents of --data, one of texts what --index finds for --queries, a
/// recommender items for every user, a model of answers the questions of --data.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan rank --model runs/pair --data Fold1/test.txt --out pair.run
  irgan rank --model runs/text --index idx --queries test.tsv --out irgan.run
  irgan rank --model runs/mf -k 100 --out mf.run
  irgan rank --model runs/qa --data test.txt --out qa.run")]
pub struct RankArgs {
    /// Folder of a trained model
    #[arg(long)]
    model: PathBuf,
    /// What to rank, in the format of the model's training data, also .gz and .zst
    #[arg(long, conflicts_with = "index")]
    data: Option<PathBuf>,
    #[command(flatten)]
    topics: TopicArgs,
    /// Items ranked for every user, those left out that the user is known to like
    #[arg(short, default_value_t = 100, help_heading = "Interactions")]
    k: usize,
    #[command(flatten)]
    known: KnownArgs,
    /// Which player ranks [default: the one chosen on the validation data]
    #[arg(long)]
    player: Option<Player>,
    /// The run file to write
    #[arg(long)]
    out: PathBuf,
    /// Last column of the run [default: METHOD-PLAYER]
    #[arg(long)]
    tag: Option<String>,
}

/// What is ranked, for models of each kind.
pub(super) struct Source {
    /// Feature vectors, or questions and answers.
    pub(super) data: Option<PathBuf>,
    /// Queries over an index.
    pub(super) topics: TopicArgs,
    /// What users like, beside what their model knows.
    pub(super) known: KnownArgs,
}

/// Runs the command.
pub fn run(args: &RankArgs) -> Result<()> {
    if has_npy(&args.model) {
        return interactions::run(args);
    }
    match kind_of(&args.model)?.as_str() {
        Model::KIND if args.topics.is_given() => text::run(args),
        Model::KIND => features::run(args),
        RecommenderModel::KIND => interactions::run(args),
        AnswerModel::KIND => answers::run(args),
        other => Err(Error::data(&args.model, format!("a model of {other} is unknown to this version"))),
    }
}

impl RankArgs {
    /// Ranking by the model in `model` of what `source` names, into `out`.
    pub(super) fn new(model: PathBuf, source: Source, out: PathBuf) -> Self {
        let Source { data, topics, known } = source;
        Self { model, data, topics, k: 100, known, player: None, out, tag: None }
    }

    /// The data file, which this `kind` of model needs.
    fn data(&self, kind: &str) -> Result<&Path> {
        let missing = || Error::Config(format!("this model ranks {kind}: it needs --data"));
        self.data.as_deref().ok_or_else(missing)
    }

    /// The player that ranks, and the last column of its run.
    fn player_and_tag(&self, ranker: &impl Ranker) -> (Player, String) {
        let player = self.player.unwrap_or(ranker.chosen());
        let tag = self.tag.clone().unwrap_or_else(|| format!("{}-{player}", ranker.method()));
        (player, tag)
    }
}

/// Writes the ranking of each set by its scores, `[D]`, as one TREC run.
pub(super) fn write_ranking(path: &Path, parts: &[(&RankingSet, &[f32])], tag: &str) -> Result<()> {
    let mut run = Vec::new();
    for (set, scores) in parts {
        for query in set.queries() {
            let documents: Vec<_> = query.rows.clone().map(|row| (set.document(row), scores[row])).collect();
            write_run(&mut run, &query.id, &documents, tag)?;
        }
    }
    write_atomically(path, |writer| writer.write_all(&run))
}
