//! Sources of a task of interactions: ratings, and what a recommender is started from and chosen by.

use std::path::PathBuf;

use crate::data::interactions::{RatingsFormat, Split};

/// Ratings, how part of them is held out, and what a recommender is started from and chosen by.
#[derive(Clone, Debug)]
pub struct InteractionTask {
    /// File of the ratings.
    pub ratings: PathBuf,
    /// Layout of the file, and the least rating of a positive.
    pub format: RatingsFormat,
    /// File of validation ratings; without one, part of every user's positives is held out.
    pub valid: Option<PathBuf>,
    /// Share and choice of the positives that are held out.
    pub split: Split,
    /// Model whose network the generator starts from: a run's folder, or NumPy arrays.
    pub init_model: Option<PathBuf>,
    /// Trains the chosen epochs and rounds again on training and validation positives together.
    pub refit: bool,
    /// Number of settings to try for the method and for every closed form extras it.
    pub tune: usize,
}
