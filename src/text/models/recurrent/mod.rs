//! SeqGAN's generator: embedding → LSTM or GRU → softmax over the vocabulary (section 3.4 of the paper).

mod gradient;
mod relaxed;
mod shape;

use ndarray::{Array2, Array3, ArrayView2, Axis};

pub(in crate::text) use gradient::Lane;
pub use shape::RecurrentShape;

use super::language_model::{
    BatchState, Choice, LanguageModel, LikelihoodGradient, Reading, SentenceLimits, mean_nll,
};
use super::outputs;
use super::places::{places, time_major, trimmed};
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::nn::{Embedding, Initializer, Projection, Recurrent, RecurrentCache, State, impl_parameters};
use crate::seed::{Rng, Stream};

/// Sentences scored by one task.
const CHUNK: usize = 128;

/// A recurrent language model over token ids: SeqGAN's generator, its rival, and the oracle.
///
/// Its sentences have no context, so besides [`LanguageModel`] it has shorter methods of its own, without contexts.
///
/// ```
/// use irgan::nn::Initializer;
/// use irgan::seed::Stream;
/// use irgan::text::models::{RecurrentModel, oracle_shape};
///
/// // 100 tokens, sentences of 20 tokens; zero weights make every token equally likely.
/// let mut rng = Stream::new(1).rng();
/// let model = RecurrentModel::new(&oracle_shape(100, 20), Initializer::Uniform(0.0), &mut rng);
/// let sentences = model.draw(3, Stream::new(2));
/// assert_eq!((sentences.len(), sentences.steps()), (3, 20));
/// assert!((model.nll(&sentences) - 100f64.ln()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentModel {
    shape: RecurrentShape,
    embedding: Embedding,
    recurrent: Recurrent,
    projection: Projection,
}

impl RecurrentModel {
    /// Makes a model with weights drawn from `initializer`.
    pub fn new(shape: &RecurrentShape, initializer: Initializer, rng: &mut Rng) -> Self {
        let embedding = Embedding::new(shape.vocabulary, shape.embedding, initializer, rng);
        let recurrent = Recurrent::new(shape.cell, shape.embedding, shape.hidden, initializer, rng);
        let projection = Projection::new(shape.hidden, shape.vocabulary, initializer, rng);
        Self::from_parts(shape.clone(), embedding, recurrent, projection)
    }

    /// Makes a model of given layers.
    ///
    /// # Panics
    /// When the layers do not fit the shape or each other.
    pub fn from_parts(
        shape: RecurrentShape,
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

    /// Returns the output layer.
    pub(in crate::text) fn projection(&self) -> &Projection {
        &self.projection
    }

    /// Returns the shape.
    pub fn shape(&self) -> &RecurrentShape {
        &self.shape
    }

    /// Draws `count` sentences; sentence i uses the stream `stream.at(i)`.
    pub fn draw(&self, count: usize, stream: Stream) -> Sequences {
        LanguageModel::draw(self, &vec![(); count], stream)
    }

    /// Returns `log π` of every token: `[B, T]`, 0 beyond each sentence's end.
    pub fn log_probabilities(&self, sentences: &Sequences) -> Array2<f32> {
        let count = sentences.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let rows: Vec<usize> = (part * CHUNK..count.min((part + 1) * CHUNK)).collect();
            let part = sentences.select(&rows);
            let places = places(&part);
            let hidden =
                self.read_tokens(trimmed(&part)).hidden().select(Axis(0), &time_major(&places, rows.len()));
            let targets: Vec<u32> = places.iter().map(|&place| part.tokens()[place]).collect();
            let mut out = Array2::zeros((rows.len(), sentences.steps()));
            let all = self.projection.log_probabilities(hidden.view(), &targets);
            places.iter().zip(all).for_each(|(&place, value)| out[place] = value);
            out
        });
        let mut out = Array2::zeros((0, sentences.steps()));
        parts.iter().for_each(|part| out.append(Axis(0), part.view()).expect("one width"));
        out
    }

    /// Returns the mean negative log-likelihood of a token, in nats.
    pub fn nll(&self, sentences: &Sequences) -> f64 {
        mean_nll(&self.log_probabilities(sentences), sentences)
    }

    /// Returns the states of whole sentences, time-major: `[T · B]`, T the columns of `tokens`.
    fn read_tokens(&self, tokens: ArrayView2<'_, u32>) -> RecurrentCache {
        let inputs = self.inputs(tokens);
        self.recurrent.forward(self.embedding.forward(&inputs), tokens.nrows())
    }

    /// Returns the tokens read before each choice, time-major: the start token, then the sentence but its last.
    fn inputs(&self, tokens: ArrayView2<'_, u32>) -> Vec<u32> {
        let (batch, steps) = tokens.dim();
        let mut inputs = vec![self.shape.start; batch];
        for step in 1..steps {
            inputs.extend(tokens.column(step - 1));
        }
        inputs
    }
}

