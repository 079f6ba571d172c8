//! Sentences as sequences of token ids: [`Corpus`] reads text, [`Sequences`] is what models take and write, and
//! [`read_id_sequences`] reads sentences that never were text, such as an oracle's.

mod corpus;
mod ids;
mod lines;
mod report;
mod sequences;
mod word_reader;

pub use corpus::{AUTOMATIC_MAX_LEN, Corpus, CorpusOptions, MAX_LEN_LIMIT};
pub use ids::{read_id_sequences, write_id_sequences};
pub use lines::{Lines, read_lines};
pub use report::CorpusReport;
pub(super) use report::{counted, thousands};
pub use sequences::{Sequences, as_words, without_end};
pub use word_reader::WordReader;
