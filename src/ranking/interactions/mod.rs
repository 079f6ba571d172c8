//! Recommendation: users are queries, items are candidates.
//!
//! Letters in the docs: U users, I items, R rank.

pub mod closed_form;
mod factors;
mod item_weights;
mod pools;
mod recommender;
mod scored;

pub use factors::Factors;
pub use item_weights::ItemWeights;
pub use pools::ItemPools;
pub use recommender::{Recommender, Shape};
pub use scored::Scored;
