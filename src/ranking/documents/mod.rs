//! Re-ranking what a text index finds: candidates and their features become pools, and the model remembers how.

mod candidates;
mod finder;
mod folds;
mod joined;
mod latent;
mod learned;
mod model;
mod neighbours;
mod preset;
mod retriever;
mod searcher;
mod similarity;
mod sources;
mod task;
mod texts;
pub mod towers;
mod tune;

pub use candidates::RunCandidates;
pub use finder::{ComparedHit, Comparison, Finder, RankedBy};
pub use joined::Joined;
pub use latent::LatentSpace;
pub use learned::LearnedFeatures;
pub use model::Reranker;
pub use neighbours::Neighbours;
pub use preset::preset;
pub use retriever::{CandidateConfig, Retriever, Skipped};
pub use searcher::{RankedPool, RankedSearcher};
pub use similarity::{Similarity, SimilarityConfig};
pub use sources::{DocumentTask, OpenQueries, QuerySource};
pub use task::{judged, rank};
pub use texts::Texts;
pub use tune::{Tuned, tune};
