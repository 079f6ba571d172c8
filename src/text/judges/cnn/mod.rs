//! SeqGAN's discriminator: embedding → convolutions → max over time → highway → dropout → two classes
//! (section 3.5 of the paper). On request the maxima are normalised over a batch, and features that compare the sentences of a
//! batch stand beside those that dropout leaves.

mod reference;
mod relaxed;
mod shape;
mod training;

use ndarray::{Array2, Array3, ArrayView2, Axis, concatenate, s};

pub(super) use relaxed::{SoftShown, soft_accuracy, train_soft_epoch};
pub use shape::CnnShape;
pub(in crate::text) use training::random_prefixes;
pub(super) use training::{held_out_accuracy, train_epoch};

use super::two_classes::{judgements, loss_gradient};
use super::{PreparedLayers, SentenceScorer};
use crate::data::sentences::Sequences;
use crate::game::{Divergence, JudgeStatistics};
use crate::math::parallel::ordered_map;
use crate::nn::{
    BatchNorm, ConvolutionCache, Embedding, Highway, HighwayCache, Initializer, Linear, MinibatchCache,
    MinibatchDiscrimination, NormalizationCache, Parameters as _, Precision, TextConvolution, dropout_mask,
    impl_parameters,
};
use crate::seed::Rng;
use crate::text::models::LanguageModel;

/// Sentences judged by one task; larger ones would multiply no faster.
pub(super) const CHUNK: usize = 1024;
/// Sentences of one kind that are compared with each other.
const COMPARED: usize = 256;
/// Sentences beside which others are judged, where minibatch features compare.
const REFERENCE: usize = 32;
/// Most sentences of an epoch by which the moments of a normalisation are set.
const SETTLED: usize = 1024;

/// A convolutional classifier of sentences; its judgement is P(real), unless it minimises another divergence.
///
/// ```
/// use irgan::data::sentences::Sequences;
/// use irgan::nn::{Filters, Learner, OptimizerConfig, Parameters as _};
/// use irgan::seed::Stream;
/// use irgan::text::judges::{CnnJudge, CnnShape};
///
/// let filters = vec![Filters { width: 1, count: 8 }, Filters { width: 2, count: 8 }];
/// let shape = CnnShape { embedding: 4, filters, highway: true, dropout: 0.0, l2: 0.0, batch_norm: false, minibatch: None };
/// let judge = CnnJudge::new(&shape, 10, 2, &mut Stream::new(1).rng()); // 10 tokens, sentences of 2
/// let sentences = Sequences::fixed(ndarray::array![[5, 6], [6, 5]]); // the first is real
/// let mut judge = Learner::new(judge, OptimizerConfig { learning_rate: 0.01, ..Default::default() });
/// let mut gradient = judge.model().zeros_like();
/// for step in 0..100 {
///     judge.gradient(&sentences, &[true, false], &mut Stream::new(2).at(step).rng(), &mut gradient);
///     judge.update(&mut gradient); // leaves it empty
/// }
/// let real = judge.judgements(&sentences, None);
/// assert!(real[0] > 0.9 && real[1] < 0.1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CnnJudge {
    shape: CnnShape,
    divergence: Divergence,
    smoothing: f32,
    precision: Precision, // in which it learns
    embedding: Embedding,
    convolution: TextConvolution,
    normalization: Option<BatchNorm>,
    highway: Option<Highway>,
    minibatch: Option<MinibatchDiscrimination>,
    reference: Option<Array2<f32>>, // tokens and length of sentences beside which others are judged: [R, T + 1]
    output: Linear,                 // class 0 generated, class 1 real
}

/// Forward pass of a batch of sentences.
struct Pass {
    features: Array2<f32>, // [B, F]
    convolved: ConvolutionCache,
    normalized: Option<NormalizationCache>, // of a batch that is learnt from
    passed: Option<HighwayCache>,
    compared: Option<(Array2<f32>, MinibatchCache)>, // [B, F] before dropout
    mask: Option<Array2<f32>>,                       // of dropout: [B, F]
    top: Array2<f32>,                                // [B, F], with minibatch features [B, F + K]
    logits: Array2<f32>,                             // [B, 2]
}

