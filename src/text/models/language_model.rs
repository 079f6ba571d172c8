//! Language models, as rollouts, decoding, maximum likelihood and the policy gradient see them.
//!
//! Letters: B sentences of a batch, T tokens of the longest sentence, V tokens of the vocabulary.

use ndarray::{Array2, Array3, ArrayView2, Axis};
use rand::Rng as _;

use super::places::{places, trimmed};
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::nn::Gradient;
use crate::seed::{Rng, Stream};

/// Sentences drawn by one task.
const CHUNK: usize = 128;

/// A distribution over sentences, factored by tokens: `π(x | c) = Π_t π(x_t | x_<t, c)`.
///
/// Everything that needs a language model takes any implementor: drawing and completing sentences, rollouts
/// ([`CreditedReward`](crate::text::CreditedReward)), decoding ([`decode`](crate::text::decode),
/// [`beam_search`](crate::text::beam_search)), maximum likelihood ([`fit_likelihood`](crate::text::fit_likelihood))
/// and the policy gradient (every language model is a [`Policy`](crate::policy_gradient::Policy)).
///
/// # Context
/// Every sentence has a context `c`, and methods take one context a sentence. A model of sentences alone, such as
/// [`RecurrentModel`](super::RecurrentModel), has the context `()`: `&[(); 64]` asks for 64 sentences.
///
/// An encoder–decoder has a source sentence as context. Its [`start`](LanguageModel::start) encodes the sources;
/// [`State`](LanguageModel::State) carries, for every sentence of the batch, the decoder's state and what its
/// attention looks at, so that rollouts which continue one prefix encode the source once. Its
/// [`gradient`](LanguageModel::gradient) runs back through decoder and encoder.
///
/// # Methods to write
/// A small model writes `limits`, `start`, `advance`, `logits`, `read` (by [`read_by_steps`]), `gradient` and
/// `at_temperature`. The other methods have defaults that follow from these; a large model replaces them by faster ones.
pub trait LanguageModel: Sized + Send + Sync {
    /// Condition of one sentence.
    type Context: Clone + PartialEq + Send + Sync;
    /// States of a batch of unfinished sentences.
    type State: BatchState;
    /// States of a batch of whole sentences.
    type Reading: Reading<State = Self::State>;
    /// Gradient of the parameters.
    type Gradient: Gradient;

    /// Returns the limits of the sentences that the model writes.
    fn limits(&self) -> SentenceLimits;

    /// Returns the states before the first token of the sentences of `contexts: [B]`.
    fn start(&self, contexts: &[Self::Context]) -> Self::State;

    /// Returns the states after `tokens: [B]` were read in `state`: those that the next tokens are drawn from.
    fn advance(&self, tokens: &[u32], state: &Self::State) -> Self::State;

    /// Returns the unnormalised log-probabilities of the next token: `[B, V]`.
    fn logits(&self, state: &Self::State) -> Array2<f32>;

