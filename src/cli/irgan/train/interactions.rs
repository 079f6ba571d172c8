//! Flags of recommendation.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use crate::cli::args::ratings::RatingsFormatArgs;
use crate::data::interactions::{Split, SplitOrder};
use crate::ranking::interactions::InteractionTask;

/// Flags of ratings, how they are split, and how a recommender is started and chosen.
#[derive(Clone, Debug, Args)]
pub struct RatingsArgs {
    /// Train a recommender on these ratings: `user item [rating [time]]`, or by a header; or a NumPy array of
    /// these columns
    #[arg(
        long,
        value_name = "FILE",
        group = "source",
        conflicts_with = "index",
        help_heading = "Interactions"
    )]
    pub(in crate::cli::irgan) ratings: Option<PathBuf>,
    #[command(flatten)]
    format: RatingsFormatArgs,
    /// Choice of a user's positives that are held out for validation, without --valid
    #[arg(long, default_value = "random", help_heading = "Interactions")]
    split: SplitOrder,
    /// Start the generator from this model: a run's folder, or one with user_embeddings.npy,
    /// item_embeddings.npy and item_bias.npy
    #[arg(long, value_name = "DIR", help_heading = "Interactions")]
    pub(in crate::cli::irgan) init_model: Option<PathBuf>,
    /// Train the chosen epochs and rounds again on training and validation positives together
    #[arg(
        long,
        value_name = "true|false",
        action = ArgAction::Set,
        num_args = 0..=1,
        default_value_t = true,
        default_missing_value = "true",
        help_heading = "Interactions"
    )]
    refit: bool,
    /// Try this many settings, drawn at random, of the method and of every closed form beside it
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = "Interactions")]
    tune: usize,
}

impl RatingsArgs {
    /// Returns the task of these flags; none when they name no data.
    pub(in crate::cli::irgan) fn task(
        &self,
        valid: Option<&Path>,
        valid_share: Option<f64>,
    ) -> Option<InteractionTask> {
        Some(InteractionTask {
            ratings: self.ratings.clone()?,
            format: self.format.format(),
            valid: valid.map(Path::to_owned),
            split: Split { share: valid_share.unwrap_or(Split::default().share), order: self.split },
            init_model: self.init_model.clone(),
            refit: self.refit,
            tune: self.tune,
        })
    }
}