/// Parts of a pass that only a batch has which is learnt from.
struct Learning<'a> {
    mask: Array2<f32>, // of dropout: [B, F]
    real: &'a [bool],  // [B]; sentences are compared with those of their kind
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
        let inputs = features + shape.minibatch.map_or(0, |size| size.features);
        let weight = small.sample((inputs, 2), inputs, 2, rng);
        Self {
            shape: shape.clone(),
            divergence: Divergence::LOGISTIC,
            smoothing: 0.0,
            precision: Precision::F32,
            embedding,
            convolution,
            normalization: shape.batch_norm.then(|| BatchNorm::new(features)),
            highway,
            minibatch: shape.minibatch.map(|size| MinibatchDiscrimination::new(size, features, rng)),
            reference: shape.minibatch.map(|_| Array2::zeros((REFERENCE, steps + 1))),
            output: Linear::from_parts(weight, ndarray::arr1(&[0.1, 0.1])),
        }
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

    /// Returns the network as one that learns by products in a precision, which the processor must have.
    #[must_use]
    pub fn learning_in(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// Returns the divergence that is minimised.
    pub fn divergence(&self) -> Divergence {
        self.divergence
    }

    /// Returns the vectors of the sentences, zero beyond their ends: `[B, T, D]`.
    fn embed(&self, sentences: &Sequences) -> Array3<f32> {
        vectors(&self.embedding, sentences)
    }

    /// Returns the features before dropout of the maxima over time, outside training: `[N, F]` gives `[N, F]`.
    fn top(&self, features: Array2<f32>, prepared: Option<&PreparedLayers>) -> Array2<f32> {
        let features = match &self.normalization {
            Some(layer) => layer.predict(features.view()),
            None => features,
        };
        match (&self.highway, prepared) {
            (Some(highway), Some(prepared)) => prepared.pass_highway(highway, features),
            (Some(highway), None) => highway.predict(features),
            (None, _) => features,
        }
    }

    /// Returns the judgements of sentences with these features before dropout, `top: [N, F]`, beside those of a
    /// `reference: [R, F]`: `[N]`.
    fn classify(&self, mut top: Array2<f32>, reference: Option<ArrayView2<'_, f32>>) -> Vec<f32> {
        if let Some(layer) = &self.minibatch {
            let near = match reference {
                Some(reference) => layer.beside(top.view(), reference),
                None => Array2::zeros((top.nrows(), layer.features())),
            };
            top = beside(&top, &near);
        }
        judgements(self.divergence, self.output.forward(top.view()).view())
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
        let features = (sentences.len(), self.convolution.features());
        let mask = dropout_mask(features, 1.0 - self.shape.dropout, rng);
        let learning = Learning { mask, real };
        let mut pass = self.pass(self.embed(sentences), sentences.lengths(), Some(learning));
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

    /// Judges sentences of vectors `x: [B, T, D]`, zero beyond their `lengths`, that are learnt from, or all drawn.
    fn pass(&self, x: Array3<f32>, lengths: &[u32], learning: Option<Learning<'_>>) -> Pass {
        let precision = if learning.is_some() { self.precision } else { Precision::F32 };
        let (features, convolved) = self.convolution.forward_in(precision, x, lengths);
        let (normal, normalized) = match (&self.normalization, &learning) {
            (Some(layer), Some(_)) => {
                let (normal, cache) = layer.forward(features.view());
                (normal, Some(cache))
            }
            (Some(layer), None) => (layer.predict(features.view()), None),
            (None, _) => (features.clone(), None),
        };
        let (mut top, passed) = match &self.highway {
            Some(highway) => {
                let (top, cache) = highway.forward_in(precision, normal);
                (top, Some(cache))
            }
            None => (normal, None),
        };
        let all_drawn = vec![false; lengths.len()];
        let kinds = learning.as_ref().map_or(&all_drawn[..], |learning| learning.real);
        let compared = self.minibatch.as_ref().map(|layer| (top.clone(), layer.forward(top.view(), kinds)));
        let mask = learning.map(|learning| learning.mask);
        mask.iter().for_each(|mask| top *= mask);
        let compared = compared.map(|(before, (near, cache))| {
            top = beside(&top, &near);
            (before, cache)
        });
        let logits = self.output.forward(top.view());
        Pass { features, convolved, normalized, passed, compared, mask, top, logits }
    }

    /// Returns the gradient at the vectors of the sentences, `[B, T, D]`, from that at the logits, `d_logits: [B, 2]`; adds
    /// that at the layers behind them to `gradient`.
    fn backward(&self, pass: &Pass, d_logits: &Array2<f32>, gradient: &mut Self) -> Array3<f32> {
        self.output.backward_parameters(pass.top.view(), d_logits.view(), &mut gradient.output);
        let d_all = self.output.backward_input(d_logits.view());
        let (d_kept, d_near) = d_all.view().split_at(Axis(1), self.convolution.features());
        let mut d_top = d_kept.to_owned();
        pass.mask.iter().for_each(|mask| d_top *= mask);
        if let (Some(layer), Some((before, cache)), Some(gradient)) =
            (&self.minibatch, &pass.compared, &mut gradient.minibatch)
        {
            d_top += &layer.backward(before.view(), cache, d_near, gradient);
        }
        let d_normal = match (&self.highway, &pass.passed, &mut gradient.highway) {
            (Some(highway), Some(cache), Some(gradient)) => highway.backward(cache, d_top.view(), gradient),
            _ => d_top,
        };
        let d_features = match (&self.normalization, &pass.normalized, &mut gradient.normalization) {
            (Some(layer), Some(cache), Some(gradient)) => layer.backward(cache, d_normal.view(), gradient),
            (Some(layer), ..) => layer.backward_predicted(d_normal.view()),
            (None, ..) => d_normal,
        };
        let Pass { convolved, features, .. } = pass;
        self.convolution.backward(convolved, features, d_features, &mut gradient.convolution)
    }

    /// Prepares the layers to judge many sentences in a precision.
    pub fn prepare(&self, precision: Precision) -> PreparedLayers {
        PreparedLayers::new(&self.embedding, &self.convolution, self.highway.as_ref(), precision)
    }

    /// Returns the judgement of every sentence: `[N]`; with layers that are `prepared` the same, or that of their precision,
    /// several times faster when there are many.
    pub fn judgements(&self, sentences: &Sequences, prepared: Option<&PreparedLayers>) -> Vec<f32> {
        let count = sentences.len();
        let reference = self.reference_features();
        let reference = reference.as_ref().map(|features| features.view());
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let rows: Vec<usize> = (part * CHUNK..count.min((part + 1) * CHUNK)).collect();
            let part = sentences.select(&rows);
            let maxima = prepared.and_then(|layers| layers.maxima(&self.convolution, &part));
            let maxima =
                maxima.unwrap_or_else(|| self.convolution.forward(self.embed(&part), part.lengths()).0);
            self.classify(self.top(maxima, prepared), reference)
        });
        parts.concat()
    }

    /// Returns the judgement of every sentence of a kind, real or drawn, as in training: beside the others, [`COMPARED`] at a time.
    /// Where nothing is compared it is [`CnnJudge::judgements`].
    fn judgements_of_kind(&self, sentences: &Sequences) -> Vec<f32> {
        if self.minibatch.is_none() {
            return self.judgements(sentences, None);
        }
        let rows: Vec<usize> = (0..sentences.len()).collect();
        let of_chunk = |rows: &[usize]| {
            let part = sentences.select(rows);
            let pass = self.pass(self.embed(&part), part.lengths(), None);
            judgements(self.divergence, pass.logits.view())
        };
        rows.chunks(COMPARED).flat_map(of_chunk).collect()
    }
}

/// Returns features with others at their side: `[N, F]` and `[N, K]` give `[N, F + K]`.
fn beside(features: &Array2<f32>, others: &Array2<f32>) -> Array2<f32> {
    concatenate(Axis(1), &[features.view(), others.view()]).expect("as many rows")
}

/// A discriminator has no use for contexts: it tells real sentences from drawn ones.
impl<M: LanguageModel> SentenceScorer<M> for CnnJudge {
    fn score(&self, _contexts: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        self.judgements(sentences, None)
    }
}

impl_parameters!(CnnJudge {
    "embedding": embedding,
    "convolution": convolution,
    "normalization": normalization,
    "highway": highway,
    "minibatch": minibatch,
    "reference": reference,
    "output": output,
});
