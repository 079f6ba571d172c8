//! Encoder–decoder: a language model of answers whose context is a source (Sutskever et al., 2014; Bahdanau et al., 2015).
//!
//! | file | content |
//! |---|---|
//! | `shape` | sizes and choices of a model |
//! | `sources`, `answers` | both sides of a batch as they are read |
//! | `encoder`, `decoder` | the layers of both sides |
//! | `state` | states between two tokens |
//! | `gradient` | the way back through both sides |
//! | `relaxed` | answers of relaxed draws, and the way back through them |

mod answers;
mod decoder;
mod encoder;
mod gradient;
mod relaxed;
mod shape;
mod sources;
mod state;

use std::sync::Arc;

use ndarray::{Array2, Array3, ArrayView2, Axis, concatenate, s};

pub use shape::{EncoderDecoderShape, EncoderKind};
pub use state::{AnswerReading, AnswerState};

use super::language_model::{Choice, LanguageModel, LikelihoodGradient, SentenceLimits};
use super::outputs;
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::nn::{
    AttentionCache, Embedding, Initializer, Memory, MemoryGradient, Projection, State, impl_parameters,
};
use crate::seed::{Rng, Stream};
use answers::Answers;
use decoder::{Decoded, Decoder, Sources};
use encoder::{Encoded, Encoder};
use sources::{Distinct, Reading, by_tokens};
use state::Remembered;

/// Sentences read by one task.
const CHUNK: usize = 64;

/// A language model of answers to sources: encoder, decoder with attention, softmax over the vocabulary.
///
/// ```
/// use std::sync::Arc;
///
/// use irgan::nn::{AttentionKind, CellKind, Initializer};
/// use irgan::seed::Stream;
/// use irgan::text::models::{EncoderDecoder, EncoderDecoderShape, EncoderKind, LanguageModel};
///
/// let shape = EncoderDecoderShape {
///     vocabulary: 20, embedding: 4, hidden: 6, cell: CellKind::Lstm, encoder: EncoderKind::Flat, bidirectional: true,
///     attention: AttentionKind::General, input_feeding: true, reverse_source: false, shared_embeddings: false,
///     source_steps: 3, steps: 5, start: 0, end: Some(1), never: vec![0], turn_end: None,
/// };
/// shape.validate()?;
/// let model = EncoderDecoder::new(&shape, Initializer::Xavier, &mut Stream::new(1).rng());
/// let sources = [Arc::from([7, 8, 9]), Arc::from([5])];
/// let answers = model.draw(&sources, Stream::new(2));
/// let weights = model.attention_weights(&sources, &answers);
/// assert_eq!(weights[0].dim(), (answers.sentence(0).len(), 3));
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderDecoder {
    shape: EncoderDecoderShape,
    embedding: Embedding,
    source_embedding: Option<Embedding>, // none when they are shared
    layers: Layers,
}

/// Everything but the vectors of tokens.
#[derive(Clone, Debug, PartialEq)]
struct Layers {
    encoder: Encoder,
    decoder: Decoder,
    projection: Projection,
}

impl EncoderDecoder {
    /// Makes a model with weights drawn from `initializer`.
    ///
    /// # Panics
    /// When the shape is not valid.
    pub fn new(shape: &EncoderDecoderShape, initializer: Initializer, rng: &mut Rng) -> Self {
        shape.validate().expect("the shape was checked");
        let mut table = || Embedding::new(shape.vocabulary, shape.embedding, initializer, rng);
        let embedding = table();
        let source_embedding = (!shape.shared_embeddings).then(table);
        let encoder = Encoder::new(shape, initializer, rng);
        let decoder = Decoder::new(shape, initializer, rng);
        let mut projection = Projection::new(shape.hidden, shape.vocabulary, initializer, rng);
        projection.forbid(&shape.never);
        let layers = Layers { encoder, decoder, projection };
        Self { shape: shape.clone(), embedding, source_embedding, layers }
    }

    /// Returns the shape.
    pub fn shape(&self) -> &EncoderDecoderShape {
        &self.shape
    }

    /// Returns the vectors of tokens of answers, `[V, E]`, which are those of sources too where they are shared.
    pub fn vectors(&self) -> &Embedding {
        &self.embedding
    }

    /// Gives `tokens` probability 0 in answers.
    pub fn forbid(&mut self, tokens: &[u32]) {
        self.layers.projection.forbid(tokens);
    }

