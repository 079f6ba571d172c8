//! SeqGAN's discriminator: embedding → convolutions → max over time → highway → dropout → two classes
//! (section 3.5 of the paper).

use ndarray::{Array2, Array3, s};
use serde::{Deserialize, Serialize};

use super::Judge;
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::nn::loss::softmax_cross_entropy;
use crate::nn::{
    Embedding, Filters, Highway, Initializer, Linear, Parameters as _, TextConvolution, TokenTable,
    dropout_mask, impl_parameters,
};
use crate::seed::{Rng, Stream};

/// Sentences judged by one task.
const CHUNK: usize = 256;
/// A table of token responses is made up to this many values (0.5 GiB).
const LARGEST_TABLE: usize = 1 << 27;

/// The shape of a discriminator and its regularisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DiscriminatorShape {
    /// Values of a token's vector.
    pub embedding: usize,
    /// Filters of each width; those wider than a sentence are left out.
    pub filters: Vec<Filters>,
    /// Whether a highway layer follows the convolutions.
    pub highway: bool,
    /// Share of features dropped while training.
    pub dropout: f32,
    /// Weight of half the squared norm of the output layer in the loss.
    pub l2: f32,
}

impl DiscriminatorShape {
    /// Refuses shapes that make no network.
    pub fn validate(&self) -> Result<()> {
        let fail = |message: &str| Err(Error::Config(message.into()));
        let features: usize = self.filters.iter().map(|f| f.count).sum();
        if !(1..=1 << 14).contains(&self.embedding) || !(1..=1 << 14).contains(&features) {
            return fail("the discriminator's embedding and filters: expected 1 to 16384 of each");
        }
        if self.filters.iter().any(|f| f.width == 0 || f.count == 0) {
            return fail("filters have a width and a count of at least 1");
        }
        if !(0.0..1.0).contains(&self.dropout) || !(0.0..=1e6).contains(&self.l2) {
            return fail("the discriminator's dropout lies in [0, 1), its l2 in [0, 1e6]");
        }
        Ok(())
    }
}

/// A convolutional classifier of sentences: P(real).
#[derive(Clone, Debug, PartialEq)]
pub struct Discriminator {
    shape: DiscriminatorShape,
    embedding: Embedding,
    convolution: TextConvolution,
    highway: Option<Highway>,
    output: Linear, // class 0 generated, class 1 real
}

/// What a step of training saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DiscriminatorLoss {
    /// Mean cross-entropy.
    pub loss: f64,
    /// Share judged rightly.
    pub accuracy: f64,
    /// Mean P(real) of the batch minus the share that is real.
    pub calibration: f64,
}

impl Discriminator {
    /// A discriminator with random weights, for a vocabulary and sentences of up to `steps` tokens.
    /// Initial distributions are those of the authors' code.
    pub fn new(shape: &DiscriminatorShape, vocabulary: usize, steps: usize, rng: &mut Rng) -> Self {
        let filters: Vec<Filters> = shape.filters.iter().copied().filter(|f| f.width <= steps).collect();
        // Widths that do not fit leave the narrowest filter that does.
        let filters = if filters.is_empty() { vec![Filters { width: 1, count: 64 }] } else { filters };
        let small = Initializer::TruncatedNormal(0.1);
        let embedding = Embedding::new(vocabulary, shape.embedding, Initializer::Uniform(1.0), rng);
        let convolution = TextConvolution::new(&filters, shape.embedding, small, 0.1, rng);
        let features = convolution.features();
        let highway = shape.highway.then(|| Highway::new(features, 0.0, Initializer::Xavier, rng));
        let weight = small.sample((features, 2), features, 2, rng);
        let output = Linear::from_parts(weight, ndarray::arr1(&[0.1, 0.1]));
        Self { shape: shape.clone(), embedding, convolution, highway, output }
    }

    /// The vectors of the sentences, zero beyond their ends: `[B, T, D]`.
    fn embed(&self, sentences: &Sequences) -> Array3<f32> {
        let (batch, steps) = sentences.tokens().dim();
        let size = self.shape.embedding;
        let mut x = Array3::zeros((batch, steps, size));
        let all = x.as_slice_mut().expect("a fresh array is contiguous");
        for (row, x) in sentences.iter().zip(all.chunks_exact_mut((steps * size).max(1))) {
            for (&token, x) in row.iter().zip(x.chunks_exact_mut(size)) {
                x.copy_from_slice(self.embedding.vector(token));
            }
        }
        x
    }

    /// P(real) from features: `[N, F]` gives `[N]`.
    fn classify(&self, features: Array2<f32>) -> Vec<f32> {
        let features = match &self.highway {
            Some(highway) => highway.predict(features),
            None => features,
        };
        let logits = self.output.forward(features.view());
        logits.rows().into_iter().map(|row| simd::sigmoid1(row[1] - row[0])).collect()
    }

