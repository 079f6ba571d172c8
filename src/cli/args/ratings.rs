//! Flags of a ratings file; shared by `train`, `rank`, `recommend` and `qrels`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::data::interactions::{Layout, RatingsFormat};

/// Flags of how ratings are read.
#[derive(Clone, Copy, Debug, Args)]
pub struct RatingsFormatArgs {
    /// Least rating that counts as a positive
    #[arg(long, default_value_t = 4.0, value_name = "RATING", help_heading = "Interactions")]
    positive: f64,
    /// Layout of the file of ratings
    #[arg(long, default_value = "ratings", help_heading = "Interactions")]
    layout: Layout,
}

impl RatingsFormatArgs {
    /// Returns the format these flags describe.
    pub(in crate::cli) fn format(self) -> RatingsFormat {
        RatingsFormat { positive: self.positive, layout: self.layout }
    }
}

/// Flags of what users are known to like, from files.
#[derive(Clone, Debug, Args)]
pub struct KnownArgs {
    /// Ratings whose positives are known beside those the model was trained on: they are not ranked
    #[arg(long, value_name = "FILE", help_heading = "Interactions")]
    ratings: Option<PathBuf>,
    #[command(flatten)]
    format: RatingsFormatArgs,
}

impl KnownArgs {
    /// Returns the file of further ratings, and how it is read.
    pub(in crate::cli) fn source(&self) -> Option<(&Path, RatingsFormat)> {
        self.ratings.as_deref().map(|path| (path, self.format.format()))
    }
}