    /// Returns how much each token of each answer looked at each token of its source: `[answer tokens, source tokens]` a
    /// pair.
    ///
    /// Rows sum up to 1; a pyramid and a hierarchy look at groups of tokens, which have equal parts then. Without attention
    /// all weights are 0.
    pub fn attention_weights(&self, contexts: &[Source], answers: &Sequences) -> Vec<Array2<f32>> {
        let one = |row: usize| {
            let answer = answers.select(&[row]);
            let encoding = self.encode(std::iter::once(&contexts[row]));
            let decoded = self.read_answers(&encoding, answer.tokens(), &lengths(&answer)).1;
            let mut out = Array2::zeros((answer.sentence(0).len(), contexts[row].len()));
            if self.layers.decoder.attentional.is_some() {
                for (step, mut into) in out.rows_mut().into_iter().enumerate() {
                    let weights = by_tokens(&self.shape, &contexts[row], decoded.weights.weights(step));
                    into.assign(&ndarray::aview1(&weights));
                }
            }
            out
        };
        ordered_map(answers.len(), one)
    }

    /// Returns the vectors of tokens of sources: `[N, E]`.
    fn source_vectors(&self, tokens: &[u32]) -> Array2<f32> {
        self.source_embedding.as_ref().unwrap_or(&self.embedding).forward(tokens)
    }

    /// Encodes the sources of a batch, each once.
    fn encode<'a>(&self, contexts: impl Iterator<Item = &'a Source>) -> Encoding {
        let Distinct { sources, of } = Distinct::new(contexts);
        let reading = Reading::new(&self.shape, &sources);
        let x = self.source_vectors(&reading.tokens);
        self.encoding(x, of, reading)
    }

    /// Encodes sources from the vectors of their tokens, `x: [N, E]`.
    fn encoding(&self, x: Array2<f32>, of: Vec<usize>, reading: Reading) -> Encoding {
        let encoded = self.layers.encoder.forward(self.shape.encoder, x.view(), &reading);
        let keys =
            self.layers.decoder.attentional.as_ref().map(|part| part.attention.keys(encoded.values.view()));
        Encoding { of, reading, encoded, keys }
    }

    /// Reads answers, with the vectors of their tokens `x: [N, E]`.
    fn told(&self, encoding: &Encoding, answers: &Answers, x: Array2<f32>) -> Decoded {
        let of = encoding.of_answers(answers);
        let initial = encoding.encoded.last.select(&of);
        self.layers.decoder.forward(x, &answers.layout, &initial, &encoding.sources(&of))
    }

    /// Reads the answers `tokens: [B, T]` up to `lengths: [B]`.
    fn read_answers(
        &self,
        encoding: &Encoding,
        tokens: ArrayView2<'_, u32>,
        lengths: &[usize],
    ) -> (Answers, Decoded) {
        let answers = Answers::new(tokens, lengths, self.shape.start);
        let x = self.embedding.forward(&answers.inputs);
        let decoded = self.told(encoding, &answers, x);
        (answers, decoded)
    }
}

/// Encoded sources of a batch.
struct Encoding {
    /// Number of the source of every sentence: `[B]`.
    of: Vec<usize>,
    reading: Reading,
    encoded: Encoded,
    /// Keys of all vectors, `[M, H]`; none without attention.
    keys: Option<Array2<f32>>,
}

impl Encoding {
    /// Returns the numbers of the sources of answers, in their order.
    fn of_answers(&self, answers: &Answers) -> Vec<usize> {
        answers.order.iter().map(|&answer| self.of[answer]).collect()
    }

    /// Returns the memories of the sources `of: [B]`, empty ones without attention.
    fn sources(&self, of: &[usize]) -> Sources<'_> {
        fn slice(array: &Array2<f32>) -> &[f32] {
            array.as_slice().expect("a memory is contiguous")
        }
        let wide = self.encoded.values.ncols();
        let of_source = |&source: &usize| {
            let rows = &self.encoded.ranges[source];
            let here = rows.start * wide..rows.end * wide;
            let memory = match &self.keys {
                Some(keys) => {
                    Memory { keys: &slice(keys)[here.clone()], values: &slice(&self.encoded.values)[here] }
                }
                None => Memory { keys: &[], values: &[] },
            };
            (memory, rows.start)
        };
        let (memories, starts) = of.iter().map(of_source).unzip();
        Sources { memories, starts }
    }

    /// Returns the gradient zero at what attention looks at.
    fn no_gradient(&self) -> MemoryGradient {
        let (rows, hidden) = self.encoded.values.dim();
        MemoryGradient::zeros(rows, hidden)
    }

    /// Returns what is remembered of the source of every sentence, shared between the sentences of a source.
    fn remembered(&self) -> Vec<Arc<Remembered>> {
        let all: Vec<usize> = (0..self.encoded.ranges.len()).collect();
        let each = self.sources(&all).memories.into_iter().map(|memory| Arc::new(Remembered::of(memory)));
        let each: Vec<_> = each.collect();
        self.of.iter().map(|&source| each[source].clone()).collect()
    }
}

fn lengths(sentences: &Sequences) -> Vec<usize> {
    sentences.lengths().iter().map(|&length| length as usize).collect()
}

impl LanguageModel for EncoderDecoder {
    type Context = Source;
    type State = AnswerState;
    type Reading = AnswerReading;
    type Gradient = Self;

