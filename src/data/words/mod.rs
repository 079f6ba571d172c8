//! Words and their numbers: what every reader of text shares.

mod interner;
mod tokenizer;
mod vectors;
mod vocabulary;
mod vocabulary_file;

pub(crate) use interner::Interner;
pub(crate) use tokenizer::IDS;
pub use tokenizer::{Level, Tokenizer};
pub use vectors::WordVectors;
pub use vocabulary::{END, EOU, PAD, START, UNKNOWN, Vocabulary};
