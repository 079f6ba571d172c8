//! SeqGAN and its relatives: vocabulary, corpus, and sentences as sequences of token ids.
//!
//! A sentence is an episode of T steps over a vocabulary of V tokens. [`Corpus`] reads text,
//! [`Vocabulary`] names the tokens, [`Sequences`] is what models take and write, and
//! [`read_id_sequences`] reads sentences that never were text, such as an oracle's.

mod corpus;
mod discriminator;
mod generator;
mod ids;
mod interner;
mod lines;
mod oracle;
mod report;
mod rollouts;
mod sequences;
mod tokenizer;
mod vocabulary;
mod vocabulary_file;

pub use corpus::{AUTOMATIC_MAX_LEN, Corpus, CorpusOptions, MAX_LEN_LIMIT};
pub use discriminator::{Discriminator, DiscriminatorShape, FrozenDiscriminator};
pub use generator::{Generator, GeneratorShape, LikelihoodGradient, SentenceTrace};
pub use ids::{read_id_sequences, write_id_sequences};
pub use lines::{Lines, read_lines};
pub use oracle::{load_oracle, oracle_shape, random_oracle, save_oracle};
pub use report::CorpusReport;
pub use rollouts::{Credit, CreditedReward, Judge};
pub use sequences::Sequences;
pub use tokenizer::{Level, Tokenizer};
pub use vocabulary::{END, PAD, START, UNKNOWN, Vocabulary};
