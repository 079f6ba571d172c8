//! Encoders: from the vectors of a source's tokens to what attention looks at and where the decoder starts.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};

use super::shape::{EncoderDecoderShape, EncoderKind, HALVINGS};
use super::sources::Reading;
use crate::nn::{Directions, DirectionsCache, Initializer, State, impl_parameters};
use crate::seed::Rng;

/// Recurrent layers of an encoder, from the tokens up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Encoder {
    layers: Vec<Directions>,
}

/// Encoded sources.
pub(super) struct Encoded {
    /// Vectors of all sources that attention looks at, one below the other: `[M, H]`.
    pub values: Array2<f32>,
    /// Rows of every source in the vectors.
    pub ranges: Vec<Range<usize>>,
    /// State after every source.
    pub last: State,
    caches: Vec<DirectionsCache>,
    /// Steps of every sequence of every layer.
    lengths: Vec<Vec<usize>>,
}

impl Encoder {
    pub fn new(shape: &EncoderDecoderShape, initializer: Initializer, rng: &mut Rng) -> Self {
        let inputs = match shape.encoder {
            EncoderKind::Flat => vec![shape.embedding],
            EncoderKind::Pyramid => {
                let mut inputs = vec![shape.embedding];
                inputs.resize(1 + HALVINGS, 2 * shape.hidden);
                inputs
            }
            EncoderKind::Hierarchical => vec![shape.embedding, shape.hidden],
        };
        let layer = |inputs| {
            Directions::new(shape.cell, (inputs, shape.hidden), shape.bidirectional, initializer, rng)
        };
        Self { layers: inputs.into_iter().map(layer).collect() }
    }

    /// Encodes sources with the tokens' vectors `x: [N, E]`.
    pub fn forward(&self, kind: EncoderKind, x: ArrayView2<'_, f32>, reading: &Reading) -> Encoded {
        let mut lengths = vec![reading.lengths.clone()];
        let (cache, mut values, mut last) = self.layers[0].forward(x, &reading.lengths);
        let mut caches = vec![cache];
        for layer in &self.layers[1..] {
            let below = lengths.last().expect("the lowest layer is there");
            let (x, here) = match kind {
                EncoderKind::Hierarchical => (last.hidden, reading.turns.clone()),
                EncoderKind::Flat | EncoderKind::Pyramid => paired(&values, below),
            };
            let cache;
            (cache, values, last) = layer.forward(x.view(), &here);
            caches.push(cache);
            lengths.push(here);
        }
        let mut end = 0;
        let range = |&length: &usize| {
            end += length;
            end - length..end
        };
        let ranges = lengths.last().expect("the lowest layer is there").iter().map(range).collect();
        Encoded { values, ranges, last, caches, lengths }
    }

    /// Computes the gradient at the tokens' vectors, `[N, E]`, from that at the vectors `[M, H]` and at the last states, and
    /// adds to `gradient`.
    pub fn backward(
        &self,
        kind: EncoderKind,
        encoded: &Encoded,
        d_values: ArrayView2<'_, f32>,
        d_last: &State,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let mut d_x = Array2::zeros((0, 0));
        for level in (0..self.layers.len()).rev() {
            let (layer, cache) = (&self.layers[level], &encoded.caches[level]);
            let gradient = &mut gradient.layers[level];
            d_x = match kind {
                _ if level + 1 == self.layers.len() => {
                    layer.backward(cache, Some(d_values), Some(d_last), gradient)
                }
                EncoderKind::Hierarchical => {
                    // A turn is known above by the output of its last state alone.
                    let memory = if d_last.memory.ncols() > 0 { d_x.ncols() } else { 0 };
                    let d_last = State { memory: Array2::zeros((d_x.nrows(), memory)), hidden: d_x };
                    layer.backward(cache, None, Some(&d_last), gradient)
                }
                EncoderKind::Flat | EncoderKind::Pyramid => {
                    let d_outputs = unpaired(&d_x, &encoded.lengths[level]);
                    layer.backward(cache, Some(d_outputs.view()), None, gradient)
                }
            };
        }
        d_x
    }
}

/// Joins every two steps of sequences of `lengths`, `[N, H]` → `[about N / 2, 2 H]`; an odd last step is joined with zeros.
fn paired(outputs: &Array2<f32>, lengths: &[usize]) -> (Array2<f32>, Vec<usize>) {
    let halved: Vec<usize> = lengths.iter().map(|length| length.div_ceil(2)).collect();
    let wide = outputs.ncols();
    let mut pairs = Array2::zeros((halved.iter().sum(), 2 * wide));
    for_pairs(lengths, |row, pair, side| {
        pairs.slice_mut(s![pair, side * wide..(side + 1) * wide]).assign(&outputs.row(row));
    });
    (pairs, halved)
}

/// Divides the gradient at joined steps, `[about N / 2, 2 H]`, into that at the steps: `[N, H]`.
fn unpaired(d_pairs: &Array2<f32>, lengths: &[usize]) -> Array2<f32> {
    let wide = d_pairs.ncols() / 2;
    let mut d_outputs = Array2::zeros((lengths.iter().sum(), wide));
    for_pairs(lengths, |row, pair, side| {
        d_outputs.row_mut(row).assign(&d_pairs.slice(s![pair, side * wide..(side + 1) * wide]));
    });
    d_outputs
}

/// Calls `each` with (row of a step, row of its pair, side in the pair) for every step of sequences of `lengths`.
fn for_pairs(lengths: &[usize], mut each: impl FnMut(usize, usize, usize)) {
    let (mut row, mut pair) = (0, 0);
    for &length in lengths {
        for step in 0..length {
            each(row + step, pair + step / 2, step % 2);
        }
        row += length;
        pair += length.div_ceil(2);
    }
}

impl_parameters!(Encoder { "layers": layers });
