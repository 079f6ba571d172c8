//! Relaxed sentences: draws of a language model that a gradient passes through.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, ArrayView2};

use super::LanguageModel;
use super::language_model::{Choice, SentenceLimits};
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::nn::{Embedding, Parameters};
use crate::pathwise::{Relaxation, RelaxedDraws};
use crate::seed::{Rng, Stream};

/// Parts of a batch with a gradient of their own; the sum is taken in their order.
const LANES: usize = 4;

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

impl Relaxing {
    /// Returns the generators of random numbers of `sentences`.
    pub(super) fn rngs(&self, sentences: Range<usize>) -> Vec<Rng> {
        sentences.map(|row| self.stream.at(row as u64).rng()).collect()
    }
}

/// Draws one relaxed sentence by each of `rngs: [B]`, and returns the summed entropy of the distributions of its tokens, in nats.
///
/// `logits` returns those of the next token, `[B, V]`, after a draw, or of the first one.
pub(super) fn draw_steps(
    limits: SentenceLimits,
    (mut rngs, rule): (Vec<Rng>, Relaxing),
    mut logits: impl FnMut(Option<&RelaxedDraws>) -> Array2<f32>,
) -> (RelaxedSentences, f64) {
    let SentenceLimits { steps: longest, end, .. } = limits;
    let batch = rngs.len();
    let (mut tokens, mut lengths) = (Array2::zeros((batch, longest)), vec![longest as u32; batch]);
    let (mut ended, mut steps, mut entropy): (_, Vec<RelaxedDraws>, f64) = (vec![false; batch], vec![], 0.0);
    for step in 0..longest {
        let logits = logits(steps.last());
        entropy += entropies(&logits, &ended);
        let draws = RelaxedDraws::new(logits, rule.temperature, &mut rngs);
        for (row, &token) in draws.tokens().iter().enumerate().filter(|(row, _)| !ended[*row]) {
            tokens[[row, step]] = token;
            if Some(token) == end {
                lengths[row] = step as u32 + 1;
            }
        }
        ended.iter_mut().zip(draws.tokens()).for_each(|(ended, token)| *ended |= Some(*token) == end);
        steps.push(draws);
        if ended.iter().all(|ended| *ended) {
            break;
        }
    }
    let sentences = Sequences::new(tokens, lengths);
    (RelaxedSentences { sentences, steps, relaxation: rule.relaxation }, entropy)
}

/// Gradient of one part of a batch.
pub(super) struct RelaxedLane<G> {
    pub gradient: G,
    /// Judgements of its sentences.
    pub judgements: Vec<f32>,
    /// Entropy of the distributions that its tokens were drawn from, summed.
    pub entropy: f64,
    /// Number of its tokens.
    pub tokens: usize,
}

/// Adds the gradients of the parts of a batch of `count` sentences to `sum`, in their order.
pub(super) fn sum_of_lanes<G: Parameters + Send>(
    count: usize,
    mut sum: G,
    lane: impl Fn(Range<usize>) -> RelaxedLane<G> + Sync,
) -> (G, RelaxedStep) {
    let size = count.div_ceil(LANES).max(1);
    let lanes = ordered_map(count.div_ceil(size), |part| lane(part * size..count.min((part + 1) * size)));
    let (mut step, mut tokens) = (RelaxedStep::default(), 0);
    for lane in lanes {
        sum.add(&lane.gradient);
        step.judgements.extend(lane.judgements);
        step.entropy += lane.entropy;
        tokens += lane.tokens;
    }
    step.entropy /= tokens.max(1) as f64;
    (sum, step)
}

/// Returns the vectors of draws as the next step reads them: `[B, E]`.
pub(super) fn read_relaxed(
    embedding: &Embedding,
    draws: &RelaxedDraws,
    relaxation: Relaxation,
) -> Array2<f32> {
    match relaxation {
        Relaxation::StraightThrough => embedding.forward(draws.tokens()),
        Relaxation::Soft => embedding.mix(draws.soft()),
    }
}

/// Returns the gradient at soft draws, `[B, V]`, from that at the vectors that were read of them, `d_x: [B, E]`, and adds that
/// at the vectors of tokens to `gradient`.
pub(super) fn read_backward(
    embedding: &Embedding,
    (draws, relaxation): (&RelaxedDraws, Relaxation),
    d_x: ArrayView2<'_, f32>,
    gradient: &mut Embedding,
) -> Array2<f32> {
    match relaxation {
        Relaxation::StraightThrough => Embedding::backward(draws.tokens(), d_x, gradient),
        Relaxation::Soft => Embedding::backward_mixtures(draws.soft(), d_x, gradient),
    }
    embedding.backward_parts(d_x)
}

/// Returns the summed entropy of the distributions of rows that have not `ended`, in nats; `logits: [B, V]`.
fn entropies(logits: &Array2<f32>, ended: &[bool]) -> f64 {
    let live = logits.rows().into_iter().zip(ended).filter(|(_, ended)| !**ended);
    let of_row = |(row, _): (ArrayView1<'_, f32>, &bool)| {
        let mut log_p = row.to_vec();
        simd::log_softmax(&mut log_p);
        Choice::of(&log_p, 0).entropy
    };
    live.map(of_row).sum()
}
