//! Rankers of feature vectors.

mod folds;
mod importance;
mod model;
mod pools;
mod reader;
mod scorer;
mod task;
mod train;

pub use importance::{Importance, Importances, importance};
pub use model::{FeatureRanker, scored};
pub use pools::FeaturePools;
pub use reader::read_vectors;
pub use task::{FeatureTask, judged, judgements, rank};
pub use train::train;