impl LanguageModel for RecurrentModel {
    type Context = ();
    type State = State;
    type Reading = RecurrentCache;
    type Gradient = Self;

    fn limits(&self) -> SentenceLimits {
        let RecurrentShape { steps, start, end, .. } = self.shape;
        SentenceLimits { steps, start, end }
    }

    fn start(&self, contexts: &[()]) -> State {
        self.recurrent.start(contexts.len())
    }

    fn advance(&self, tokens: &[u32], state: &State) -> State {
        self.recurrent.step(self.embedding.forward(tokens).view(), state)
    }

    fn logits(&self, state: &State) -> Array2<f32> {
        self.projection.logits(state.hidden.view())
    }

    fn read(&self, _contexts: &[()], tokens: ArrayView2<'_, u32>) -> RecurrentCache {
        self.read_tokens(tokens)
    }

    fn gradient(
        &self,
        _contexts: &[()],
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self> {
        Self::gradient(self, sentences, weights, dropout)
    }

    fn gradient_after(
        &self,
        _contexts: &[()],
        read: &Sequences,
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> Option<LikelihoodGradient<Self>> {
        Some(self.gradient_reading(read, sentences, weights, dropout))
    }

    fn at_temperature(&self, temperature: f32) -> Self {
        let mut projection = self.projection.at_temperature(temperature);
        projection.forbid(&self.shape.never);
        Self { projection, ..self.clone() }
    }

    fn next_tokens(&self, state: &State, draws: usize, uniforms: &[f64]) -> Vec<u32> {
        self.projection.draw(state.hidden.view(), draws, uniforms)
    }

    fn likeliest(&self, state: &State, count: usize) -> Vec<Vec<(u32, f32)>> {
        outputs::likeliest(&self.projection, state.hidden.view(), count)
    }

    fn choices(
        &self,
        reading: &RecurrentCache,
        sentences: &Sequences,
        places: &[(usize, usize)],
    ) -> Vec<Choice> {
        outputs::choices(&self.projection, reading.hidden(), sentences, places)
    }

    fn critic_states(&self, reading: &RecurrentCache, sentences: &Sequences) -> Option<Array3<f32>> {
        Some(outputs::by_sentence(reading.hidden(), sentences))
    }

    fn log_probabilities(&self, _contexts: &[()], sentences: &Sequences) -> Array2<f32> {
        Self::log_probabilities(self, sentences)
    }
}

impl BatchState for State {
    fn select(&self, rows: &[usize]) -> Self {
        Self::select(self, rows)
    }

    fn append(&mut self, other: &Self) {
        Self::append(self, other);
    }
}

impl Reading for RecurrentCache {
    type State = State;

    fn state(&self, step: usize) -> State {
        Self::state(self, step)
    }
}

impl_parameters!(RecurrentModel { "embedding": embedding, "recurrent": recurrent, "projection": projection });
