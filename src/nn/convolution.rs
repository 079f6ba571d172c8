//! Convolutions of several widths over the positions of a text, each followed by the maximum over time and a rectifier
//! (Kim, 2014): `y_f = relu(max_p ⟨w_f, x_{p..p+k}⟩ + b_f)`.
//!
//! Only whole windows within the sentence count, so that padding has no effect; a sentence shorter than a filter has one
//! window, with zeros beyond its end. Each filter takes one window, so that the backward pass is sparse.

use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, Axis, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Initializer, Parameters, Precision, Tensor, TensorMut};
use crate::math::gemm::{self, Bfloat16Matrix, mixed};
use crate::math::{axpy, parallel::ordered_map, simd};
use crate::seed::Rng;

/// Number of sentences whose windows are laid out at a time.
const SENTENCES: usize = 32;
/// Number of sentences to whose vectors a filter's weight is added together.
const TOGETHER: usize = 8;

/// Width and number of the filters of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filters {
    /// Number of positions of a window, k.
    pub width: usize,
    /// Number of filters.
    pub count: usize,
}

/// Layer of convolutions of several widths over `x: [B, T, D]` with the maximum over time: `y: [B, F]`.
#[derive(Clone, Debug, PartialEq)]
pub struct TextConvolution {
    filters: Vec<Filters>,
    weights: Vec<Array2<f32>>, // one a width: [count, k · D]
    bias: Array1<f32>,         // [F]
}

/// Cache of a forward pass for the backward pass of a [`TextConvolution`].
#[derive(Debug)]
pub struct ConvolutionCache {
    x: Array3<f32>,       // [B, T, D], zero beyond each sentence's end
    lengths: Vec<u32>,    // [B]
    winners: Array2<u16>, // the position of each filter's maximum: [B, F]
}

impl TextConvolution {
    /// Makes a layer of `filters` over vectors of `size` values, D; every bias starts at `bias`.
    pub fn new(filters: &[Filters], size: usize, initializer: Initializer, bias: f32, rng: &mut Rng) -> Self {
        let weight =
            |f: &Filters| initializer.sample((f.count, f.width * size), f.width * size, f.count, rng);
        let total: usize = filters.iter().map(|f| f.count).sum();
        Self {
            filters: filters.to_vec(),
            weights: filters.iter().map(weight).collect(),
            bias: Array1::from_elem(total, bias),
        }
    }

    /// Returns the number of features, F.
    pub fn features(&self) -> usize {
        self.bias.len()
    }

    /// Returns the number of products of one token with all places of all filters, `Σ k · count`.
    pub fn responses(&self) -> usize {
        self.filters.iter().map(|f| f.width * f.count).sum()
    }

    /// Iterates over (filters, weight, number of the first feature) of each width.
    pub(super) fn groups(&self) -> impl Iterator<Item = (Filters, &Array2<f32>, usize)> {
        let firsts = self.filters.iter().scan(0, |next, f| {
            *next += f.count;
            Some(*next - f.count)
        });
        self.filters.iter().zip(&self.weights).zip(firsts).map(|((f, w), first)| (*f, w, first))
    }

    /// Computes features `[B, F]` and the cache from `x: [B, T, D]`, which is zero beyond `lengths: [B]`.
    ///
    /// # Panics
    /// When there is not one length for each sentence, or a filter is wider than T.
    pub fn forward(&self, x: Array3<f32>, lengths: &[u32]) -> (Array2<f32>, ConvolutionCache) {
        self.forward_in(Precision::F32, x, lengths)
    }

    /// Computes [`TextConvolution::forward`] by products in a precision. The backward pass multiplies no matrices: its numbers are
    /// of 32 bits.
    ///
    /// # Panics
    /// As [`TextConvolution::forward`], and on a processor without such products ([`Precision::is_available`]).
    pub fn forward_in(
        &self,
        precision: Precision,
        x: Array3<f32>,
        lengths: &[u32],
    ) -> (Array2<f32>, ConvolutionCache) {
        let rounded: Option<Vec<Bfloat16Matrix>> = (precision == Precision::Bf16)
            .then(|| self.weights.par_iter().map(|weight| mixed::rounded(weight.t())).collect());
        let (batch, steps, _) = x.dim();
        assert_eq!(batch, lengths.len(), "one length a sentence");
        assert!(self.filters.iter().all(|f| f.width <= steps), "filters fit into the sentences");
        let parts = ordered_map(batch.div_ceil(SENTENCES), |part| {
            let here = part * SENTENCES..batch.min((part + 1) * SENTENCES);
            self.maxima(x.slice(s![here.clone(), .., ..]), &lengths[here], rounded.as_deref())
        });
        let mut features = Array2::zeros((batch, self.features()));
        let mut winners = Array2::zeros((batch, self.features()));
        for (part, (f, w)) in parts.into_iter().enumerate() {
            let here = s![part * SENTENCES..part * SENTENCES + f.nrows(), ..];
            features.slice_mut(here).assign(&f);
            winners.slice_mut(here).assign(&w);
        }
        (features, ConvolutionCache { x, lengths: lengths.to_vec(), winners })
    }

