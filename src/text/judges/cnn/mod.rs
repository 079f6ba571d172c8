//! SeqGAN's discriminator: embedding → convolutions → max over time → highway → dropout → two classes
//! (section 3.5 of the paper).

mod relaxed;
mod shape;
mod training;

use ndarray::{Array2, Array3, s};

pub(super) use relaxed::{SoftShown, soft_accuracy, train_soft_epoch};
pub use shape::CnnShape;
pub(in crate::text) use training::random_prefixes;
pub(super) use training::{held_out_accuracy, train_epoch};

use super::SentenceScorer;
use super::two_classes::{judgements, loss_gradient};
use crate::data::sentences::Sequences;
use crate::game::{Divergence, JudgeStatistics};
use crate::math::parallel::ordered_map;
use crate::nn::{
    ConvolutionCache, Embedding, Highway, HighwayCache, Initializer, Linear, Parameters as _,
    TextConvolution, TokenTable, dropout_mask, impl_parameters,
};
use crate::seed::Rng;
use crate::text::models::LanguageModel;

/// Sentences judged by one task.
pub(super) const CHUNK: usize = 256;
/// A table of token responses is made up to this many values (0.5 GiB).
pub(super) const LARGEST_TABLE: usize = 1 << 27;

/// A convolutional classifier of sentences; its judgement is P(real), unless it minimises another divergence.
///
/// ```
/// use irgan::data::sentences::Sequences;
/// use irgan::nn::{Filters, Learner, OptimizerConfig, Parameters as _};
/// use irgan::seed::Stream;
/// use irgan::text::judges::{CnnJudge, CnnShape};
///
/// let filters = vec![Filters { width: 1, count: 8 }, Filters { width: 2, count: 8 }];
/// let shape = CnnShape { embedding: 4, filters, highway: true, dropout: 0.0, l2: 0.0 };
/// let judge = CnnJudge::new(&shape, 10, 2, &mut Stream::new(1).rng()); // 10 tokens, sentences of 2
/// let sentences = Sequences::fixed(ndarray::array![[5, 6], [6, 5]]); // the first is real
/// let mut judge = Learner::new(judge, OptimizerConfig { learning_rate: 0.01, ..Default::default() });
/// for step in 0..100 {
///     let mut gradient = judge.model().zeros_like();
///     judge.gradient(&sentences, &[true, false], &mut Stream::new(2).at(step).rng(), &mut gradient);
///     judge.update(&mut gradient);
/// }
/// let real = judge.judgements(&sentences, None);
/// assert!(real[0] > 0.9 && real[1] < 0.1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CnnJudge {
    shape: CnnShape,
    divergence: Divergence,
    smoothing: f32,
    embedding: Embedding,
    convolution: TextConvolution,
    highway: Option<Highway>,
    output: Linear, // class 0 generated, class 1 real
}

/// Forward pass of a batch of sentences.
struct Pass {
    features: Array2<f32>, // [B, F]
    convolved: ConvolutionCache,
    passed: Option<HighwayCache>,
    mask: Option<Array2<f32>>, // of dropout: [B, F]
    top: Array2<f32>,          // [B, F]
    logits: Array2<f32>,       // [B, 2]
}

/// Returns the vectors of the tokens of sentences, zero beyond their ends: `[B, T, D]`.
pub(super) fn vectors(embedding: &Embedding, sentences: &Sequences) -> Array3<f32> {
    let (batch, steps) = sentences.tokens().dim();
    let size = embedding.dim().1;
    let mut x = Array3::zeros((batch, steps, size));
    let all = x.as_slice_mut().expect("a fresh array is contiguous");
    for (row, x) in sentences.iter().zip(all.chunks_exact_mut((steps * size).max(1))) {
        for (&token, x) in row.iter().zip(x.chunks_exact_mut(size)) {
            x.copy_from_slice(embedding.vector(token));
        }
    }
    x
}

impl CnnJudge {
    /// Makes a network with random weights for a vocabulary and sentences of up to `steps` tokens.
    ///
    /// Initial distributions are those of the authors' code.
    pub fn new(shape: &CnnShape, vocabulary: usize, steps: usize, rng: &mut Rng) -> Self {
        let filters = shape.fitting_filters(steps);
        let small = Initializer::TruncatedNormal(0.1);
        let embedding = Embedding::new(vocabulary, shape.embedding, Initializer::Uniform(1.0), rng);
        let convolution = TextConvolution::new(&filters, shape.embedding, small, 0.1, rng);
        let features = convolution.features();
        let highway = shape.highway.then(|| Highway::new(features, 0.0, Initializer::Xavier, rng));
        let weight = small.sample((features, 2), features, 2, rng);
        let output = Linear::from_parts(weight, ndarray::arr1(&[0.1, 0.1]));
        let divergence = Divergence::LOGISTIC;
        Self { shape: shape.clone(), divergence, smoothing: 0.0, embedding, convolution, highway, output }
    }

