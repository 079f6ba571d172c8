//! Judges of sentences: a convolutional discriminator, a ranker, a rival language model, BLEU.
//!
//! [`SentenceScorer`] is what credit assignment asks; [`Judge`] is the one judge that a training uses, with what it
//! learns by.

mod bleu;
mod cnn;
mod examples;
mod judge;
mod mediator;
mod prepared;
mod ranker;
mod rival;
mod scorer;
mod two_classes;

pub use bleu::BleuJudge;
pub(super) use cnn::random_prefixes;
pub use cnn::{CnnJudge, CnnShape};
pub use judge::{Classroom, Drawn, Judge};
pub use prepared::PreparedLayers;
pub use ranker::{Ranker, SentenceFeatures};
pub(super) use rival::train_epoch as train_rival_epoch;
pub use rival::{RivalScorer, logistic_weights};
pub use scorer::SentenceScorer;
pub(super) use two_classes::{judgements, loss_gradient, share_right, train_batches};
