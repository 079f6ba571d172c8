//! Rankers of feature vectors.

mod model;

pub use model::Model;