    /// Computes features and winning positions of N sentences, `[N, F]` each, by weights that are `rounded`, one a width, if any are.
    fn maxima(
        &self,
        x: ArrayView3<'_, f32>,
        lengths: &[u32],
        rounded: Option<&[Bfloat16Matrix]>,
    ) -> (Array2<f32>, Array2<u16>) {
        let (batch, steps, size) = x.dim();
        let x = x.as_standard_layout();
        let x = x.as_slice().expect("standard layout is contiguous");
        let mut features = Array2::zeros((batch, self.features()));
        let mut winners = Array2::zeros((batch, self.features()));
        let mut windows: Vec<f32> = vec![];
        for (group, (Filters { width, count }, weight, first)) in self.groups().enumerate() {
            windows.clear();
            for (sentence, &length) in x.chunks_exact(steps * size).zip(lengths) {
                for position in 0..positions(length, width) {
                    windows.extend_from_slice(&sentence[position * size..][..width * size]);
                }
            }
            let rows = windows.len() / (width * size);
            let laid = ArrayView2::from_shape((rows, width * size), &windows).expect("whole windows");
            let z = match rounded {
                Some(rounded) => {
                    let mut z = Array2::zeros((rows, count));
                    rounded[group].add_product(laid, z.view_mut());
                    z
                }
                None => gemm::matmul(laid, weight.t()),
            };
            let mut next = 0;
            for (row, &length) in lengths.iter().enumerate() {
                let span = positions(length, width);
                let mut best = features.slice_mut(s![row, first..first + count]);
                let best = best.as_slice_mut().expect("rows are contiguous");
                let mut winner = winners.slice_mut(s![row, first..first + count]);
                let winner = winner.as_slice_mut().expect("rows are contiguous");
                best.fill(f32::NEG_INFINITY);
                for position in 0..span {
                    let z = z.row(next + position);
                    simd::keep_maxima(
                        z.to_slice().expect("rows are contiguous"),
                        position as u16,
                        best,
                        winner,
                    );
                }
                next += span;
            }
        }
        self.finish(&mut features);
        (features, winners)
    }

    /// Adds the bias and applies the rectifier.
    pub(super) fn finish(&self, features: &mut Array2<f32>) {
        for mut row in features.rows_mut() {
            row += &self.bias;
            simd::relu(row.as_slice_mut().expect("rows are contiguous"));
        }
    }

    /// Computes `d_x: [B, T, D]` from `d_features: [B, F]` and adds to `gradient`.
    ///
    /// `features: [B, F]` are those that the forward pass returned.
    pub fn backward(
        &self,
        cache: &ConvolutionCache,
        features: &Array2<f32>,
        mut d_features: Array2<f32>,
        gradient: &mut Self,
    ) -> Array3<f32> {
        let slice = "a fresh array is contiguous";
        simd::relu_backward(features.as_slice().expect(slice), d_features.as_slice_mut().expect(slice));
        gradient.bias += &d_features.sum_axis(Axis(0));
        let (_, steps, size) = cache.x.dim();
        let x = cache.x.as_slice().expect("the embedded text is contiguous");
        // One task for each filter, then one for some sentences, so that no two tasks write to the same values.
        let by_filter = d_features.t().as_standard_layout().into_owned();
        let winners = cache.winners.t().as_standard_layout().into_owned();
        let (mut tasks, mut next) = (vec![], 0);
        for (filters, d_weight) in self.filters.iter().zip(&mut gradient.weights) {
            let span = filters.width * size;
            let d_weight = d_weight.as_slice_mut().expect("filters are contiguous");
            for (f, d_weight) in d_weight.chunks_mut(span).enumerate() {
                tasks.push((next + f, d_weight));
            }
            next += filters.count;
        }
        tasks.into_par_iter().with_min_len(16).for_each_init(Vec::new, |parts, (f, d_weight)| {
            let of_sentences = by_filter.row(f).into_iter().zip(winners.row(f)).enumerate();
            let parted = of_sentences.map(|(b, (&d, &winner))| (d, (b * steps + winner as usize) * size));
            parts.clear();
            parts.extend(parted.filter(|(d, _)| *d != 0.0));
            gemm::add_scaled_parts(parts, x, d_weight);
        });
        let mut d_x = Array3::zeros(cache.x.raw_dim());
        let all = d_x.as_slice_mut().expect(slice);
        // A filter's weight stays in the first cache while it is added for every sentence of a task.
        all.par_chunks_mut(TOGETHER * steps * size).enumerate().for_each(|(part, d_x)| {
            let first_row = part * TOGETHER;
            for (Filters { width, .. }, weight, first) in self.groups() {
                for (f, weight) in weight.rows().into_iter().enumerate() {
                    let weight = weight.to_slice().expect("rows are contiguous");
                    let d = by_filter.row(first + f);
                    let winners = winners.row(first + f);
                    for (row, d_x) in d_x.chunks_exact_mut(steps * size).enumerate() {
                        let d = d[first_row + row];
                        if d != 0.0 {
                            let start = winners[first_row + row] as usize * size;
                            axpy(d, weight, &mut d_x[start..][..width * size]);
                        }
                    }
                }
            }
            for (d_x, &length) in d_x.chunks_exact_mut(steps * size).zip(&cache.lengths[first_row..]) {
                d_x[length as usize * size..].fill(0.0); // padding has no gradient
            }
        });
        d_x
    }
}

