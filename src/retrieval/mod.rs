//! Text retrieval over a tantivy index: hits, their scores and snippets, and the features of a pool of documents.
//!
//! [`build`](build()) makes an index, [`TextIndex`] opens it, and a [`Searcher`] finds the best documents for one query or many.
//! [`FeatureSet`] computes the input of a learned ranker. Documents are numbered through all shards of an index and their
//! segments; no result depends on the number of shards, segments or threads. Letters in the docs: N documents of the index, K documents
//! of a pool, F features, Q queries.

mod analysis;
mod bag;
mod builder;
mod destination;
mod features;
mod feedback;
mod found;
mod header;
mod index;
mod normalized;
mod postings;
mod proximity;
mod query;
mod scoring;
mod seal;
mod sealed;
mod search;
mod searcher;
mod shard;
mod shard_list;
mod snippet;
mod statistics;
mod term_weights;
mod tokenizer;
mod topics;

pub use analysis::Language;
pub use bag::{Bag, Bagger};
pub use builder::{BuildOptions, IndexSummary, build};
pub use features::FeatureSet;
pub use feedback::Feedback;
pub use found::{FoundDocument, HitRecord};
pub use index::{TextIndex, Verified, index_of_files, verify};
pub use query::WeightedQuery;
pub use scoring::{Bm25, Scoring};
pub use search::Hit;
pub use searcher::{SearchConfig, Searcher};
pub use snippet::Snippet;
pub use term_weights::TermWeights;
pub use topics::{TopicHits, TopicSearcher};
