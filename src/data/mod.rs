//! What programs read and write: loaders, normalisation, and generated benchmarks.

mod ranking_set;

pub use ranking_set::{Query, RankingSet, UNLABELLED};