/// Returns the number of windows of a filter of `width` in a sentence of `length` tokens.
pub(super) fn positions(length: u32, width: usize) -> usize {
    (length as usize + 1).saturating_sub(width).max(1)
}

impl TextConvolution {
    /// Returns the response of filter `f`, numbered over all widths, to the window of `x: [T, D]` at `position`, without bias.
    #[cfg(test)]
    fn response(&self, x: ArrayView2<'_, f32>, f: usize, position: usize) -> f32 {
        let (filters, weight, first) = self
            .groups()
            .find(|(filters, _, first)| (*first..first + filters.count).contains(&f))
            .expect("a filter");
        let window = x.slice(s![position..position + filters.width, ..]);
        let window: Vec<f32> = window.iter().copied().collect();
        crate::math::dot(&window, weight.row(f - first).to_slice().expect("rows are contiguous"))
    }
}

impl Parameters for TextConvolution {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let weights = self.weights.iter().zip(&self.filters);
        weights
            .map(|(w, f)| Tensor { name: format!("width-{}", f.width).into(), values: w.view().into_dyn() })
            .chain([Tensor { name: "bias".into(), values: self.bias.view().into_dyn() }])
            .collect()
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        let weights = self.weights.iter_mut().zip(&self.filters);
        weights
            .map(|(w, f)| TensorMut {
                name: format!("width-{}", f.width).into(),
                values: w.view_mut().into_dyn(),
            })
            .chain([TensorMut { name: "bias".into(), values: self.bias.view_mut().into_dyn() }])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;
    use rand::Rng as _;

    fn layer() -> TextConvolution {
        let filters =
            [Filters { width: 1, count: 3 }, Filters { width: 3, count: 5 }, Filters { width: 4, count: 2 }];
        TextConvolution::new(&filters, 4, Initializer::Normal(0.5), 0.1, &mut Stream::new(1).rng())
    }

    #[test]
    fn features_are_the_largest_responses() {
        let mut rng = Stream::new(2).rng();
        let lengths: Vec<u32> = (0..35).map(|_| rng.random_range(1..=6)).collect();
        let mut x = Array3::from_shape_simple_fn((35, 6, 4), || rng.random_range(-1.0..1.0));
        for (mut x, &length) in x.outer_iter_mut().zip(&lengths) {
            x.slice_mut(s![length as usize.., ..]).fill(0.0);
        }
        let layer = layer();
        let (features, _) = layer.forward(x.clone(), &lengths);
        for b in 0..35 {
            for f in 0..10 {
                let width = [1, 1, 1, 3, 3, 3, 3, 3, 4, 4][f];
                let span = 0..(lengths[b] as usize + 1).saturating_sub(width).max(1);
                let best =
                    span.map(|p| layer.response(x.slice(s![b, .., ..]), f, p)).fold(f32::MIN, f32::max);
                let expected = (best + 0.1).max(0.0);
                assert!((features[[b, f]] - expected).abs() < 1e-5, "sentence {b}, filter {f}");
            }
        }
    }

    #[test]
    fn padding_has_no_effect() {
        let layer = layer();
        let mut rng = Stream::new(3).rng();
        let mut x = Array3::from_shape_simple_fn((2, 6, 4), || rng.random_range(-1.0..1.0f32));
        x.slice_mut(s![.., 4.., ..]).fill(0.0);
        let (long, _) = layer.forward(x.clone(), &[4, 4]);
        let (short, _) = layer.forward(x.slice(s![.., ..4, ..]).to_owned(), &[4, 4]);
        assert_eq!(long, short);
    }
}
