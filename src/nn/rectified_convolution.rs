//! Convolution of a rectified input over positions, with zeros beyond the ends: `y_t = Σ_k relu(x_{t+k−2}) W_k + b`.
//!
//! Products are taken at the points of [minimal filtering](crate::math::filtering), some sentences at a time. At a fixed input
//! the layer is a linear map of the gates `x > 0`, so that its derivative along a direction is the same convolution without the
//! bias, and the gradient of that derivative costs one more pass: what a penalty on slopes takes
//! ([`ResidualStack`](super::ResidualStack)).

use ndarray::{Array1, Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::{Initializer, impl_parameters};
use crate::math::filtering::{
    POINTS, TAPS, add_taps_transposed, outputs, outputs_transposed, taps, windows, windows_of,
    windows_transposed,
};
use crate::math::gemm;
use crate::seed::Rng;

/// Number of windows whose products are taken at a time.
const WINDOWS: usize = 128;

/// Layer `y = W * relu(x) + b` over positions, with windows of five.
#[derive(Clone, Debug, PartialEq)]
pub struct RectifiedConvolution {
    weight: Array3<f32>, // [5, I, O]
    bias: Array1<f32>,   // [O]
}

impl_parameters!(RectifiedConvolution { "weight": weight, "bias": bias });

/// Values at the points of minimal filtering, some sentences after others: each `[8, windows, C]`.
#[derive(Debug)]
pub(super) struct Points(Vec<Vec<f32>>);

/// Layer with its filters at the points, ready for passes until its parameters change.
#[derive(Debug)]
pub(super) struct PreparedConvolution<'a> {
    layer: &'a RectifiedConvolution,
    filters: Vec<f32>, // [8, I, O]
}

impl RectifiedConvolution {
    /// Makes a layer from `inputs` to `outputs` channels; the bias starts at 0.
    pub fn new(inputs: usize, outputs: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        Self {
            weight: initializer.sample((TAPS, inputs, outputs), TAPS * inputs, TAPS * outputs, rng),
            bias: Array1::zeros(outputs),
        }
    }

    /// Returns the numbers of input and output channels, `(I, O)`.
    pub fn dim(&self) -> (usize, usize) {
        (self.weight.dim().1, self.weight.dim().2)
    }

    /// Computes `y: [B, T, O]` from `x: [B, T, I]`.
    pub fn forward(&self, x: ArrayView3<'_, f32>) -> Array3<f32> {
        self.prepare().forward(x).0
    }

    /// Prepares the layer for passes.
    pub(super) fn prepare(&self) -> PreparedConvolution<'_> {
        let mut filters = vec![0.0; self.weight.len() / TAPS * POINTS];
        taps(self.weight.as_slice().expect(SLICE), &mut filters);
        PreparedConvolution { layer: self, filters }
    }

    /// Adds the gradient of the weight by the `windows` of a forward pass and the gradient of its products.
    pub(super) fn add_weight_gradient(&mut self, windows: &Points, d_products: &Points) {
        let (inputs, outputs) = self.dim();
        let mut d_filters = vec![0.0; POINTS * inputs * outputs];
        d_filters.par_chunks_mut(inputs * outputs).enumerate().for_each(|(point, d_filters)| {
            for (windows, d_products) in windows.0.iter().zip(&d_products.0) {
                let d_filters = matrix_mut(d_filters, outputs);
                gemm::add_transposed_product(
                    plane(windows, point, inputs),
                    plane(d_products, point, outputs),
                    d_filters,
                );
            }
        });
        add_taps_transposed(&d_filters, self.weight.as_slice_mut().expect(SLICE));
    }

    /// Adds the gradient of the bias, `Σ d_y`, with `d_y: [B, T, O]`.
    pub(super) fn add_bias_gradient(&mut self, d_y: ArrayView3<'_, f32>) {
        let sentences: Vec<_> = d_y.axis_iter(Axis(0)).collect();
        let sums: Vec<Array1<f32>> = sentences.par_iter().map(|d_y| d_y.sum_axis(Axis(0))).collect();
        sums.iter().for_each(|sum| self.bias += sum);
    }
}

const SLICE: &str = "arrays are in standard layout";

