//! Normalisations: of the channels of each position (Ba et al., 2016), or of each channel over a batch (Ioffe and Szegedy, ICML
//! 2015), `y = γ x̂ + β` with `x̂ = (x − μ) / √(σ² + 10⁻⁵)`.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3, Axis, Zip};

use super::impl_parameters;

/// Number added to a variance.
const EPSILON: f32 = 1e-5;
/// Share of the old moments that a batch leaves.
const MEMORY: f32 = 0.9;

/// Normalisation of each row over its channels, with a gain γ and a shift β of each channel.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerNorm {
    gain: Array1<f32>,  // γ: [C]
    shift: Array1<f32>, // β: [C]
}

impl_parameters!(LayerNorm { "gain": gain, "shift": shift });

/// Normalisation of each channel over the rows of a batch, with a gain γ and a shift β of each channel; outside training by the
/// moments that it remembers. Their gradient is 0, so that no optimiser without weight decay moves them.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNorm {
    gain: Array1<f32>,     // γ: [C]
    shift: Array1<f32>,    // β: [C]
    mean: Array1<f32>,     // of past batches: [C]
    variance: Array1<f32>, // of past batches: [C]
}

impl_parameters!(BatchNorm { "gain": gain, "shift": shift, "mean": mean, "variance": variance });

/// Normalisation of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Normalization {
    /// Over the channels of a position.
    Layer(LayerNorm),
    /// Over a batch.
    Batch(BatchNorm),
}

impl_parameters!(
    enum Normalization {
        Layer,
        Batch,
    }
);

/// Cache of a forward pass for the backward pass.
#[derive(Debug)]
pub struct NormalizationCache {
    normal: Array2<f32>,  // x̂: [N, C]
    inverse: Array1<f32>, // 1 / √(σ² + ε) of each row, or of each channel
    mean: Array1<f32>,    // μ of each channel of a batch
}

impl LayerNorm {
    /// Makes a layer of `channels` channels, with gains of 1 and shifts of 0.
    pub fn new(channels: usize) -> Self {
        Self { gain: Array1::ones(channels), shift: Array1::zeros(channels) }
    }

    /// Computes `y: [N, C]` and the cache from `x: [N, C]`.
    pub fn forward(&self, x: ArrayView2<'_, f32>) -> (Array2<f32>, NormalizationCache) {
        let (mean, inverse) = moments(x, Axis(1));
        let by_row = |values: &Array1<f32>| values.clone().insert_axis(Axis(1));
        let normal = (&x - &by_row(&mean)) * by_row(&inverse);
        (&normal * &self.gain + &self.shift, NormalizationCache { normal, inverse, mean })
    }

    /// Computes `d_x: [N, C]` from `d_y: [N, C]` and adds to `gradient`.
    pub fn backward(
        &self,
        cache: &NormalizationCache,
        d_y: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        add_affine_gradient(cache, d_y, &mut gradient.gain, &mut gradient.shift);
        unnormalize(cache, &d_y * &self.gain, Axis(1))
    }
}

impl BatchNorm {
    /// Makes a layer of `channels` channels, with gains and variances of 1, shifts and means of 0.
    pub fn new(channels: usize) -> Self {
        let (ones, zeros) = (Array1::ones(channels), Array1::zeros(channels));
        Self { gain: ones.clone(), shift: zeros.clone(), mean: zeros, variance: ones }
    }

    /// Computes `y: [N, C]` and the cache from a batch `x: [N, C]`.
    pub fn forward(&self, x: ArrayView2<'_, f32>) -> (Array2<f32>, NormalizationCache) {
        let (mean, inverse) = moments(x, Axis(0));
        let normal = (&x - &mean) * &inverse;
        (&normal * &self.gain + &self.shift, NormalizationCache { normal, inverse, mean })
    }

    /// Computes `y: [N, C]` from `x: [N, C]` by the moments of past batches.
    pub fn predict(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let inverse = self.variance.mapv(inverse);
        (&x - &self.mean) * &(inverse * &self.gain) + &self.shift
    }

    /// Computes `d_x: [N, C]` from `d_y: [N, C]` of [`BatchNorm::predict`].
    pub fn backward_predicted(&self, d_y: ArrayView2<'_, f32>) -> Array2<f32> {
        &d_y * &(self.variance.mapv(inverse) * &self.gain)
    }

    /// Sets the moments to those of `x: [N, C]`.
    pub fn settle(&mut self, x: ArrayView2<'_, f32>) {
        let (mean, inverse) = moments(x, Axis(0));
        (self.mean, self.variance) = (mean, variance(&inverse));
    }

    /// Moves the moments a tenth of the way to those of the batch of `cache`.
    pub fn remember(&mut self, cache: &NormalizationCache) {
        let batch = variance(&cache.inverse);
        for (old, new) in [(&mut self.mean, &cache.mean), (&mut self.variance, &batch)] {
            old.zip_mut_with(new, |old, new| *old = MEMORY * *old + (1.0 - MEMORY) * new);
        }
    }

