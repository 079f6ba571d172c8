//! Rankers of feature vectors.

mod folds;
mod model;
mod pools;
mod reader;
mod scorer;
mod task;
mod train;

pub use model::{FeatureRanker, scored};
pub use pools::FeaturePools;
pub use reader::read_vectors;
pub use task::{FeatureTask, judgements, rank};
pub use train::train;
