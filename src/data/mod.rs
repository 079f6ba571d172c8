//! What programs read and write: loaders, normalisation, and generated benchmarks.

pub mod answers;
pub mod collection;
pub(crate) mod input;
pub mod interactions;
pub mod letor;
pub mod normalize;
pub mod planted;
mod ranking_set;
mod selection;
mod subsample;
pub mod text;

pub use ranking_set::{Query, RankingSet, UNLABELLED};
pub use selection::FeatureSelection;
