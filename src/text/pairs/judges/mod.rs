//! Judges of pairs: is this answer to this source a person's?

mod classifier;
mod cnn;
mod hierarchical;
mod judge;
mod reward;

pub use classifier::PairClassifier;
pub(super) use classifier::{Lesson, accuracy, train_epoch};
pub use cnn::PairCnn;
pub use hierarchical::{HierarchicalJudge, HierarchicalShape};
pub use judge::PairJudge;
pub use reward::RewardJudge;
