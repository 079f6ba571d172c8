//! `irgan rank`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::effects;
use crate::cli::args::output::tell_replaced;
use crate::cli::args::ratings::KnownArgs;
use crate::cli::args::topics::TopicArgs;
use crate::cli::console::{self, is_silent};
use crate::cli::team::agree_on_model;
use crate::error::{Error, Result};
use crate::ranking::answers::AnswerModel;
use crate::ranking::features::FeatureRanker;
use crate::ranking::interactions::{RecommenderModel, has_npy};
use crate::ranking::{Player, Ranking, answers, documents, features, interactions, kind_of};

/// Rank by a trained model; writes a TREC run
///
/// A model of feature vectors ranks the documents of --data, one of texts what --index finds
/// for --queries (or the documents of --candidates), a
/// recommender items for every user, a model of answers the questions of --data.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan rank --model runs/pair --data Fold1/test.txt --out pair.run
  irgan rank --model runs/text --index idx --queries test.tsv --out irgan.run
  irgan rank --model runs/dense --index idx --queries test.tsv --candidates dense.run --out irgan.run
  irgan rank --model runs/mf -k 100 --out mf.run
  irgan rank --model runs/qa --data test.txt --out qa.run")]
pub struct RankArgs {
    /// Folder of a trained model
    #[arg(long)]
    model: PathBuf,
    /// Data to rank, in the format of the model's training data, also .gz and .zst
    #[arg(long, conflicts_with = "index")]
    data: Option<PathBuf>,
    #[command(flatten)]
    topics: TopicArgs,
    /// Number of documents, answers or items ranked for every query or user [default: all; of items 100]
    #[arg(short, value_parser = clap::value_parser!(u32).range(1..))]
    k: Option<u32>,
    #[command(flatten)]
    known: KnownArgs,
    /// Player that ranks [default: the one chosen on the validation data]
    #[arg(long)]
    player: Option<Player>,
    /// Run file to write
    #[arg(long)]
    out: PathBuf,
    /// Last column of the run [default: METHOD-PLAYER]
    #[arg(long)]
    tag: Option<String>,
}

/// Number of items ranked for every user unless -k says otherwise.
const ITEMS: usize = 100;

/// Runs the command.
pub fn run(args: &RankArgs) -> Result<()> {
    let mut ranking = args.rank()?;
    tell_replaced(&args.out);
    if let Some(k) = args.k {
        ranking.truncate(k as usize);
    }
    if !is_silent() {
        ranking.write(&args.out, args.tag.as_deref())?; // the first process writes
    }
    note!("{}: {}", args.out.display(), ranking.summary);
    Ok(())
}

impl RankArgs {
    /// Returns true when several processes can share the work.
    pub(super) fn shares(&self) -> bool {
        self.topics.index.is_some()
    }

    /// Ranks by the task of the model.
    fn rank(&self) -> Result<Ranking> {
        let (model, player, listener) = (self.model.as_path(), self.player, &mut console::terminal());
        let kind = if has_npy(model) { RecommenderModel::KIND.to_owned() } else { kind_of(model)? };
        effects::of_ranking(&kind, self.topics.index.is_some(), self.known.source().is_some());
        match (kind.as_str(), self.topics.source()) {
            (FeatureRanker::KIND, Some(topics)) => {
                agree_on_model(model)?;
                documents::rank(model, &topics, player, listener)
            }
            (FeatureRanker::KIND, None) => features::rank(model, self.data("feature vectors")?, player, listener),
            (AnswerModel::KIND, _) => answers::rank(model, self.data("questions and answers")?, player),
            (RecommenderModel::KIND, None) if self.data.is_none() => {
                interactions::rank(model, self.known.source(), self.k.map_or(ITEMS, |k| k as usize), player, listener)
            }
            (RecommenderModel::KIND, _) => Err(Error::Config(
                "this model ranks items for its users: it takes no --data and no --index (see --ratings and -k)"
                    .into(),
            )),
            _ => Err(Error::data(model, format!("a model of {kind} is unknown to this version"))),
        }
    }

    /// Returns the data file, which this `kind` of model needs.
    fn data(&self, kind: &str) -> Result<&Path> {
        let missing = || Error::Config(format!("this model ranks {kind}: it needs --data"));
        self.data.as_deref().ok_or_else(missing)
    }
}
