//! Judged feature vectors: the set that readers make and models take, its file format, normalisation, selection of
//! features, partial observation, and a generated benchmark whose optimum is known.

mod array_files;
mod arrays;
pub mod letor;
pub mod normalize;
pub mod planted;
mod qrels;
mod queries;
mod ranking_set;
mod selection;
mod subsample;

pub use array_files::ArrayFiles;
pub use arrays::whole_grades;
pub(crate) use arrays::{check_finite, check_width, group_rows};
pub use qrels::qrels;
pub use ranking_set::{Query, RankingSet, UNLABELLED};
pub use selection::FeatureSelection;
