//! From a source to an answer: encoder–decoders, judges of pairs, and the systems that are compared.
//!
//! The context of a sentence is its source. Maximum likelihood, policy gradient, credit, game and decoding are those of
//! [`text`](crate::text); here stands what only pairs have.

mod answers;
mod config;
mod data;
mod evaluator;
pub mod judges;
mod measures;
mod model;
mod self_play;
mod subject;
mod system;
mod train;

pub use answers::{Answering, MutualSearch, Search, Way};
pub use config::{EncoderDecoderConfig, PairConfig, PairEvaluationConfig, RewardConfig};
pub use data::{PairData, words};
pub use evaluator::{Evaluator, KnownCases, LEAST_PAIRS};
pub use measures::{AnswerMeasures, measure_answers};
pub(super) use model::KIND;
pub use model::PairModel;
pub use self_play::Talk;
pub use system::System;
pub use train::{PairTrainingOptions, TrainedPairs, train_pairs};