    /// Computes `d_x: [N, C]` from `d_y: [N, C]` and adds to `gradient`.
    pub fn backward(
        &self,
        cache: &NormalizationCache,
        d_y: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        add_affine_gradient(cache, d_y, &mut gradient.gain, &mut gradient.shift);
        unnormalize(cache, &d_y * &self.gain, Axis(0))
    }
}

impl Normalization {
    /// Computes `y: [B, T, C]` and the cache from `x: [B, T, C]`.
    pub(super) fn forward(&self, x: Array3<f32>) -> (Array3<f32>, NormalizationCache) {
        let (shape, rows) = (x.dim(), flat(x));
        let (y, cache) = match self {
            Self::Layer(layer) => layer.forward(rows.view()),
            Self::Batch(layer) => layer.forward(rows.view()),
        };
        (y.into_shape_with_order(shape).expect("the same values"), cache)
    }

    /// Computes `y: [B, T, C]` from `x: [B, T, C]` as outside training.
    pub(super) fn predict(&self, x: ArrayView3<'_, f32>) -> Array3<f32> {
        let (shape, rows) = (x.dim(), flat(x.to_owned()));
        let y = match self {
            Self::Layer(layer) => layer.forward(rows.view()).0,
            Self::Batch(layer) => layer.predict(rows.view()),
        };
        y.into_shape_with_order(shape).expect("the same values")
    }

    /// Computes `d_x: [B, T, C]` from `d_y: [B, T, C]` and adds to `gradient`, which is of the same kind.
    pub(super) fn backward(
        &self,
        cache: &NormalizationCache,
        d_y: Array3<f32>,
        gradient: &mut Self,
    ) -> Array3<f32> {
        let (shape, rows) = (d_y.dim(), flat(d_y));
        let d_x = match (self, gradient) {
            (Self::Layer(layer), Self::Layer(gradient)) => layer.backward(cache, rows.view(), gradient),
            (Self::Batch(layer), Self::Batch(gradient)) => layer.backward(cache, rows.view(), gradient),
            _ => unreachable!("a gradient is of the kind of its layer"),
        };
        d_x.into_shape_with_order(shape).expect("the same values")
    }

    /// Moves what a normalisation over batches remembers.
    pub(super) fn remember(&mut self, cache: &NormalizationCache) {
        if let Self::Batch(layer) = self {
            layer.remember(cache);
        }
    }
}

fn flat(x: Array3<f32>) -> Array2<f32> {
    let (batch, steps, channels) = x.dim();
    x.into_shape_with_order((batch * steps, channels)).expect("standard layout")
}

fn inverse(variance: f32) -> f32 {
    (variance + EPSILON).sqrt().recip()
}

/// Returns σ² of `1 / √(σ² + ε)`.
fn variance(inverse: &Array1<f32>) -> Array1<f32> {
    inverse.mapv(|inverse| inverse.powi(-2) - EPSILON)
}

/// Returns mean and `1 / √(σ² + ε)` over an axis.
fn moments(x: ArrayView2<'_, f32>, axis: Axis) -> (Array1<f32>, Array1<f32>) {
    let of = |values: ArrayView1<'_, f32>| {
        let count = values.len().max(1) as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let square = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
        (mean as f32, inverse(square as f32))
    };
    let (means, inverses): (Vec<f32>, Vec<f32>) = x.lanes(axis).into_iter().map(of).unzip();
    (means.into(), inverses.into())
}

/// Adds `Σ d_y x̂` to the gradient of the gain and `Σ d_y` to that of the shift.
fn add_affine_gradient(
    cache: &NormalizationCache,
    d_y: ArrayView2<'_, f32>,
    gain: &mut Array1<f32>,
    shift: &mut Array1<f32>,
) {
    *gain += &(&d_y * &cache.normal).sum_axis(Axis(0));
    *shift += &d_y.sum_axis(Axis(0));
}

/// Returns `(d − mean(d) − x̂ mean(d x̂)) / √(σ² + ε)`, with means over `axis`, from the gradient `d: [N, C]` at x̂.
fn unnormalize(cache: &NormalizationCache, d: Array2<f32>, axis: Axis) -> Array2<f32> {
    let over = |values: &Array2<f32>| values.mean_axis(axis).expect("not empty").insert_axis(axis);
    let (mean, slope) = (over(&d), over(&(&d * &cache.normal)));
    let mut d_x = d - mean - &cache.normal * &slope;
    let inverse = cache.inverse.clone().insert_axis(axis);
    let inverse = inverse.broadcast(d_x.raw_dim()).expect("one a row or a channel");
    Zip::from(&mut d_x).and(&inverse).for_each(|d, inverse| *d *= inverse);
    d_x
}
