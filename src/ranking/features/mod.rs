//! Rankers of feature vectors.

mod folds;
mod model;
mod reader;
mod task;

pub use model::{FeatureRanker, scored};
pub use task::{FeatureTask, judgements, rank};
