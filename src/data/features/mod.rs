//! Judged feature vectors: the set that readers make and models take, its file format, normalisation, selection of
//! features, hidden positives, and a generated benchmark whose optimum is known.

pub mod letor;
pub mod normalize;
pub mod planted;
mod ranking_set;
mod selection;
mod subsample;

pub use ranking_set::{Query, RankingSet, UNLABELLED};
pub use selection::FeatureSelection;
