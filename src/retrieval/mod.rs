//! Text retrieval over a tantivy index: candidates, their scores and their features.
//!
//! Documents are numbered through all segments of an index; what is computed here depends on neither segments
//! nor threads. Letters in the docs: N documents of the index, K documents of a pool, F features.

mod analysis;
mod bag;
mod builder;
mod cjk;
mod features;
mod feedback;
mod header;
mod index;
mod postings;
mod proximity;
mod query;
mod scoring;
mod search;
mod snippet;
mod statistics;

pub use analysis::Language;
pub use bag::{Bag, Bagger};
pub use builder::{BuildOptions, Built, build};
pub use features::FeatureSet;
pub use feedback::Feedback;
pub use index::TextIndex;
pub use query::Query;
pub use scoring::{Bm25, Scoring};
pub use search::Hit;
pub use snippet::Snippet;
