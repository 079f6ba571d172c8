//! SeqGAN's generator: embedding → LSTM or GRU → softmax over the vocabulary (section 3.4 of the paper).
//!
//! Writing a sentence is an episode of T steps; the action is the next token. Maximum likelihood is the
//! policy gradient with weight 1 on the observed tokens, so both go through [`Generator::gradient`].

use ndarray::{Array2, ArrayView2, Axis, s};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::nn::{
    CellKind, Embedding, Initializer, Parameters as _, Projection, Recurrent, RecurrentCache, State,
    dropout_mask, impl_parameters,
};
use crate::policy_gradient::{Episodes, Policy};
use crate::seed::{Rng, Stream};

/// Sentences drawn or scored by one task.
const CHUNK: usize = 128;
/// Parts of a batch with a gradient of their own; the sum is taken in their order.
const LANES: usize = 4;

/// The most weights of a generator, 1 GiB: training keeps ten copies.
const MOST_WEIGHTS: usize = 1 << 28;

/// The shape of a generator, all of which a model file needs to be read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GeneratorShape {
    /// Tokens, V.
    pub vocabulary: usize,
    /// Values of a token's vector, E.
    pub embedding: usize,
    /// Values of the recurrent state, H.
    pub hidden: usize,
    /// The recurrent layer.
    pub cell: CellKind,
    /// The longest sentence, T.
    pub steps: usize,
    /// The token that stands before every sentence.
    pub start: u32,
    /// The token that ends a sentence; without one, every sentence has T tokens.
    pub end: Option<u32>,
    /// Tokens that are never written, such as padding.
    pub never: Vec<u32>,
}

impl GeneratorShape {
    /// Refuses shapes that no data can have, before networks of that size are made.
    pub fn validate(&self) -> Result<()> {
        let fail = |message: String| Err(Error::Config(message));
        let Self { vocabulary, embedding, hidden, steps, .. } = *self;
        if !(2..=1 << 24).contains(&vocabulary) {
            return fail(format!("a vocabulary of {vocabulary} tokens: expected 2 to {}", 1 << 24));
        }
        if !(1..=1 << 14).contains(&embedding) || !(1..=1 << 14).contains(&hidden) {
            return fail(format!("embedding {embedding}, hidden {hidden}: expected 1 to {}", 1 << 14));
        }
        if !(1..=1 << 20).contains(&steps) {
            return fail(format!("sentences of {steps} tokens: expected 1 to {}", 1 << 20));
        }
        let weights = 2 * vocabulary * (embedding + hidden) + 4 * hidden * (embedding + hidden);
        if weights > MOST_WEIGHTS {
            return fail(format!(
                "a network of about {weights} weights ({vocabulary} tokens, embedding {embedding}, hidden {hidden}): \
                 expected at most {MOST_WEIGHTS}"
            ));
        }
        let special = self.never.iter().chain(&self.end).chain([&self.start]);
        match special.max().filter(|&&token| token as usize >= vocabulary) {
            Some(token) => fail(format!("token {token} is beyond the vocabulary of {vocabulary}")),
            None => Ok(()),
        }
    }
}

/// A language model over token ids: the generator, and the oracle.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    shape: GeneratorShape,
    embedding: Embedding,
    recurrent: Recurrent,
    projection: Projection,
}

/// The gradient of a batch and what was seen on the way.
#[derive(Debug)]
pub struct LikelihoodGradient {
    /// Gradient of `−Σ w log π` over the batch.
    pub gradient: Generator,
    /// `−Σ w log π`.
    pub loss: f64,
}

/// What a batch of drawn or observed sentences leaves for the backward pass.
#[derive(Debug)]
pub struct SentenceTrace {
    /// The sentences.
    pub sentences: Sequences,
    /// The states h in which their tokens were chosen, time-major: `[T · B, H]`.
    pub hidden: Array2<f32>,
}

impl Generator {
    /// A generator with random weights.
    pub fn new(shape: &GeneratorShape, initializer: Initializer, rng: &mut Rng) -> Self {
        let embedding = Embedding::new(shape.vocabulary, shape.embedding, initializer, rng);
        let recurrent = Recurrent::new(shape.cell, shape.embedding, shape.hidden, initializer, rng);
        let projection = Projection::new(shape.hidden, shape.vocabulary, initializer, rng);
        Self::from_parts(shape.clone(), embedding, recurrent, projection)
    }

    /// A generator of given layers.
    pub fn from_parts(
        shape: GeneratorShape,
        embedding: Embedding,
        recurrent: Recurrent,
        mut projection: Projection,
    ) -> Self {
        let (vocabulary, size) = embedding.dim();
        let fits = vocabulary == shape.vocabulary
            && recurrent.dim() == (size, shape.hidden)
            && projection.dim() == (shape.hidden, vocabulary);
        assert!(fits, "layers fit the shape and each other");
        projection.forbid(&shape.never);
        Self { shape, embedding, recurrent, projection }
    }

