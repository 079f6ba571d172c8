//! Judges of sentences.

mod bleu;
mod discriminator;
mod rival;

pub use bleu::{BleuJudge, without_end};
pub use discriminator::{
    Discriminator, DiscriminatorLoss, DiscriminatorShape, FrozenDiscriminator, prefixes, random_prefixes,
};
pub use rival::{RivalJudge, logistic_weights};

use ndarray::Array2;

use super::models::Generator;
use crate::data::sentences::Sequences;

/// Something that judges whole sentences: a discriminator, a measure.
pub trait Judge: Sync {
    /// One number a sentence, larger is better: `[N]`.
    fn score(&self, sentences: &Sequences) -> Vec<f32>;

    /// A reward of every token that `policy` wrote: `[N, T]`; none where only whole sentences are judged.
    fn score_tokens(&self, _policy: &Generator, _sentences: &Sequences) -> Option<Array2<f32>> {
        None
    }
}
