//! Rankers of feature vectors.

mod bag;
mod contributions;
mod folds;
mod importance;
mod inner;
mod model;
mod phases;
mod pools;
mod prior;
mod reader;
mod scorer;
mod single;
mod source;
mod task;
mod train;
mod trees;
mod vector_scorer;

pub use contributions::{Contribution, contributions};
#[cfg(feature = "retrieval")]
pub(super) use folds::{by_query, test_vectors};
pub use importance::{Importance, Importances, importance};
pub use inner::TrainingQueries;
pub use model::{FeatureRanker, scored};
pub use pools::FeaturePools;
pub use prior::Prior;
pub use reader::read_vectors;
pub use task::{FeatureTask, judged, judgements, rank};
pub use train::{held_out, train, train_on, train_or_hold_out};
pub use trees::{TreeNode, Trees, TreesShape};
pub use vector_scorer::VectorScorer;