    /// Returns the network as one that minimises a divergence.
    #[must_use]
    pub fn minimising(self, divergence: Divergence) -> Self {
        Self { divergence, ..self }
    }

    /// Returns the network as one whose real examples are real with `1 − share` only, while it learns.
    #[must_use]
    pub fn smoothing(self, share: f32) -> Self {
        Self { smoothing: share, ..self }
    }

    /// Returns the divergence that is minimised.
    pub fn divergence(&self) -> Divergence {
        self.divergence
    }

    /// Returns the vectors of the sentences, zero beyond their ends: `[B, T, D]`.
    fn embed(&self, sentences: &Sequences) -> Array3<f32> {
        vectors(&self.embedding, sentences)
    }

    /// Returns the judgements of features: `[N, F]` gives `[N]`.
    fn classify(&self, features: Array2<f32>) -> Vec<f32> {
        let features = match &self.highway {
            Some(highway) => highway.predict(features),
            None => features,
        };
        judgements(self.divergence, self.output.forward(features.view()).view())
    }

    /// Adds the gradient of the mean loss of `sentences`, of which `real: [B]` are real, and of the L2 penalty.
    pub fn gradient(
        &self,
        sentences: &Sequences,
        real: &[bool],
        rng: &mut Rng,
        gradient: &mut Self,
    ) -> JudgeStatistics {
        assert_eq!(sentences.len(), real.len(), "one label a sentence");
        let features = (sentences.len(), self.output.dim().0);
        let mask = dropout_mask(features, 1.0 - self.shape.dropout, rng);
        let mut pass = self.pass(self.embed(sentences), sentences.lengths(), Some(mask));
        let (d_logits, seen) = loss_gradient((self.divergence, self.smoothing), &mut pass.logits, real);
        let d_x = self.backward(&pass, &d_logits, gradient);
        self.add_penalty(gradient);
        for (row, tokens) in sentences.iter().enumerate() {
            let d_x = d_x.slice(s![row, ..tokens.len(), ..]);
            Embedding::backward(tokens, d_x, &mut gradient.embedding);
        }
        seen
    }

    /// Adds the gradient of the L2 penalty.
    fn add_penalty(&self, gradient: &mut Self) {
        for (mut d, theta) in gradient.output.tensors_mut().into_iter().zip(self.output.tensors()) {
            d.values.scaled_add(self.shape.l2, &theta.values);
        }
    }

    /// Judges sentences of vectors `x: [B, T, D]`, zero beyond their `lengths`; `mask: [B, F]` drops features.
    fn pass(&self, x: Array3<f32>, lengths: &[u32], mask: Option<Array2<f32>>) -> Pass {
        let (features, convolved) = self.convolution.forward(x, lengths);
        let (mut top, passed) = match &self.highway {
            Some(highway) => {
                let (top, cache) = highway.forward(features.clone());
                (top, Some(cache))
            }
            None => (features.clone(), None),
        };
        mask.iter().for_each(|mask| top *= mask);
        let logits = self.output.forward(top.view());
        Pass { features, convolved, passed, mask, top, logits }
    }

    /// Returns the gradient at the vectors of the sentences, `[B, T, D]`, from that at the logits, `d_logits: [B, 2]`; adds
    /// that at the layers behind them to `gradient`.
    fn backward(&self, pass: &Pass, d_logits: &Array2<f32>, gradient: &mut Self) -> Array3<f32> {
        self.output.backward_parameters(pass.top.view(), d_logits.view(), &mut gradient.output);
        let mut d_top = self.output.backward_input(d_logits.view());
        pass.mask.iter().for_each(|mask| d_top *= mask);
        let d_features = match (&self.highway, &pass.passed, &mut gradient.highway) {
            (Some(highway), Some(cache), Some(gradient)) => highway.backward(cache, d_top.view(), gradient),
            _ => d_top,
        };
        let Pass { convolved, features, .. } = pass;
        self.convolution.backward(convolved, features, d_features, &mut gradient.convolution)
    }

    /// Makes the table of the tokens' responses; `None` when it would be larger than half a gibibyte.
    pub fn table(&self) -> Option<TokenTable> {
        let values = self.embedding.dim().0 * self.convolution.responses();
        (values <= LARGEST_TABLE).then(|| self.convolution.table(self.embedding.weight()))
    }

    /// Returns the judgement of every sentence: `[N]`; with the `table` of its tokens' responses the same, several times
    /// faster when there are many.
    pub fn judgements(&self, sentences: &Sequences, table: Option<&TokenTable>) -> Vec<f32> {
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

/// A discriminator has no use for contexts: it tells real sentences from drawn ones.
impl<M: LanguageModel> SentenceScorer<M> for CnnJudge {
    fn score(&self, _contexts: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        self.judgements(sentences, None)
    }
}

impl_parameters!(CnnJudge { "embedding": embedding, "convolution": convolution, "highway": highway, "output": output });
