//! Rankers of feature vectors.

mod folds;
mod importance;
mod model;
mod pools;
mod reader;
mod scorer;
mod task;
mod train;

pub(super) use folds::{by_query, test_vectors};
pub use importance::{Importance, Importances, importance};
pub use model::{FeatureRanker, scored};
pub use pools::FeaturePools;
pub use reader::read_vectors;
pub use task::{FeatureTask, judged, judgements, rank};
pub use train::train;