    /// The shape.
    pub fn shape(&self) -> &GeneratorShape {
        &self.shape
    }

    /// The distribution over the vocabulary in a state.
    pub fn projection(&self) -> &Projection {
        &self.projection
    }

    /// The same generator with logits divided by `temperature`.
    pub fn at_temperature(&self, temperature: f32) -> Self {
        let mut projection = self.projection.at_temperature(temperature);
        projection.forbid(&self.shape.never);
        Self { projection, ..self.clone() }
    }

    /// `self ← rate · self + (1 − rate) · other`, but the embeddings are copied: how the rollout policy
    /// follows the generator.
    pub fn follow(&mut self, other: &Self, rate: f32) {
        for (mut mine, theirs) in self.tensors_mut().into_iter().zip(other.tensors()) {
            let rate = if mine.name.starts_with("embedding") { 0.0 } else { rate };
            mine.values.zip_mut_with(&theirs.values, |a, &b| *a = rate * *a + (1.0 - rate) * b);
        }
    }

    /// The state before the first token, for a batch.
    pub fn start(&self, batch: usize) -> State {
        self.recurrent.start(batch)
    }

    /// The states after `tokens: [B]` were read in the states before: what the next token is drawn from.
    pub fn advance(&self, tokens: &[u32], state: &State) -> State {
        self.recurrent.step(self.embedding.forward(tokens).view(), state)
    }

    /// Reads whole sentences: state t is the one in which token t is chosen. `[T · B]`, time-major, T the
    /// longest of these sentences.
    pub fn read(&self, tokens: ArrayView2<'_, u32>) -> RecurrentCache {
        let inputs = self.inputs(tokens);
        self.recurrent.forward(self.embedding.forward(&inputs), tokens.nrows())
    }

    /// The tokens read before each choice, time-major: the start token, then the sentence but its last.
    fn inputs(&self, tokens: ArrayView2<'_, u32>) -> Vec<u32> {
        let (batch, steps) = tokens.dim();
        let mut inputs = vec![self.shape.start; batch];
        for step in 1..steps {
            inputs.extend(tokens.column(step - 1));
        }
        inputs
    }

    /// Draws `count` sentences; sentence i uses the stream `stream.at(i)`.
    pub fn draw(&self, count: usize, stream: Stream) -> Sequences {
        self.complete(&vec![&[][..]; count], stream)
    }