    /// Reads whole sentences, `tokens: [B, T]`, each after the start token.
    fn read(&self, contexts: &[Self::Context], tokens: ArrayView2<'_, u32>) -> Self::Reading;

    /// Returns the gradient of `−Σ w log π(token | prefix, context)` and that sum; `weights: [B, T]`.
    ///
    /// A token of weight 0, and everything beyond a sentence's end, takes no part. With `dropout = (share, stream)` a
    /// model that is regularised by dropout drops that share of its features, drawn from the stream.
    fn gradient(
        &self,
        contexts: &[Self::Context],
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self::Gradient>;

    /// Returns [`LanguageModel::gradient`] of sentences whose prefixes are those of `read`, with as many tokens each: token t
    /// of `sentences` is chosen after the first t − 1 of `read`. `None` for a model that reads its own sentences only.
    fn gradient_after(
        &self,
        _contexts: &[Self::Context],
        _read: &Sequences,
        _sentences: &Sequences,
        _weights: ArrayView2<'_, f32>,
        _dropout: Option<(f32, Stream)>,
    ) -> Option<LikelihoodGradient<Self::Gradient>> {
        None
    }

    /// Returns the model with its logits divided by `temperature`.
    fn at_temperature(&self, temperature: f32) -> Self;

    /// Draws `draws` next tokens for every sentence of `state` by inverse CDF: `[B · draws]`.
    ///
    /// `uniforms: [B · draws]` lie in [0, 1).
    fn next_tokens(&self, state: &Self::State, draws: usize, uniforms: &[f64]) -> Vec<u32> {
        let mut probabilities = self.logits(state);
        let mut tokens = Vec::with_capacity(uniforms.len());
        for (mut row, uniforms) in probabilities.rows_mut().into_iter().zip(uniforms.chunks(draws.max(1))) {
            let row = row.as_slice_mut().expect("rows are contiguous");
            simd::softmax(row);
            tokens.extend(uniforms.iter().map(|&uniform| at_quantile(row, uniform)));
        }
        tokens
    }

    /// Returns the `count` likeliest next tokens of every sentence of `state`, likeliest first, with their `log π`.
    fn likeliest(&self, state: &Self::State, count: usize) -> Vec<Vec<(u32, f32)>> {
        likeliest_of(&self.logits(state), count)
    }

    /// Measures the distributions that the tokens at `places`, (sentence, step), were chosen from.
    fn choices(
        &self,
        reading: &Self::Reading,
        sentences: &Sequences,
        places: &[(usize, usize)],
    ) -> Vec<Choice> {
        let mut choices = Vec::with_capacity(places.len());
        for places in places.chunk_by(|a, b| a.1 == b.1) {
            let rows: Vec<usize> = places.iter().map(|&(row, _)| row).collect();
            let mut log_p = self.logits(&reading.state(places[0].1).select(&rows));
            for (mut log_p, &place) in log_p.rows_mut().into_iter().zip(places) {
                let log_p = log_p.as_slice_mut().expect("rows are contiguous");
                simd::log_softmax(log_p);
                choices.push(Choice::of(log_p, sentences.tokens()[place]));
            }
        }
        choices
    }

    /// Returns the state of every step as numbers for a learned critic, `[B, T, S]`; `None` for a model without such
    /// states.
    fn critic_states(&self, _reading: &Self::Reading, _sentences: &Sequences) -> Option<Array3<f32>> {
        None
    }

    /// Returns a vector of each context, such as the last state of an encoder: `[B, S]`; `None` for a model without them.
    fn context_vectors(&self, _contexts: &[Self::Context]) -> Option<Array2<f32>> {
        None
    }

    /// Returns `log π` of every token: `[B, T]`, 0 beyond each sentence's end.
    fn log_probabilities(&self, contexts: &[Self::Context], sentences: &Sequences) -> Array2<f32> {
        log_probabilities_of(self, contexts, sentences)
    }

    /// Returns the mean negative log-likelihood of a token, in nats.
    fn nll(&self, contexts: &[Self::Context], sentences: &Sequences) -> f64 {
        mean_nll(&self.log_probabilities(contexts, sentences), sentences)
    }

    /// Draws one sentence for each of `contexts`; sentence i uses the stream `stream.at(i)`.
    fn draw(&self, contexts: &[Self::Context], stream: Stream) -> Sequences {
        self.complete(contexts, &vec![&[][..]; contexts.len()], stream)
    }

    /// Draws sentences that begin with `prefixes: [B]`; sentence i uses the stream `stream.at(i)`.
    ///
    /// A prefix that ends already, or has T tokens, stays as it is.
    fn complete(&self, contexts: &[Self::Context], prefixes: &[&[u32]], stream: Stream) -> Sequences {
        let count = prefixes.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let here = part * CHUNK..count.min((part + 1) * CHUNK);
            let rng = |i| stream.at((here.start + i) as u64).rng();
            complete_chunk(self, &contexts[here.clone()], &prefixes[here.clone()], rng)
        });
        let mut tokens = Array2::zeros((0, self.limits().steps));
        let mut lengths = vec![];
        for part in parts {
            tokens.append(Axis(0), part.tokens()).expect("one width");
            lengths.extend_from_slice(part.lengths());
        }
        Sequences::new(tokens, lengths)
    }
}

/// Limits of the sentences that a model writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentenceLimits {
    /// Tokens of the longest sentence, T.
    pub steps: usize,
    /// Token that is read before the first one.
    pub start: u32,
    /// Token that ends a sentence; without one, every sentence has T tokens.
    pub end: Option<u32>,
}

/// States of a batch of unfinished sentences.
pub trait BatchState: Clone + Send + Sync {
    /// Returns the states of the sentences at `rows`, which may repeat.
    fn select(&self, rows: &[usize]) -> Self;

    /// Appends the sentences of `other`.
    fn append(&mut self, other: &Self);
}

/// States of a batch of whole sentences.
pub trait Reading: Send + Sync {
    /// States of one step.
    type State;

    /// Returns the states in which token `step` of every sentence was chosen.
    fn state(&self, step: usize) -> Self::State;
}

impl<S: BatchState> Reading for Vec<S> {
    type State = S;

    fn state(&self, step: usize) -> S {
        self[step].clone()
    }
}

/// Reads whole sentences token by token: [`LanguageModel::read`] of a model without a faster way.
pub fn read_by_steps<M: LanguageModel>(
    model: &M,
    contexts: &[M::Context],
    tokens: ArrayView2<'_, u32>,
) -> Vec<M::State> {
    let mut state = model.start(contexts);
    let mut last = vec![model.limits().start; contexts.len()];
    let step = |column: ndarray::ArrayView1<'_, u32>| {
        state = model.advance(&last, &state);
        last = column.to_vec();
        state.clone()
    };
    tokens.columns().into_iter().map(step).collect()
}