    fn limits(&self) -> SentenceLimits {
        let EncoderDecoderShape { steps, start, end, .. } = self.shape;
        SentenceLimits { steps, start, end }
    }

    fn start(&self, contexts: &[Source]) -> AnswerState {
        let encoding = self.encode(contexts.iter());
        AnswerState {
            recurrent: encoding.encoded.last.select(&encoding.of),
            output: Array2::zeros((contexts.len(), self.shape.hidden)),
            sources: encoding.remembered(),
        }
    }

    fn advance(&self, tokens: &[u32], state: &AnswerState) -> AnswerState {
        let decoder = &self.layers.decoder;
        let mut x = self.embedding.forward(tokens);
        if decoder.input_feeding {
            x = concatenate(Axis(1), &[x.view(), state.output.view()]).expect("one token a sentence");
        }
        let recurrent = decoder.recurrent.step(x.view(), &state.recurrent);
        let output = match &decoder.attentional {
            Some(part) => {
                let memories: Vec<_> = state.sources.iter().map(|source| source.memory()).collect();
                part.forward(recurrent.hidden.view(), &memories, &mut AttentionCache::default()).1
            }
            None => recurrent.hidden.clone(),
        };
        AnswerState { recurrent, output, sources: state.sources.clone() }
    }

    fn logits(&self, state: &AnswerState) -> Array2<f32> {
        self.layers.projection.logits(state.output.view())
    }

    fn read(&self, contexts: &[Source], tokens: ArrayView2<'_, u32>) -> AnswerReading {
        let (count, steps) = tokens.dim();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let here = part * CHUNK..count.min((part + 1) * CHUNK);
            let encoding = self.encode(contexts[here.clone()].iter());
            let tokens = tokens.slice(s![here.clone(), ..]);
            let decoded = self.read_answers(&encoding, tokens, &vec![steps; here.len()]).1;
            let State { hidden, memory } = decoded.states();
            AnswerReading { hidden, memory, output: decoded.outputs, sources: encoding.remembered() }
        });
        AnswerReading::joined(parts, steps)
    }

    fn gradient(
        &self,
        contexts: &[Source],
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self> {
        self.likelihood_gradient(contexts, (sentences, sentences), weights, dropout)
    }

    fn gradient_after(
        &self,
        contexts: &[Source],
        read: &Sequences,
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> Option<LikelihoodGradient<Self>> {
        Some(self.likelihood_gradient(contexts, (read, sentences), weights, dropout))
    }

    fn at_temperature(&self, temperature: f32) -> Self {
        let mut cooled = self.clone();
        cooled.layers.projection = self.layers.projection.at_temperature(temperature);
        cooled.layers.projection.forbid(&self.shape.never);
        cooled
    }

    fn next_tokens(&self, state: &AnswerState, draws: usize, uniforms: &[f64]) -> Vec<u32> {
        self.layers.projection.draw(state.output.view(), draws, uniforms)
    }

    fn likeliest(&self, state: &AnswerState, count: usize) -> Vec<Vec<(u32, f32)>> {
        outputs::likeliest(&self.layers.projection, state.output.view(), count)
    }

    fn choices(
        &self,
        reading: &AnswerReading,
        sentences: &Sequences,
        places: &[(usize, usize)],
    ) -> Vec<Choice> {
        outputs::choices(&self.layers.projection, reading.output.view(), sentences, places)
    }

    fn critic_states(&self, reading: &AnswerReading, sentences: &Sequences) -> Option<Array3<f32>> {
        Some(outputs::by_sentence(reading.output.view(), sentences))
    }

    fn context_vectors(&self, contexts: &[Source]) -> Option<Array2<f32>> {
        Some(self.start(contexts).recurrent.hidden)
    }

    fn log_probabilities(&self, contexts: &[Source], sentences: &Sequences) -> Array2<f32> {
        let count = sentences.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let here = part * CHUNK..count.min((part + 1) * CHUNK);
            let sentences = sentences.select(&here.clone().collect::<Vec<_>>());
            let encoding = self.encode(contexts[here].iter());
            let (answers, decoded) = self.read_answers(&encoding, sentences.tokens(), &lengths(&sentences));
            let targets: Vec<u32> = answers.places.iter().map(|&place| sentences.tokens()[place]).collect();
            let found = self.layers.projection.log_probabilities(decoded.outputs.view(), &targets);
            let mut out = Array2::zeros(sentences.tokens().raw_dim());
            answers.places.iter().zip(found).for_each(|(&place, value)| out[place] = value);
            out
        });
        let mut out = Array2::zeros((0, sentences.steps()));
        parts.iter().for_each(|part| out.append(Axis(0), part.view()).expect("one width"));
        out
    }
}

impl_parameters!(Layers { "encoder": encoder, "decoder": decoder, "projection": projection });
impl_parameters!(EncoderDecoder { "embedding": embedding, "source-embedding": source_embedding, "": layers });