    /// Draws sentences that begin with given tokens; sentence i uses the stream `stream.at(i)`. A prefix
    /// that already ends, or has T tokens, stays as it is.
    pub fn complete(&self, prefixes: &[&[u32]], stream: Stream) -> Sequences {
        let count = prefixes.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let here = part * CHUNK..count.min((part + 1) * CHUNK);
            self.complete_chunk(&prefixes[here.clone()], |i| stream.at((here.start + i) as u64).rng())
        });
        let mut tokens = Array2::zeros((0, self.shape.steps));
        let mut lengths = vec![];
        for part in parts {
            tokens.append(Axis(0), part.tokens()).expect("one width");
            lengths.extend_from_slice(part.lengths());
        }
        Sequences::new(tokens, lengths)
    }

    fn complete_chunk(&self, prefixes: &[&[u32]], rng: impl Fn(usize) -> Rng) -> Sequences {
        let (count, steps) = (prefixes.len(), self.shape.steps);
        let mut rngs: Vec<Rng> = (0..count).map(rng).collect();
        let mut tokens = Array2::zeros((count, steps));
        let mut lengths = vec![steps as u32; count];
        let mut active: Vec<usize> = (0..count).collect();
        let mut last = vec![self.shape.start; count];
        let mut state = self.start(count);
        for step in 0..steps {
            state = self.advance(&last, &state);
            let uniforms: Vec<f64> = active.iter().map(|&row| rngs[row].random()).collect();
            last = self.projection.draw(state.hidden.view(), 1, &uniforms);
            for (&row, token) in active.iter().zip(&mut last) {
                if let Some(&given) = prefixes[row].get(step) {
                    *token = given;
                }
                tokens[[row, step]] = *token;
                if Some(*token) == self.shape.end {
                    lengths[row] = step as u32 + 1;
                }
            }
            keep_unfinished(self.shape.end, &mut active, &mut last, &mut state);
            if active.is_empty() {
                break;
            }
        }
        Sequences::new(tokens, lengths)
    }

    /// `log π` of every token: `[N, T]`, 0 beyond each sentence's end.
    pub fn log_probabilities(&self, sentences: &Sequences) -> Array2<f32> {
        let count = sentences.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let rows: Vec<usize> = (part * CHUNK..count.min((part + 1) * CHUNK)).collect();
            let part = sentences.select(&rows);
            let places = places(&part);
            let hidden = self.read(trimmed(&part)).hidden().select(Axis(0), &flat(&places, rows.len()));
            let targets: Vec<u32> = places.iter().map(|&(row, step)| part.tokens()[[row, step]]).collect();
            let mut out = Array2::zeros((rows.len(), sentences.steps()));
            let all = self.projection.log_probabilities(hidden.view(), &targets);
            places.iter().zip(all).for_each(|(&(row, step), value)| out[[row, step]] = value);
            out
        });
        let mut out = Array2::zeros((0, sentences.steps()));
        parts.iter().for_each(|part| out.append(Axis(0), part.view()).expect("one width"));
        out
    }

    /// Mean negative log-likelihood of a token, in nats.
    pub fn nll(&self, sentences: &Sequences) -> f64 {
        let sum: f64 = self.log_probabilities(sentences).iter().map(|&value| f64::from(value)).sum();
        -sum / sentences.token_count().max(1) as f64
    }

    /// Gradient of `−Σ w log π(token | prefix)`, `weights: [B, T]`; a token of weight 0, and all beyond a
    /// sentence's end, take no part. With `dropout`, a share of the inputs and outputs of the recurrent
    /// layer is dropped, by the given stream.
    pub fn gradient(
        &self,
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient {
        let count = sentences.len();
        let size = count.div_ceil(LANES).max(1);
        let parts = ordered_map(count.div_ceil(size), |lane| {
            let rows: Vec<usize> = (lane * size..count.min((lane + 1) * size)).collect();
            let rng = dropout.map(|(share, stream)| (share, stream.at(lane as u64).rng()));
            self.lane(&sentences.select(&rows), weights.slice(s![rows[0]..rows[0] + rows.len(), ..]), rng)
        });
        let mut sum: Option<LikelihoodGradient> = None;
        let mut embedded = vec![];
        for (inputs, d_x, part) in parts {
            embedded.push((inputs, d_x));
            match &mut sum {
                None => sum = Some(part),
                Some(sum) => {
                    sum.loss += part.loss;
                    sum.gradient.recurrent.add(&part.gradient.recurrent);
                    sum.gradient.projection.add(&part.gradient.projection);
                }
            }
        }
        let mut sum = sum.unwrap_or_else(|| LikelihoodGradient { gradient: self.zeros_like(), loss: 0.0 });
        for (inputs, d_x) in embedded {
            Embedding::backward(&inputs, d_x.view(), &mut sum.gradient.embedding);
        }
        sum
    }

    /// The part of a gradient that some sentences make; that of the embedding as tokens and rows.
    fn lane(
        &self,
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        mut dropout: Option<(f32, Rng)>,
    ) -> (Vec<u32>, Array2<f32>, LikelihoodGradient) {
        let batch = sentences.len();
        let tokens = trimmed(sentences);
        let inputs = self.inputs(tokens);
        let mut x = self.embedding.forward(&inputs);
        let mut mask = |shape| dropout.as_mut().map(|(share, rng)| dropout_mask(shape, 1.0 - *share, rng));
        let (x_mask, h_mask) = (mask(x.dim()), mask((x.nrows(), self.shape.hidden)));
        x_mask.iter().for_each(|mask| x *= mask);
        let cache = self.recurrent.forward(x, batch);
        let mut places = places(sentences);
        places.retain(|&(row, step)| weights[[row, step]] != 0.0);
        let rows = flat(&places, batch);
        let mut hidden = cache.hidden().select(Axis(0), &rows);
        let h_mask = h_mask.map(|mask| mask.select(Axis(0), &rows));
        h_mask.iter().for_each(|mask| hidden *= mask);
        let actions: Vec<u32> = places.iter().map(|&(row, step)| tokens[[row, step]]).collect();
        let of_place: Vec<f32> = places.iter().map(|&at| weights[at]).collect();
        let mut gradient = self.zeros_like();
        let (log_probabilities, mut d_chosen) =
            self.projection.backward(hidden.view(), &actions, &of_place, &mut gradient.projection);
        h_mask.iter().for_each(|mask| d_chosen *= mask);
        let mut d_hidden = Array2::zeros(cache.hidden().raw_dim());
        for (d, &row) in d_chosen.rows().into_iter().zip(&rows) {
            d_hidden.row_mut(row).assign(&d);
        }
        let mut d_x = self.recurrent.backward(&cache, d_hidden.view(), &mut gradient.recurrent);
        x_mask.iter().for_each(|mask| d_x *= mask);
        let loss = of_place.iter().zip(&log_probabilities).map(|(&w, &l)| -f64::from(w) * f64::from(l)).sum();
        (inputs, d_x, LikelihoodGradient { gradient, loss })
    }

    /// Observed sentences as episodes, so that teacher forcing is a policy gradient too.
    pub fn observe(&self, sentences: Sequences) -> Episodes<SentenceTrace> {
        let hidden = self.read(sentences.tokens()).hidden().to_owned();
        let mut importance = Array2::zeros(sentences.tokens().raw_dim());
        for (mut row, &length) in importance.rows_mut().into_iter().zip(sentences.lengths()) {
            row.slice_mut(s![..length as usize]).fill(1.0);
        }
        Episodes {
            actions: sentences.tokens().to_owned(),
            importance,
            groups: std::iter::once(0..sentences.len()).collect(),
            lengths: Some(sentences.lengths().to_vec()),
            enumerated: false,
            trace: SentenceTrace { sentences, hidden },
        }
    }
}