/// Gradient of the weighted log-likelihood of a batch.
#[derive(Debug)]
pub struct LikelihoodGradient<G> {
    /// Gradient of `−Σ w log π`.
    pub gradient: G,
    /// `−Σ w log π`.
    pub loss: f64,
}

/// A token and the distribution that it was chosen from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// `log π` of the token.
    pub log_probability: f32,
    /// Entropy of the distribution, in nats.
    pub entropy: f64,
    /// `Σ_v π_v²`.
    pub collision: f64,
}

impl Choice {
    /// Measures `log_probabilities: [V]` and the choice of `token`.
    pub fn of(log_probabilities: &[f32], token: u32) -> Self {
        let (mut entropy, mut collision) = (0.0, 0.0);
        for log_p in log_probabilities.iter().map(|&log_p| f64::from(log_p)) {
            let p = log_p.exp();
            entropy -= if p > 0.0 { p * log_p } else { 0.0 };
            collision += p * p;
        }
        Self { log_probability: log_probabilities[token as usize], entropy, collision }
    }
}

/// Returns the mean negative log-likelihood of a token from `log_probabilities: [B, T]`.
pub(super) fn mean_nll(log_probabilities: &Array2<f32>, sentences: &Sequences) -> f64 {
    let sum: f64 = log_probabilities.iter().map(|&value| f64::from(value)).sum();
    -sum / sentences.token_count().max(1) as f64
}

/// Returns `log π` of every token by [`LanguageModel::choices`]: `[B, T]`, 0 beyond each sentence's end.
pub(super) fn log_probabilities_of<M: LanguageModel>(
    model: &M,
    contexts: &[M::Context],
    sentences: &Sequences,
) -> Array2<f32> {
    let places = places(sentences);
    let mut out = Array2::zeros(sentences.tokens().raw_dim());
    if !places.is_empty() {
        let choices = model.choices(&model.read(contexts, trimmed(sentences)), sentences, &places);
        places.iter().zip(choices).for_each(|(&place, choice)| out[place] = choice.log_probability);
    }
    out
}

/// Returns the `count` likeliest tokens by every row of `logits: [B, V]`, with their `log π`.
pub(super) fn likeliest_of(logits: &Array2<f32>, count: usize) -> Vec<Vec<(u32, f32)>> {
    let of_row = |row: ndarray::ArrayView1<'_, f32>| {
        let row = row.to_slice().expect("rows are contiguous");
        let norm = simd::log_sum_exp(row);
        let mut best = simd::largest(row, count);
        best.iter_mut().for_each(|(_, value)| *value -= norm);
        best
    };
    logits.rows().into_iter().map(of_row).collect()
}

/// Removes finished sentences from a batch.
pub(in crate::text) fn keep_unfinished<S: BatchState>(
    end: Option<u32>,
    active: &mut Vec<usize>,
    last: &mut Vec<u32>,
    state: &mut S,
) {
    let unfinished = |token: &u32| Some(*token) != end;
    if end.is_none() || last.iter().all(unfinished) {
        return;
    }
    let kept: Vec<usize> = (0..last.len()).filter(|&i| unfinished(&last[i])).collect();
    *active = kept.iter().map(|&i| active[i]).collect();
    *last = kept.iter().map(|&i| last[i]).collect();
    *state = state.select(&kept);
}

/// Draws the rest of every sentence of one task.
fn complete_chunk<M: LanguageModel>(
    model: &M,
    contexts: &[M::Context],
    prefixes: &[&[u32]],
    rng: impl Fn(usize) -> Rng,
) -> Sequences {
    let SentenceLimits { steps, start, end } = model.limits();
    let count = prefixes.len();
    let mut rngs: Vec<Rng> = (0..count).map(rng).collect();
    let mut tokens = Array2::zeros((count, steps));
    let mut lengths = vec![steps as u32; count];
    let mut active: Vec<usize> = (0..count).collect();
    let mut last = vec![start; count];
    let mut state = model.start(contexts);
    for step in 0..steps {
        state = model.advance(&last, &state);
        let uniforms: Vec<f64> = active.iter().map(|&row| rngs[row].random()).collect();
        last = model.next_tokens(&state, 1, &uniforms);
        for (&row, token) in active.iter().zip(&mut last) {
            if let Some(&given) = prefixes[row].get(step) {
                *token = given;
            }
            tokens[[row, step]] = *token;
            if Some(*token) == end {
                lengths[row] = step as u32 + 1;
            }
        }
        keep_unfinished(end, &mut active, &mut last, &mut state);
        if active.is_empty() {
            break;
        }
    }
    Sequences::new(tokens, lengths)
}

/// Returns the token in whose share of the mass `uniform` falls.
pub(super) fn at_quantile(probabilities: &[f32], uniform: f64) -> u32 {
    let mut left = uniform * probabilities.iter().map(|&p| f64::from(p)).sum::<f64>();
    let mut chosen = 0;
    for (token, &p) in probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        chosen = token;
        if left < f64::from(p) {
            break;
        }
        left -= f64::from(p);
    }
    chosen as u32
}
