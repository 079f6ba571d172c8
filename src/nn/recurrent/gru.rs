//! Gated recurrent unit: `r, z = σ(x W + h U + b)`, `n = tanh(x W + b + r (h U + b'))`, `h ← (1 − z) n + z h`.
//!
//! The three blocks of every matrix are in the order r, z, n.
//!
//! # Differences from the paper
//! The reset gate multiplies `h U + b'` instead of `h` (Cho et al., 2014, equation 8), which takes one product for each
//! step, as in cuDNN and PyTorch.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::state::{State, at};
use crate::math::{gemm, simd};
use crate::nn::{Initializer, impl_parameters};
use crate::seed::Rng;

/// Layer of gated recurrent units.
#[derive(Clone, Debug, PartialEq)]
pub struct Gru {
    input: Array2<f32>,      // W: [E, 3H]
    recurrent: Array2<f32>,  // U: [H, 3H]
    bias: Array1<f32>,       // b: [3H]
    reset_bias: Array1<f32>, // b': [H]
}

/// Cache of a forward pass for the backward pass of a [`Gru`], time-major, for T steps of B sequences.
#[derive(Clone, Debug)]
pub struct GruCache {
    batch: usize,
    x: Array2<f32>,      // [T·B, E]
    gates: Array2<f32>,  // r, z, n after their non-linearities: [T·B, 3H]
    reset: Array2<f32>,  // h U + b' of the candidate: [T·B, H]
    hidden: Array2<f32>, // [(T+1)·B, H], from the initial state on
}

impl GruCache {
    /// Returns the outputs of all steps: `[T·B, H]`.
    pub(super) fn outputs(&self) -> ArrayView2<'_, f32> {
        self.hidden.slice(s![self.batch.., ..])
    }

    /// Returns the state after a step, numbered from 0.
    pub(super) fn state(&self, step: usize) -> State {
        let hidden = at(&self.hidden, step + 1, self.batch).to_owned();
        State { memory: Array2::zeros((hidden.nrows(), 0)), hidden }
    }
}

impl Gru {
    /// Makes a layer of E `inputs` and H `hidden` values; biases start at 0.
    pub fn new(inputs: usize, hidden: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        Self {
            input: initializer.sample((inputs, 3 * hidden), inputs, hidden, rng),
            recurrent: initializer.sample((hidden, 3 * hidden), hidden, hidden, rng),
            bias: Array1::zeros(3 * hidden),
            reset_bias: Array1::zeros(hidden),
        }
    }

    /// Makes a layer of weights `input: [E, 3H]` and `recurrent: [H, 3H]`, `bias: [3H]` and `reset_bias: [H]`, with blocks in
    /// the order r, z, n.
    pub fn from_parts(
        input: Array2<f32>,
        recurrent: Array2<f32>,
        bias: Array1<f32>,
        reset_bias: Array1<f32>,
    ) -> Self {
        let (wide, hidden) = (bias.len(), reset_bias.len());
        let fits = wide == 3 * hidden && input.ncols() == wide && recurrent.dim() == (hidden, wide);
        assert!(fits, "three blocks of one width");
        Self { input, recurrent, bias, reset_bias }
    }

    /// Returns the numbers of inputs and hidden values, `(E, H)`.
    pub fn dim(&self) -> (usize, usize) {
        (self.input.nrows(), self.recurrent.nrows())
    }

    /// Computes `x W + b: [N, 3H]`.
    fn project(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::affine(x, self.input.view(), self.bias.as_slice().expect("a bias is contiguous"))
    }

    /// Turns `gates: [3H]`, which is x W + b of a row, into r, z, n, with `from_hidden: [3H]` = h U and `reset: [H]` = h U + b'.
    fn activate(gates: &mut [f32], from_hidden: &[f32], reset: &[f32]) {
        let wide = reset.len();
        let (rz, n) = gates.split_at_mut(2 * wide);
        rz.iter_mut().zip(from_hidden).for_each(|(gate, u)| *gate += u);
        simd::sigmoid(rz);
        n.iter_mut().zip(&rz[..wide]).zip(reset).for_each(|((n, r), u)| *n += r * u);
        simd::tanh(n);
    }

    /// Computes `h U: [B, 3H]`, and its candidate block plus `b'`: `[B, H]`.
    fn recur(&self, hidden: ArrayView2<'_, f32>) -> (Array2<f32>, Array2<f32>) {
        let product = gemm::matmul(hidden, self.recurrent.view());
        let reset = &product.slice(s![.., 2 * self.dim().1..]) + &self.reset_bias;
        (product, reset.as_standard_layout().into_owned())
    }

