//! Highway layer: `y = t ⊙ relu(x W_h + b_h) + (1 − t) ⊙ x`, `t = σ(x W_t + b_t)` (Srivastava et al., 2015).
//!
//! Both maps are one product, divided by columns, so that a small batch of a wide layer uses all threads and every sum
//! keeps its order.

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, s};

use super::{Initializer, Precision, impl_parameters};
use crate::math::gemm::{self, Bfloat16Matrix, mixed};
use crate::math::simd;
use crate::seed::Rng;

/// Highway layer over F values.
#[derive(Clone, Debug, PartialEq)]
pub struct Highway {
    weight: Array2<f32>, // [F, 2F]: transform, then gate
    bias: Array1<f32>,   // [2F]
}

/// Cache of a forward pass for the backward pass of a [`Highway`] layer.
#[derive(Debug)]
pub struct HighwayCache {
    x: Array2<f32>,         // [B, F]
    activated: Array2<f32>, // relu(…) and t: [B, 2F]
    precision: Precision,
}

/// Weights of a [`Highway`] layer as they stand, rounded to bfloat16.
#[derive(Debug)]
pub struct RoundedHighway {
    weight: Bfloat16Matrix,
    bias: Array1<f32>,
}

impl Highway {
    /// Makes a layer over `width` values; the bias of the gate starts at `gate_bias`, the other at 0.
    pub fn new(width: usize, gate_bias: f32, initializer: Initializer, rng: &mut Rng) -> Self {
        let mut bias = Array1::zeros(2 * width);
        bias.slice_mut(s![width..]).fill(gate_bias);
        Self { weight: initializer.sample((width, 2 * width), width, width, rng), bias }
    }

    /// Returns the number of values, F.
    pub fn width(&self) -> usize {
        self.weight.nrows()
    }

    /// Computes transform and gate of `x: [B, F]` after their activations: `[B, 2F]`.
    fn activate(&self, x: ArrayView2<'_, f32>, precision: Precision) -> Array2<f32> {
        activated(&self.bias, x.nrows(), |z| match precision {
            Precision::F32 => gemm::add_product_by_columns(x, self.weight.view(), z),
            Precision::Bf16 => mixed::add_product_by_columns(x, self.weight.view(), z),
        })
    }

    /// Returns the layer with rounded weights; `None` on a processor without products of bfloat16.
    pub fn rounded(&self) -> Option<RoundedHighway> {
        let weight = Bfloat16Matrix::new(self.weight.view())?;
        Some(RoundedHighway { weight, bias: self.bias.clone() })
    }

    /// Computes `y: [B, F]` from `x: [B, F]` without a cache.
    pub fn predict(&self, x: Array2<f32>) -> Array2<f32> {
        let activated = self.activate(x.view(), Precision::F32);
        mix(x, &activated)
    }

    /// Computes `y: [B, F]` and the cache from `x: [B, F]`.
    pub fn forward(&self, x: Array2<f32>) -> (Array2<f32>, HighwayCache) {
        self.forward_in(Precision::F32, x)
    }

    /// Computes [`Highway::forward`] by products in a precision; the backward pass from this cache takes the same.
    ///
    /// # Panics
    /// On a processor without such products ([`Precision::is_available`]).
    pub fn forward_in(&self, precision: Precision, x: Array2<f32>) -> (Array2<f32>, HighwayCache) {
        let activated = self.activate(x.view(), precision);
        (mix(x.clone(), &activated), HighwayCache { x, activated, precision })
    }

    /// Computes `d_x: [B, F]` from `d_y: [B, F]` and adds to `gradient`.
    pub fn backward(
        &self,
        cache: &HighwayCache,
        d_y: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let width = self.width();
        let mut d_z = Array2::zeros(cache.activated.raw_dim());
        let mut d_x = Array2::zeros(cache.x.raw_dim());
        let slice = "rows are contiguous";
        for (row, (mut d_z, mut d_x)) in d_z.rows_mut().into_iter().zip(d_x.rows_mut()).enumerate() {
            let (x, d_y, activated) = (cache.x.row(row), d_y.row(row), cache.activated.row(row));
            let (transform, gate) = activated.to_slice().expect(slice).split_at(width);
            let (d_transform, d_gate) = d_z.as_slice_mut().expect(slice).split_at_mut(width);
            let d_x = d_x.as_slice_mut().expect(slice);
            let inputs = x.iter().zip(d_y.iter()).zip(transform.iter().zip(gate));
            let outputs = d_transform.iter_mut().zip(d_gate).zip(d_x);
            for (((&x, &d_y), (&transform, &gate)), ((d_transform, d_gate), d_x)) in inputs.zip(outputs) {
                *d_transform = if transform > 0.0 { d_y * gate } else { 0.0 };
                *d_gate = d_y * (transform - x) * gate * (1.0 - gate);
                *d_x = d_y * (1.0 - gate);
            }
        }
        let d_weight = gradient.weight.view_mut();
        match cache.precision {
            Precision::F32 => {
                gemm::add_product_by_columns(d_z.view(), self.weight.t(), d_x.view_mut());
                gemm::add_transposed_product_by_rows(cache.x.view(), d_z.view(), d_weight);
            }
            Precision::Bf16 => {
                mixed::add_dots(d_z.view(), self.weight.view(), d_x.view_mut());
                mixed::add_transposed_product_by_rows(cache.x.view(), d_z.view(), d_weight);
            }
        }
        gradient.bias += &d_z.sum_axis(Axis(0));
        d_x
    }
}

impl RoundedHighway {
    /// Computes `y: [B, F]` from `x: [B, F]`, rounded to bfloat16 where it is multiplied.
    pub fn predict(&self, x: Array2<f32>) -> Array2<f32> {
        let activated = activated(&self.bias, x.nrows(), |z| self.weight.add_product(x.view(), z));
        mix(x, &activated)
    }
}

/// Returns transform and gate of `rows` examples after their activations, `[B, 2F]`, from a product that is added to their biases.
fn activated(
    bias: &Array1<f32>,
    rows: usize,
    add_product: impl FnOnce(ArrayViewMut2<'_, f32>),
) -> Array2<f32> {
    let biases = bias.as_slice().expect("a bias is contiguous").repeat(rows);
    let mut z = Array2::from_shape_vec((rows, bias.len()), biases).expect("a bias a row");
    add_product(z.view_mut());
    for mut row in z.rows_mut() {
        let row = row.as_slice_mut().expect("rows are contiguous");
        let (transform, gate) = row.split_at_mut(bias.len() / 2);
        simd::relu(transform);
        simd::sigmoid(gate);
    }
    z
}

/// Computes `t ⊙ transform + (1 − t) ⊙ x: [B, F]`, with transform and gate t in `activated: [B, 2F]`.
fn mix(mut x: Array2<f32>, activated: &Array2<f32>) -> Array2<f32> {
    let width = x.ncols();
    for (mut x, activated) in x.rows_mut().into_iter().zip(activated.rows()) {
        let activated = activated.to_slice().expect("rows are contiguous");
        let (transform, gate) = activated.split_at(width);
        for ((x, transform), gate) in x.iter_mut().zip(transform).zip(gate) {
            *x += gate * (transform - *x);
        }
    }
    x
}

impl_parameters!(Highway { "weight": weight, "bias": bias });