    /// Adds the gradient of the mean cross-entropy of `sentences`, `real: [B]`, and of the L2 penalty.
    pub fn gradient(
        &self,
        sentences: &Sequences,
        real: &[bool],
        rng: &mut Rng,
        gradient: &mut Self,
    ) -> DiscriminatorLoss {
        let batch = sentences.len();
        assert_eq!(batch, real.len(), "one label a sentence");
        let (features, convolved) = self.convolution.forward(self.embed(sentences), sentences.lengths());
        let (mut top, passed) = match &self.highway {
            Some(highway) => {
                let (top, cache) = highway.forward(features.clone());
                (top, Some(cache))
            }
            None => (features.clone(), None),
        };
        let mask = dropout_mask(top.dim(), 1.0 - self.shape.dropout, rng);
        top *= &mask;
        let mut logits = self.output.forward(top.view());
        let mut d_logits = Array2::zeros(logits.raw_dim());
        let mut seen = DiscriminatorLoss::default();
        let share = 1.0 / batch as f32;
        for ((mut logits, mut d), &real) in logits.rows_mut().into_iter().zip(d_logits.rows_mut()).zip(real) {
            let slice = "rows are contiguous";
            let logits = logits.as_slice_mut().expect(slice);
            simd::log_softmax(logits);
            let target = std::iter::once((usize::from(real), share));
            seen.loss += softmax_cross_entropy(logits, target, d.as_slice_mut().expect(slice));
            seen.accuracy += f64::from(u8::from((logits[1] > logits[0]) == real)) * f64::from(share);
            seen.calibration += (f64::from(logits[1]).exp() - f64::from(u8::from(real))) * f64::from(share);
        }
        self.output.backward_parameters(top.view(), d_logits.view(), &mut gradient.output);
        for (mut d, theta) in gradient.output.tensors_mut().into_iter().zip(self.output.tensors()) {
            d.values.scaled_add(self.shape.l2, &theta.values);
        }
        let mut d_top = self.output.backward_input(d_logits.view());
        d_top *= &mask;
        let d_features = match (&self.highway, &passed, &mut gradient.highway) {
            (Some(highway), Some(cache), Some(gradient)) => highway.backward(cache, d_top.view(), gradient),
            _ => d_top,
        };
        let d_x = self.convolution.backward(&convolved, &features, d_features, &mut gradient.convolution);
        for (row, tokens) in sentences.iter().enumerate() {
            let d_x = d_x.slice(s![row, ..tokens.len(), ..]);
            Embedding::backward(tokens, d_x, &mut gradient.embedding);
        }
        seen
    }

    /// The table that makes many judgements fast, unless it would be larger than half a gibibyte.
    pub fn table(&self) -> Option<TokenTable> {
        let values = self.embedding.dim().0 * self.convolution.responses();
        (values <= LARGEST_TABLE).then(|| self.convolution.table(self.embedding.weight()))
    }

    fn judge(&self, sentences: &Sequences, table: Option<&TokenTable>) -> Vec<f32> {
        let count = sentences.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let rows: Vec<usize> = (part * CHUNK..count.min((part + 1) * CHUNK)).collect();
            let part = sentences.select(&rows);
            let features = match table {
                Some(table) => self.convolution.features_by_table(table, part.tokens(), part.lengths()),
                None => self.convolution.forward(self.embed(&part), part.lengths()).0,
            };
            self.classify(features)
        });
        parts.concat()
    }
}

impl Judge for Discriminator {
    fn score(&self, sentences: &Sequences) -> Vec<f32> {
        self.judge(sentences, None)
    }
}

/// A discriminator with a table of its tokens' responses: the same judgements, several times faster when
/// there are many.
#[derive(Debug)]
pub struct FrozenDiscriminator<'a> {
    discriminator: &'a Discriminator,
    table: Option<&'a TokenTable>,
}

impl<'a> FrozenDiscriminator<'a> {
    /// `discriminator` with the table it made.
    pub fn new(discriminator: &'a Discriminator, table: Option<&'a TokenTable>) -> Self {
        Self { discriminator, table }
    }
}

impl Judge for FrozenDiscriminator<'_> {
    fn score(&self, sentences: &Sequences) -> Vec<f32> {
        self.discriminator.judge(sentences, self.table)
    }
}

/// Cuts every sentence at a random length, for a discriminator of prefixes.
pub fn random_prefixes(sentences: &Sequences, stream: Stream) -> Sequences {
    use rand::Rng as _;
    let mut rng = stream.rng();
    let lengths: Vec<u32> =
        sentences.lengths().iter().map(|&length| rng.random_range(1..=length.max(1))).collect();
    prefixes(sentences, &lengths)
}

/// The first `lengths: [N]` tokens of each sentence.
pub fn prefixes(sentences: &Sequences, lengths: &[u32]) -> Sequences {
    let mut tokens = sentences.tokens().to_owned();
    let mut kept = Vec::with_capacity(lengths.len());
    for ((mut row, &length), &most) in tokens.rows_mut().into_iter().zip(lengths).zip(sentences.lengths()) {
        let length = length.min(most);
        row.slice_mut(s![length as usize..]).fill(0);
        kept.push(length);
    }
    Sequences::new(tokens, kept)
}

impl_parameters!(Discriminator { "embedding": embedding, "convolution": convolution, "highway": highway, "output": output });
