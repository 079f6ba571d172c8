//! Training on interactions: ratings of users and items.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Finished, Job, described, train_and_report};
use crate::cli::args::ratings::RatingsFormat;
use crate::cli::console;
use crate::data::interactions::{Interactions, Split, SplitOrder};
use crate::error::{Error, Result};
use crate::ranking::interactions::{
    Recommender, RecommenderModel, has_npy, read_npy, train_recommender, tune,
};
use crate::ranking::{Beside, Player, Ranker};
use crate::report::results::DataSummary;
use crate::seed::Stream;

/// Where interactions come from.
#[derive(Clone, Debug, Args)]
pub struct RatingsArgs {
    /// Train a recommender on these ratings: `user item rating [time]` by tabs, blanks, commas or `::`
    #[arg(long, value_name = "FILE", group = "source", help_heading = "Interactions")]
    pub(super) ratings: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) format: RatingsFormat,
    /// Which of a user's positives are held out for validation, without --valid
    #[arg(long, default_value = "random", help_heading = "Interactions")]
    split: SplitOrder,
    /// Start the generator from this model: a run's folder, or one with user_embeddings.npy,
    /// item_embeddings.npy and item_bias.npy
    #[arg(long, value_name = "DIR", help_heading = "Interactions")]
    pub(super) init_model: Option<PathBuf>,
    /// Train the chosen epochs and rounds again on training and validation positives together
    #[arg(long, help_heading = "Interactions")]
    refit: bool,
    /// Try this many settings, drawn at random, of the method and of every closed form beside it
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = "Interactions")]
    tune: usize,
}

impl RatingsArgs {
    /// Whether this is a training on interactions.
    pub(super) fn is_given(&self) -> bool {
        self.ratings.is_some()
    }
}

/// Runs the training.
pub(super) fn run(job: &Job<'_>, beside: Beside) -> Result<Finished> {
    let Job { args, config, .. } = *job;
    let flags = &args.ratings;
    let path = flags.ratings.as_ref().expect("the caller has seen --ratings");
    let (ratings, positives) = flags.format.read(path)?;
    let (train, valid) = match &args.valid {
        Some(valid) => {
            let valid = flags.format.read_held_out(valid, &positives)?;
            (positives, valid)
        }
        None => {
            let split =
                Split { share: args.valid_share.unwrap_or(Split::default().share), order: flags.split };
            split.apply(&ratings, &positives, Stream::new(config.seed).named("split"))?
        }
    };
    drop(ratings);
    note!("training   {} positives", train.count());
    note!("validation {} positives", valid.count());
    let given = flags.init_model.as_ref().map(|path| start(path, &train)).transpose()?;
    let (session, beside) = job.begin(beside)?;
    let beside = &beside;
    let tuned;
    let config = match flags.tune {
        0 => config,
        count => {
            let progress = &mut console::progress();
            let found = tune(config, beside, count, (&train, &valid), given.as_ref(), progress);
            tuned = session.told("irgan", found)?;
            &tuned
        }
    };
    let data = DataSummary {
        task: "interactions".into(),
        training: described(path, train.summary()),
        validation: match &args.valid {
            Some(file) => described(file, format!("{} positives", valid.count())),
            None => {
                let which = match flags.split {
                    SplitOrder::Random => "at random",
                    SplitOrder::Last => "the last by time",
                };
                format!("{} of the positives, held out {which}", valid.count())
            }
        },
    };
    let context = Context { data, references: vec![], rank: "--out FILE.run" };
    train_and_report(config, beside, &context, session, |listener| {
        train_recommender(config, beside, (&train, &valid), given.as_ref(), flags.refit, listener)
            .map_err(|error| error.in_file(args.valid.as_ref().unwrap_or(path)))
    })
}

/// The network of a given model for the users and items of `data`, which it must know by the same names.
fn start(path: &std::path::Path, data: &Interactions) -> Result<Recommender> {
    let model = if has_npy(path) { read_npy(path)? } else { RecommenderModel::load(path)? };
    let player = match model.chosen() {
        Player::Both => Player::G,
        one => one,
    };
    let network = model.scorers(player)?[0];
    network.renamed(model.known(), data).ok_or_else(|| {
        Error::data(
            path,
            "the model does not know every user and item of --ratings; train without --init-model",
        )
    })
}
