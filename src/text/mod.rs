//! SeqGAN and its relatives: vocabulary, corpus, and sentences as sequences of token ids.
//!
//! A sentence is an episode of T steps over a vocabulary of V tokens. [`Corpus`] reads text,
//! [`Vocabulary`] names the tokens, [`Sequences`] is what models take and write, and
//! [`read_id_sequences`] reads sentences that never were text, such as an oracle's.

mod bleu;
mod config;
mod corpus;
mod data;
mod decode;
mod discriminator;
mod game;
mod generator;
mod ids;
mod learned;
mod lines;
mod look;
mod model;
mod oracle;
mod pretrain;
mod quality;
mod report;
mod rival;
mod rollouts;
mod sequences;
mod train;

pub use crate::data::text::{END, Level, PAD, START, Tokenizer, UNKNOWN, Vocabulary};
pub use bleu::{BleuJudge, without_end};
pub use config::{
    AdversarialConfig, DiscriminatorConfig, EvaluationConfig, GeneratorConfig, JudgeKind, MleConfig,
    TextConfig, TextPreset,
};
pub use corpus::{AUTOMATIC_MAX_LEN, Corpus, CorpusOptions, MAX_LEN_LIMIT};
pub use data::{Oracle, TextData};
pub use decode::Decoding;
pub use discriminator::{Discriminator, DiscriminatorLoss, DiscriminatorShape, FrozenDiscriminator};
pub use generator::{Generator, GeneratorShape, LikelihoodGradient, SentenceTrace};
pub use ids::{read_id_sequences, write_id_sequences};
pub use learned::{Learned, Phase, Position, Rival};
pub use lines::{Lines, read_lines};
pub use look::look_at;
pub use model::{TextModel, Which};
pub use oracle::{load_oracle, oracle_shape, random_oracle, save_oracle};
pub use pretrain::reverse_nll;
pub use quality::{Curve, Point, sweep};
pub use report::CorpusReport;
pub use rival::{RivalJudge, logistic_weights};
pub use rollouts::{Credit, CreditedReward, Judge};
pub use sequences::Sequences;
pub use train::{PRETRAINED, TextOptions, TrainedText, train_text};