impl PreparedConvolution<'_> {
    /// Computes `y: [B, T, O]` and the windows from `x: [B, T, I]`.
    pub fn forward(&self, x: ArrayView3<'_, f32>) -> (Array3<f32>, Points) {
        self.convolve(x, x, self.layer.bias.as_slice().expect(SLICE))
    }

    /// Computes the derivative of the outputs along a `direction` of the inputs, both `[B, T, _]`, where the input has the
    /// gates `x: [B, T, I]`; and its windows.
    pub fn derivative(
        &self,
        direction: ArrayView3<'_, f32>,
        x: ArrayView3<'_, f32>,
    ) -> (Array3<f32>, Points) {
        self.convolve(direction, x, &vec![0.0; self.layer.bias.len()])
    }

    fn convolve(
        &self,
        x: ArrayView3<'_, f32>,
        gate: ArrayView3<'_, f32>,
        bias: &[f32],
    ) -> (Array3<f32>, Points) {
        let (batch, steps, inputs) = x.dim();
        let (sentences, channels) = (sentences_of(steps), self.layer.dim().1);
        let mut y = Array3::zeros((batch, steps, channels));
        let parts = y.as_slice_mut().expect(SLICE).par_chunks_mut(sentences * steps * channels);
        let inner = sentences * steps * inputs;
        let given = x.to_slice().expect(SLICE).par_chunks(inner);
        let kept = parts.zip(given.zip(gate.to_slice().expect(SLICE).par_chunks(inner)));
        let kept = kept.map(|(y, (x, gate))| {
            let rows = x.len() / (steps * inputs) * windows_of(steps);
            let mut at = vec![0.0; POINTS * rows * inputs];
            let mut products = vec![0.0; POINTS * rows * channels];
            windows(x, gate, (steps, inputs), &mut at);
            for (point, product) in products.chunks_mut(rows * channels).enumerate() {
                let filter = plane(&self.filters, point, channels);
                gemm::gemm(1.0, plane(&at, point, inputs), filter, 0.0, matrix_mut(product, channels));
            }
            outputs(&products, bias, steps, y);
            at
        });
        let kept = Points(kept.collect());
        (y, kept)
    }

    /// Computes `d_x: [B, T, I]` and the gradient of the products from `d_y: [B, T, O]`, where the input is `x: [B, T, I]`.
    pub fn backward(&self, d_y: ArrayView3<'_, f32>, x: ArrayView3<'_, f32>) -> (Array3<f32>, Points) {
        let (_, steps, channels) = d_y.dim();
        let (sentences, inputs) = (sentences_of(steps), self.layer.dim().0);
        let mut d_x = Array3::zeros(x.raw_dim());
        let inner = sentences * steps * inputs;
        let parts = d_x.as_slice_mut().expect(SLICE).par_chunks_mut(inner);
        let gates = x.to_slice().expect(SLICE).par_chunks(inner);
        let given = d_y.to_slice().expect(SLICE).par_chunks(sentences * steps * channels);
        let kept = parts.zip(gates.zip(given)).map(|(d_x, (gate, d_y))| {
            let rows = d_y.len() / (steps * channels) * windows_of(steps);
            let mut d_products = vec![0.0; POINTS * rows * channels];
            let mut d_at = vec![0.0; POINTS * rows * inputs];
            outputs_transposed(d_y, (steps, channels), &mut d_products);
            for (point, d_at) in d_at.chunks_mut(rows * inputs).enumerate() {
                let filter = plane(&self.filters, point, channels);
                let d = plane(&d_products, point, channels);
                gemm::gemm(1.0, d, filter.t(), 0.0, matrix_mut(d_at, inputs));
            }
            windows_transposed(&d_at, gate, (steps, inputs), d_x);
            d_products
        });
        let kept = Points(kept.collect());
        (d_x, kept)
    }
}

/// Returns the number of sentences of `steps` positions that are convolved at a time.
fn sentences_of(steps: usize) -> usize {
    (WINDOWS / windows_of(steps).max(1)).max(1)
}

/// Returns the matrix of one point: `[N, columns]` of `[8, N, columns]`.
fn plane(points: &[f32], point: usize, columns: usize) -> ArrayView2<'_, f32> {
    let size = points.len() / POINTS;
    let values = &points[point * size..(point + 1) * size];
    ArrayView2::from_shape((size / columns, columns), values).expect("whole rows")
}

fn matrix_mut(values: &mut [f32], columns: usize) -> ArrayViewMut2<'_, f32> {
    let rows = values.len() / columns;
    ArrayViewMut2::from_shape((rows, columns), values).expect("whole rows")
}
