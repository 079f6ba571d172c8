//! Relaxed sentences: draws of a language model that a gradient passes through.

use ndarray::{Array2, ArrayView2};

use super::LanguageModel;
use crate::data::sentences::Sequences;
use crate::pathwise::{Relaxation, RelaxedDraws};
use crate::seed::Stream;

/// Sentences of a batch, every token of which is a relaxed draw.
#[derive(Clone, Debug)]
pub struct RelaxedSentences {
    /// Drawn sentences: `[B, T]`.
    pub sentences: Sequences,
    /// Draws of every step, each of B tokens; those beyond a sentence's end mean nothing.
    pub steps: Vec<RelaxedDraws>,
    /// Value of a draw where it is read.
    pub relaxation: Relaxation,
}

impl RelaxedSentences {
    /// Returns the mixtures of tokens of `step`, `[B, V]`, where these are read; `None` where the tokens are.
    pub fn mixtures(&self, step: usize) -> Option<ArrayView2<'_, f32>> {
        (self.relaxation == Relaxation::Soft).then(|| self.steps[step].soft())
    }
}

/// Gradient of a loss at the parts of relaxed sentences.
#[derive(Clone, Debug)]
pub struct RelaxedGradient {
    /// Gradient at the soft draws of every step, `[B, V]` each; 0 beyond a sentence's end.
    pub steps: Vec<Array2<f32>>,
    /// Judgement of every sentence: `[B]`.
    pub judgements: Vec<f32>,
}

/// A language model with relaxed draws.
pub trait RelaxedModel: LanguageModel {
    /// Draws a sentence for each of `contexts` by the rule; sentence i uses the stream `stream.at(i)`.
    fn draw_relaxed(&self, contexts: &[Self::Context], draws: Relaxing) -> RelaxedSentences;

    /// Draws a sentence for each of `contexts`, relaxed at `temperature`, and returns the gradient of their loss and what
    /// `judge` returned for each part of the batch, in order.
    ///
    /// Sentence i uses the stream `stream.at(i)`; its drawn tokens are exact draws from the model where tokens are read
    /// ([`Relaxation::StraightThrough`]). `judge` returns the gradient at the draws of the sentences that it is given.
    fn relaxed_gradient(
        &self,
        contexts: &[Self::Context],
        draws: Relaxing,
        judge: impl Fn(&RelaxedSentences) -> RelaxedGradient + Sync,
    ) -> (Self::Gradient, RelaxedStep);
}

/// Rule by which sentences are drawn and relaxed.
#[derive(Clone, Copy, Debug)]
pub struct Relaxing {
    /// Value of a draw where it is read.
    pub relaxation: Relaxation,
    /// Temperature τ.
    pub temperature: f32,
    /// Stream of the noise.
    pub stream: Stream,
}

/// Findings of a step of the pathwise gradient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelaxedStep {
    /// Judgement of every sentence: `[B]`.
    pub judgements: Vec<f32>,
    /// Mean entropy of the distributions that tokens were drawn from, in nats.
    pub entropy: f64,
}
