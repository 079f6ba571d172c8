//! A text as a unit vector: embedding, convolution, max over time, and the direction of the result.

use ndarray::{Array2, Array3, ArrayView2, Axis, Zip, s};

use crate::math::{axpy, dot};
use crate::nn::{ConvolutionCache, Embedding, Initializer, TextConvolution, dropout_mask, impl_parameters};
use crate::ranking::answers::AnswerConfig;
use crate::seed::Rng;

/// The encoder that questions and answers share.
#[derive(Clone, Debug, PartialEq)]
pub struct TextEncoder {
    embedding: Embedding,         // [V, E]
    convolution: TextConvolution, // to F features
    widest: usize,
    dropout: f32,
}

/// Forward pass of an encoder, for the backward pass.
#[derive(Debug)]
pub struct EncoderCache<'a> {
    texts: Vec<&'a [u32]>, // [N]
    convolution: ConvolutionCache,
    features: Array2<f32>,     // [N, F]
    mask: Option<Array2<f32>>, // [N, F]
    units: Array2<f32>,        // [N, F]
    norms: Vec<f32>,           // [N]
}

/// Below this a vector has no direction.
const SMALLEST: f32 = 1e-12;

impl TextEncoder {
    /// A fresh encoder over the vectors of `embedding`.
    pub fn new(config: &AnswerConfig, embedding: Embedding, rng: &mut Rng) -> Self {
        let (_, size) = embedding.dim();
        Self {
            embedding,
            convolution: TextConvolution::new(&config.filters, size, Initializer::Xavier, 0.0, rng),
            widest: config.filters.iter().map(|filters| filters.width).max().unwrap_or(1),
            dropout: config.dropout,
        }
    }

    /// Features of a text, F.
    pub fn features(&self) -> usize {
        self.convolution.features()
    }

    /// The directions of `texts`, `[N, F]`: rows of length 1, or 0 for a text without any feature.
    pub fn encode(&self, texts: &[&[u32]]) -> Array2<f32> {
        let (x, lengths) = self.embed(texts);
        let (mut features, _) = self.convolution.forward(x, &lengths);
        normalise(&mut features);
        features
    }

    /// The directions of `texts`, `[N, F]`, and the cache; `rng` draws which features are dropped.
    pub fn forward<'a>(&self, texts: Vec<&'a [u32]>, rng: &mut Rng) -> EncoderCache<'a> {
        let (x, lengths) = self.embed(&texts);
        let (features, convolution) = self.convolution.forward(x, &lengths);
        let mask = (self.dropout > 0.0).then(|| dropout_mask(features.raw_dim(), 1.0 - self.dropout, rng));
        let mut units = mask.as_ref().map_or_else(|| features.clone(), |mask| &features * mask);
        let norms = normalise(&mut units);
        EncoderCache { texts, convolution, features, mask, units, norms }
    }

    /// `d_units: [N, F]` at the directions; adds to `gradient`.
    pub fn backward(&self, cache: &EncoderCache<'_>, d_units: Array2<f32>, gradient: &mut Self) {
        // u = h / |h|: d_h = (d_u − ⟨d_u, u⟩ u) / |h|.
        let mut d_features = d_units;
        let rows = d_features.rows_mut().into_iter().zip(cache.units.rows()).zip(&cache.norms);
        for ((mut d, unit), &norm) in rows {
            let d = d.as_slice_mut().expect("rows are contiguous");
            if norm <= SMALLEST {
                d.fill(0.0);
                continue;
            }
            let unit = unit.to_slice().expect("rows are contiguous");
            axpy(-dot(d, unit), unit, d);
            d.iter_mut().for_each(|d| *d /= norm);
        }
        if let Some(mask) = &cache.mask {
            d_features *= mask;
        }
        let d_x = self.convolution.backward(
            &cache.convolution,
            &cache.features,
            d_features,
            &mut gradient.convolution,
        );
        for (text, d_x) in cache.texts.iter().zip(d_x.axis_iter(Axis(0))) {
            Embedding::backward(text, d_x.slice(s![..text.len(), ..]), &mut gradient.embedding);
        }
    }

    /// The vectors of `texts`, `[N, T, E]`, zero beyond each end, and their lengths.
    fn embed(&self, texts: &[&[u32]]) -> (Array3<f32>, Vec<u32>) {
        let (_, size) = self.embedding.dim();
        let steps = texts.iter().map(|text| text.len()).max().unwrap_or(0).max(self.widest);
        let mut x = Array3::zeros((texts.len(), steps, size));
        let all = x.as_slice_mut().expect("a fresh array is contiguous");
        for (text, x) in texts.iter().zip(all.chunks_exact_mut(steps * size)) {
            for (&token, x) in text.iter().zip(x.chunks_exact_mut(size)) {
                x.copy_from_slice(self.embedding.vector(token));
            }
        }
        (x, texts.iter().map(|text| text.len() as u32).collect())
    }
}

impl EncoderCache<'_> {
    /// The directions: `[N, F]`.
    pub fn units(&self) -> ArrayView2<'_, f32> {
        self.units.view()
    }
}

/// Divides every row by its length, and returns the lengths; a row of zeros stays.
fn normalise(rows: &mut Array2<f32>) -> Vec<f32> {
    let mut norms = Vec::with_capacity(rows.nrows());
    for mut row in rows.rows_mut() {
        let values = row.as_slice_mut().expect("rows are contiguous");
        let norm = dot(values, values).sqrt();
        if norm > SMALLEST {
            Zip::from(&mut row).for_each(|value| *value /= norm);
        }
        norms.push(norm);
    }
    norms
}

impl_parameters!(TextEncoder { "embedding": embedding, "convolution": convolution });
