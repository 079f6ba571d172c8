//! Recommendation: users are queries, items are candidates.
//!
//! Letters in the docs: U users, I items, R rank.

pub mod closed_form;
mod config;
mod factors;
mod fitting;
mod folds;
mod item_weights;
mod model;
mod neighbour_weights;
mod npy;
mod pattern;
mod pools;
mod preset;
mod recommender;
mod scored;
mod sources;
mod task;
mod top;
mod train;
mod training_data;
mod tune;

pub use config::InteractionsConfig;
pub use factors::Factors;
pub use item_weights::ItemWeights;
pub use model::{RecommenderModel, UserQueries};
pub use neighbour_weights::NeighbourWeights;
pub use npy::{has_npy, read_npy};
pub use pools::ItemPools;
pub use preset::preset;
pub use recommender::{Recommender, Shape};
pub use scored::Scored;
pub use sources::InteractionTask;
pub use task::{judgements, load, rank};
pub use train::train_recommender;
pub use tune::tune;
