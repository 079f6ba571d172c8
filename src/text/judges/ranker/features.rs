//! Features of sentences by SeqGAN's convolutions, without its classifier: embedding → convolutions → max over time → highway →
//! dropout.

use ndarray::{Array2, s};

use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::nn::{
    ConvolutionCache, Embedding, Highway, HighwayCache, Initializer, Precision, TextConvolution,
    dropout_mask, impl_parameters,
};
use crate::seed::Rng;
use crate::text::judges::cnn::{CHUNK, vectors};
use crate::text::judges::{CnnShape, PreparedLayers};

/// Network from a sentence to a vector of F features.
#[derive(Clone, Debug, PartialEq)]
pub struct SentenceFeatures {
    dropout: f32,
    precision: Precision, // in which it learns
    embedding: Embedding,
    convolution: TextConvolution,
    highway: Option<Highway>,
}

impl_parameters!(SentenceFeatures { "embedding": embedding, "convolution": convolution, "highway": highway });

/// Forward pass of a batch of sentences.
pub(super) struct FeaturePass {
    convolved: (Array2<f32>, ConvolutionCache), // [B, F]
    passed: Option<HighwayCache>,
    mask: Array2<f32>, // of dropout: [B, F]
    /// Features: `[B, F]`.
    pub features: Array2<f32>,
}

impl SentenceFeatures {
    /// Makes a network with random weights, distributed as those of [`CnnJudge`](crate::text::judges::CnnJudge), for a vocabulary
    /// and sentences of up to `steps` tokens.
    pub fn new(shape: &CnnShape, vocabulary: usize, steps: usize, rng: &mut Rng) -> Self {
        let embedding = Embedding::new(vocabulary, shape.embedding, Initializer::Uniform(1.0), rng);
        let small = Initializer::TruncatedNormal(0.1);
        let convolution =
            TextConvolution::new(&shape.fitting_filters(steps), shape.embedding, small, 0.1, rng);
        let width = convolution.features();
        let highway = shape.highway.then(|| Highway::new(width, 0.0, Initializer::Xavier, rng));
        Self { dropout: shape.dropout, precision: Precision::F32, embedding, convolution, highway }
    }

    /// Returns the network as one that learns by products in a precision, which the processor must have.
    #[must_use]
    pub fn learning_in(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// Computes the features of a batch, of which `rng` drops a share.
    pub(super) fn forward(&self, sentences: &Sequences, rng: &mut Rng) -> FeaturePass {
        let x = vectors(&self.embedding, sentences);
        let convolved = self.convolution.forward_in(self.precision, x, sentences.lengths());
        let (mut features, passed) = match &self.highway {
            Some(highway) => {
                let (features, cache) = highway.forward_in(self.precision, convolved.0.clone());
                (features, Some(cache))
            }
            None => (convolved.0.clone(), None),
        };
        let mask = dropout_mask(features.raw_dim(), 1.0 - self.dropout, rng);
        features *= &mask;
        FeaturePass { convolved, passed, mask, features }
    }

    /// Adds to `gradient` what follows from that at the features of a pass over `sentences`, `d_features: [B, F]`.
    pub(super) fn backward(
        &self,
        sentences: &Sequences,
        pass: &FeaturePass,
        mut d_features: Array2<f32>,
        gradient: &mut Self,
    ) {
        d_features *= &pass.mask;
        let d_features = match (&self.highway, &pass.passed, &mut gradient.highway) {
            (Some(highway), Some(cache), Some(gradient)) => {
                highway.backward(cache, d_features.view(), gradient)
            }
            _ => d_features,
        };
        let (convolved, cache) = &pass.convolved;
        let d_x = self.convolution.backward(cache, convolved, d_features, &mut gradient.convolution);
        for (row, tokens) in sentences.iter().enumerate() {
            let d_x = d_x.slice(s![row, ..tokens.len(), ..]);
            Embedding::backward(tokens, d_x, &mut gradient.embedding);
        }
    }

    /// Prepares the layers to see many sentences in a precision.
    pub(super) fn prepare(&self, precision: Precision) -> PreparedLayers {
        PreparedLayers::new(&self.embedding, &self.convolution, self.highway.as_ref(), precision)
    }

    /// Returns the features of many sentences without dropout, by layers that are `prepared`: `[N, F]`.
    pub(super) fn features(&self, sentences: &Sequences, prepared: &PreparedLayers) -> Array2<f32> {
        let (count, width) = (sentences.len(), self.convolution.features());
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let rows: Vec<usize> = (part * CHUNK..count.min((part + 1) * CHUNK)).collect();
            let part = sentences.select(&rows);
            let maxima = prepared.maxima(&self.convolution, &part).unwrap_or_else(|| {
                self.convolution.forward(vectors(&self.embedding, &part), part.lengths()).0
            });
            match &self.highway {
                Some(highway) => prepared.pass_highway(highway, maxima),
                None => maxima,
            }
        });
        let mut all = Array2::zeros((count, width));
        for (part, features) in parts.into_iter().enumerate() {
            all.slice_mut(s![part * CHUNK..part * CHUNK + features.nrows(), ..]).assign(&features);
        }
        all
    }
}