/// Takes finished sentences out of the walk.
pub(in crate::text) fn keep_unfinished(
    end: Option<u32>,
    active: &mut Vec<usize>,
    last: &mut Vec<u32>,
    state: &mut State,
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

/// The columns up to the longest sentence's end.
fn trimmed(sentences: &Sequences) -> ArrayView2<'_, u32> {
    let longest = sentences.lengths().iter().max().map_or(0, |&length| length as usize);
    sentences.tokens().slice_move(s![.., ..longest])
}

/// (sentence, step) of every token, by step and then by sentence.
fn places(sentences: &Sequences) -> Vec<(usize, usize)> {
    let longest = sentences.lengths().iter().max().map_or(0, |&length| length as usize);
    let rows = |step: usize| {
        let lengths = sentences.lengths().iter().enumerate();
        lengths.filter(move |&(_, &length)| step < length as usize).map(move |(row, _)| (row, step))
    };
    (0..longest).flat_map(rows).collect()
}

/// Rows of a time-major array.
fn flat(places: &[(usize, usize)], batch: usize) -> Vec<usize> {
    places.iter().map(|&(row, step)| step * batch + row).collect()
}

impl Policy for Generator {
    type Context = usize; // how many sentences: they share the context “nothing”
    type Trace<'c> = SentenceTrace;
    type Gradient = Generator;

    fn sample<'c>(&'c self, context: &'c usize, stream: Stream) -> Episodes<SentenceTrace> {
        self.observe(self.draw(*context, stream))
    }

    fn backward(
        &self,
        _context: &usize,
        episodes: &Episodes<SentenceTrace>,
        weights: ArrayView2<'_, f32>,
    ) -> Generator {
        self.gradient(&episodes.trace.sentences, weights, None).gradient
    }

    /// One token is drawn in a state, so the variance is bounded by the second moment
    /// `Σ w² (‖π‖² − 2 π_a + 1)`, which is what is returned.
    fn spread(&self, episodes: &Episodes<SentenceTrace>, weights: ArrayView2<'_, f32>) -> (f64, f64) {
        let SentenceTrace { sentences, hidden } = &episodes.trace;
        let places = places(sentences);
        let chosen = hidden.select(Axis(0), &flat(&places, sentences.len()));
        let rows = chosen.nrows();
        let parts = ordered_map(rows.div_ceil(CHUNK), |part| {
            let here = part * CHUNK..rows.min((part + 1) * CHUNK);
            let hidden = chosen.slice(s![here.clone(), ..]);
            let tokens: Vec<u32> = places[here.clone()].iter().map(|&at| episodes.actions[at]).collect();
            let log_probabilities = self.projection.log_probabilities(hidden, &tokens);
            let spread = self.projection.spread(hidden);
            let (mut entropy, mut moment) = (0.0, 0.0);
            for ((spread, log_p), &at) in spread.iter().zip(log_probabilities).zip(&places[here]) {
                entropy += spread.entropy;
                let norm = spread.collision - 2.0 * f64::from(log_p).exp() + 1.0;
                moment += f64::from(weights[at]).powi(2) * norm;
            }
            (entropy, moment)
        });
        let (entropy, moment) = parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        (entropy / rows.max(1) as f64, moment)
    }

    fn states(&self, episodes: &Episodes<SentenceTrace>) -> Option<ndarray::Array3<f32>> {
        let (batch, steps) = episodes.actions.dim();
        let hidden = &episodes.trace.hidden;
        let time_major = hidden.view().into_shape_with_order((steps, batch, hidden.ncols()));
        let by_sentence = time_major.expect("one state a choice").permuted_axes([1, 0, 2]);
        Some(by_sentence.as_standard_layout().into_owned())
    }
}

impl_parameters!(Generator { "embedding": embedding, "recurrent": recurrent, "projection": projection });