    /// Computes the state after one step, without a cache.
    pub(super) fn step(&self, x: ArrayView2<'_, f32>, state: &State) -> State {
        let cache_free = self.advance(self.project(x), state.hidden.view());
        State { memory: state.memory.clone(), hidden: cache_free.2 }
    }

    /// Computes gates `[B, 3H]`, reset `[B, H]` and new hidden values `[B, H]` of one step from `gates` = x W + b.
    fn advance(
        &self,
        mut gates: Array2<f32>,
        before: ArrayView2<'_, f32>,
    ) -> (Array2<f32>, Array2<f32>, Array2<f32>) {
        let wide = self.dim().1;
        let (product, reset) = self.recur(before);
        let mut hidden = before.to_owned();
        for row in 0..hidden.nrows() {
            let mut gates = gates.row_mut(row);
            let gates = gates.as_slice_mut().expect("rows are contiguous");
            let (product, reset) = (product.row(row), reset.row(row));
            let slice = "rows are contiguous";
            Self::activate(gates, product.as_slice().expect(slice), reset.as_slice().expect(slice));
            for (j, h) in hidden.row_mut(row).iter_mut().enumerate() {
                let (z, n) = (gates[wide + j], gates[2 * wide + j]);
                *h = n + z * (*h - n);
            }
        }
        (gates, reset, hidden)
    }

    /// Computes all steps of `x: [T · B, E]` from the zero state.
    pub(super) fn forward(&self, x: Array2<f32>, batch: usize) -> GruCache {
        let (wide, rows) = (self.dim().1, x.nrows());
        assert!(batch > 0 && rows.is_multiple_of(batch), "whole steps");
        let mut gates = self.project(x.view());
        let mut hidden = Array2::zeros((rows + batch, wide));
        let mut reset = Array2::zeros((rows, wide));
        for step in 0..rows / batch {
            let here = s![step * batch..(step + 1) * batch, ..];
            let (g, r, h) = self.advance(gates.slice(here).to_owned(), at(&hidden, step, batch));
            gates.slice_mut(here).assign(&g);
            reset.slice_mut(here).assign(&r);
            hidden.slice_mut(s![(step + 1) * batch..(step + 2) * batch, ..]).assign(&h);
        }
        GruCache { batch, x, gates, reset, hidden }
    }

    /// Computes `d_x: [T · B, E]` from `d_hidden: [T · B, H]` and adds to `gradient`.
    pub(super) fn backward(
        &self,
        cache: &GruCache,
        d_hidden: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let (wide, batch, rows) = (self.dim().1, cache.batch, cache.x.nrows());
        let mut d_gates = Array2::<f32>::zeros((rows, 3 * wide)); // gradient at x W + b
        let mut d_product = Array2::<f32>::zeros((rows, 3 * wide)); // gradient at h U
        let mut d_next = Array2::<f32>::zeros((batch, wide)); // gradient at h from the next step
        for step in (0..rows / batch).rev() {
            for b in 0..batch {
                let row = step * batch + b;
                for j in 0..wide {
                    let (r, z, n) = (
                        cache.gates[[row, j]],
                        cache.gates[[row, wide + j]],
                        cache.gates[[row, 2 * wide + j]],
                    );
                    let before = cache.hidden[[row, j]];
                    let d_h = d_hidden[[row, j]] + d_next[[b, j]];
                    let d_n = d_h * (1.0 - z) * (1.0 - n * n);
                    let d_z = d_h * (before - n) * z * (1.0 - z);
                    let d_r = d_n * cache.reset[[row, j]] * r * (1.0 - r);
                    for (block, d) in [d_r, d_z, d_n].into_iter().enumerate() {
                        d_gates[[row, block * wide + j]] = d;
                    }
                    for (block, d) in [d_r, d_z, d_n * r].into_iter().enumerate() {
                        d_product[[row, block * wide + j]] = d;
                    }
                    d_next[[b, j]] = d_h * z;
                }
            }
            gemm::gemm(1.0, at(&d_product, step, batch), self.recurrent.t(), 1.0, d_next.view_mut());
        }
        gemm::add_transposed_product(cache.x.view(), d_gates.view(), gradient.input.view_mut());
        let before = cache.hidden.slice(s![..rows, ..]);
        gemm::add_transposed_product(before, d_product.view(), gradient.recurrent.view_mut());
        gradient.bias += &d_gates.sum_axis(Axis(0));
        gradient.reset_bias += &d_product.slice(s![.., 2 * wide..]).sum_axis(Axis(0));
        gemm::matmul(d_gates.view(), self.input.t())
    }
}

impl_parameters!(Gru { "input": input, "recurrent": recurrent, "bias": bias, "reset-bias": reset_bias });
