//! A learned similarity of texts: two towers over bags of hashed n-grams.
//!
//! Letters in the docs: V buckets, E values of an embedding, Q queries, D documents.

mod pools;
mod scorer;
mod scratch;

pub use pools::TextPools;
pub use scorer::{Pairs, Towers};
