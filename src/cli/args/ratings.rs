//! Flags of a ratings file; shared by `train`, `rank`, `recommend` and `qrels`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::data::interactions::{self, Interactions, Layout, Ratings};
use crate::error::Result;

/// How ratings are read.
#[derive(Clone, Debug, Args)]
pub struct RatingsFormat {
    /// The least rating that counts as a positive
    #[arg(long, default_value_t = 4.0, value_name = "RATING", help_heading = "Interactions")]
    pub(in crate::cli) positive: f64,
    /// How ratings are laid out
    #[arg(long, default_value = "ratings", help_heading = "Interactions")]
    layout: Layout,
}

impl RatingsFormat {
    /// Reads a file and says on standard error what it holds.
    pub(in crate::cli) fn read(&self, path: &Path) -> Result<(Ratings, Interactions)> {
        let ratings = interactions::read(path, self.layout)?;
        let positives = ratings.positives(self.positive)?;
        let name = path.display();
        note!("{name}: {}", positives.summary());
        let below = ratings.rows().len() - positives.count();
        if below > 0 {
            note!("{name}: {below} ratings below {} count as not observed", self.positive);
        }
        if ratings.repeated() > 0 {
            note!("{name}: pairs rated again, of which the last rating counts: {}", ratings.repeated());
        }
        Ok((ratings, positives))
    }

    /// Reads the positives of known users and items, and says what is left out.
    pub(in crate::cli) fn read_held_out(&self, path: &Path, known: &Interactions) -> Result<Interactions> {
        let (_, positives) = self.read(path)?;
        let held = known.held_out(&positives);
        if let Some(text) = held.left_out() {
            note!("{}: left out: {text}", path.display());
        }
        Ok(held.data)
    }
}

/// What users are known to like, from files.
#[derive(Clone, Debug, Args)]
pub struct KnownArgs {
    /// Ratings whose positives are known beside those the model was trained on: they are not ranked
    #[arg(long, value_name = "FILE", help_heading = "Interactions")]
    pub(in crate::cli) ratings: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) format: RatingsFormat,
}
