//! Linear layer `y = x W + b`.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::{Initializer, impl_parameters};
use crate::math::gemm;
use crate::seed::Rng;

/// Linear layer with a bias, `y = x W + b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    weight: Array2<f32>, // [I, O]
    bias: Array1<f32>,   // [O]
}

impl Linear {
    /// Makes a layer from `inputs` to `outputs` values; the bias starts at 0.
    pub fn new(inputs: usize, outputs: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        Self {
            weight: initializer.sample((inputs, outputs), inputs, outputs, rng),
            bias: Array1::zeros(outputs),
        }
    }

    /// Makes a layer of `weight: [I, O]` and `bias: [O]`.
    pub fn from_parts(weight: Array2<f32>, bias: Array1<f32>) -> Self {
        assert_eq!(weight.ncols(), bias.len(), "one bias an output");
        Self { weight, bias }
    }

    /// Returns the numbers of inputs and outputs, `(I, O)`.
    pub fn dim(&self) -> (usize, usize) {
        self.weight.dim()
    }

    /// Computes `y: [B, O]` from `x: [B, I]`. The backward pass takes the same `x`.
    pub fn forward(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::affine(x, self.weight.view(), self.bias.as_slice().expect("a bias is contiguous"))
    }

    /// Adds the gradients of the parameters, `xᵀ d_y` and `Σ_b d_y`, to `gradient`, with `x: [B, I]` and `d_y: [B, O]`.
    pub fn backward_parameters(&self, x: ArrayView2<'_, f32>, d_y: ArrayView2<'_, f32>, gradient: &mut Self) {
        gemm::add_transposed_product(x, d_y, gradient.weight.view_mut());
        let ones = Array2::ones((d_y.nrows(), 1));
        let d_bias = gradient.bias.view_mut().insert_axis(Axis(0));
        gemm::add_transposed_product(ones.view(), d_y, d_bias);
    }

    /// Returns the weight: `[I, O]`.
    pub fn weight(&self) -> ArrayView2<'_, f32> {
        self.weight.view()
    }

    /// Returns the bias: `[O]`.
    pub fn bias(&self) -> ArrayView1<'_, f32> {
        self.bias.view()
    }

    /// Adds `xᵀ d_y` to this gradient's weight, with `x: [B, I]` and `d_y: [B, O]`.
    pub fn add_weight_gradient(&mut self, x: ArrayView2<'_, f32>, d_y: ArrayView2<'_, f32>) {
        gemm::add_transposed_product(x, d_y, self.weight.view_mut());
    }

    /// Adds the gradient of one-hot inputs: `d_y: [B, O]` to the weight's rows `inputs: [B]`, and to the bias.
    pub fn add_rows_gradient(&mut self, inputs: impl Iterator<Item = u32>, d_y: ArrayView2<'_, f32>) {
        for (input, d_y) in inputs.zip(d_y.rows()) {
            let mut row = self.weight.row_mut(input as usize);
            row += &d_y;
        }
        self.bias += &d_y.sum_axis(Axis(0));
    }

    /// Returns the weight's transpose, `[O, I]`, for many calls of [`Linear::backward_input`]'s product with few rows each.
    pub fn transposed_weight(&self) -> Array2<f32> {
        self.weight.t().as_standard_layout().into_owned()
    }

    /// Computes `d_x = d_y Wᵀ: [B, I]` from `d_y: [B, O]`.
    pub fn backward_input(&self, d_y: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::matmul(d_y, self.weight.t())
    }
}

impl_parameters!(Linear { "weight": weight, "bias": bias });
