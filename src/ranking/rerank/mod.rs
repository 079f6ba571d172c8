//! Re-ranking what a text index finds: candidates and their features become pools, and the model remembers how.

mod model;
mod preset;
mod retriever;
mod tune;

pub use model::Reranker;
pub use preset::preset;
pub use retriever::{CandidateConfig, Retriever, Skipped};
pub use tune::{Tuned, tune};
