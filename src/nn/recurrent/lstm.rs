//! Long short-term memory: `i, f, o = σ(x W + h U + b)`, `c̃ = tanh(x W + h U + b)`, `c ← f c + i c̃`, `h ← o tanh(c)`.
//!
//! The four blocks of every matrix are in the order i, f, o, c̃.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::state::{State, at};
use crate::math::{gemm, simd};
use crate::nn::{Initializer, impl_parameters};
use crate::seed::Rng;

/// Layer of long short-term memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Lstm {
    input: Array2<f32>,     // W: [E, 4H]
    recurrent: Array2<f32>, // U: [H, 4H]
    bias: Array1<f32>,      // [4H]
}

/// Cache of a forward pass for the backward pass of an [`Lstm`], time-major, for T steps of B sequences.
#[derive(Clone, Debug)]
pub struct LstmCache {
    batch: usize,
    x: Array2<f32>,        // [T·B, E]
    gates: Array2<f32>,    // [T·B, 4H], after their non-linearities
    hidden: Array2<f32>,   // [(T+1)·B, H], from the initial state on
    memory: Array2<f32>,   // [(T+1)·B, H], from the initial state on
    squashed: Array2<f32>, // tanh c: [T·B, H]
}

impl LstmCache {
    /// Returns the outputs of all steps: `[T·B, H]`.
    pub(super) fn outputs(&self) -> ArrayView2<'_, f32> {
        self.hidden.slice(s![self.batch.., ..])
    }

    /// Returns the state after a step, numbered from 0.
    pub(super) fn state(&self, step: usize) -> State {
        State {
            hidden: at(&self.hidden, step + 1, self.batch).to_owned(),
            memory: at(&self.memory, step + 1, self.batch).to_owned(),
        }
    }
}

impl Lstm {
    /// Makes a layer of E `inputs` and H `hidden` values; biases start at 0.
    pub fn new(inputs: usize, hidden: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        Self {
            input: initializer.sample((inputs, 4 * hidden), inputs, hidden, rng),
            recurrent: initializer.sample((hidden, 4 * hidden), hidden, hidden, rng),
            bias: Array1::zeros(4 * hidden),
        }
    }

    /// Makes a layer of weights `input: [E, 4H]` and `recurrent: [H, 4H]` and `bias: [4H]`, with blocks in the order i, f, o,
    /// c̃.
    pub fn from_parts(input: Array2<f32>, recurrent: Array2<f32>, bias: Array1<f32>) -> Self {
        let wide = bias.len();
        assert!(input.ncols() == wide && recurrent.dim() == (wide / 4, wide), "four blocks of one width");
        Self { input, recurrent, bias }
    }

    /// Returns the numbers of inputs and hidden values, `(E, H)`.
    pub fn dim(&self) -> (usize, usize) {
        (self.input.nrows(), self.recurrent.nrows())
    }

    /// Computes `x W + b: [N, 4H]`.
    fn project(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::affine(x, self.input.view(), self.bias.as_slice().expect("a bias is contiguous"))
    }

    /// Computes the state after one step, without a cache.
    pub(super) fn step(&self, x: ArrayView2<'_, f32>, state: &State) -> State {
        let mut gates = self.project(x);
        gemm::gemm(1.0, state.hidden.view(), self.recurrent.view(), 1.0, gates.view_mut());
        let mut memory = state.memory.clone();
        let mut hidden = Array2::zeros(memory.raw_dim());
        let wide = self.dim().1;
        for ((mut gates, mut memory), mut hidden) in
            gates.rows_mut().into_iter().zip(memory.rows_mut()).zip(hidden.rows_mut())
        {
            let gates = gates.as_slice_mut().expect("rows are contiguous");
            let memory = memory.as_slice_mut().expect("rows are contiguous");
            let hidden = hidden.as_slice_mut().expect("rows are contiguous");
            activate(gates, wide);
            remember(gates, memory);
            hidden.copy_from_slice(memory);
            simd::tanh(hidden);
            hidden.iter_mut().zip(&gates[2 * wide..]).for_each(|(h, o)| *h *= o);
        }
        State { hidden, memory }
    }

    /// Computes all steps of `x: [T · B, E]` from the zero state.
    pub(super) fn forward(&self, x: Array2<f32>, batch: usize) -> LstmCache {
        let wide = self.dim().1;
        let rows = x.nrows();
        assert!(batch > 0 && rows.is_multiple_of(batch), "whole steps");
        let mut gates = self.project(x.view());
        let mut hidden = Array2::zeros((rows + batch, wide));
        let mut memory = Array2::zeros((rows + batch, wide));
        let mut squashed = Array2::zeros((rows, wide));
        for step in 0..rows / batch {
            let here = s![step * batch..(step + 1) * batch, ..];
            let before = at(&hidden, step, batch).to_owned();
            gemm::gemm(1.0, before.view(), self.recurrent.view(), 1.0, gates.slice_mut(here));
            for row in step * batch..(step + 1) * batch {
                let mut gates = gates.row_mut(row);
                let gates = gates.as_slice_mut().expect("rows are contiguous");
                activate(gates, wide);
                let all = memory.as_slice_mut().expect("a fresh array is contiguous");
                let (past, future) = all.split_at_mut((row + batch) * wide);
                let memory = &mut future[..wide];
                memory.copy_from_slice(&past[row * wide..][..wide]);
                remember(gates, memory);
                let mut squashed = squashed.row_mut(row);
                let squashed = squashed.as_slice_mut().expect("rows are contiguous");
                squashed.copy_from_slice(memory);
                simd::tanh(squashed);
                let mut hidden = hidden.row_mut(row + batch);
                for ((h, c), o) in hidden.iter_mut().zip(squashed.iter()).zip(&gates[2 * wide..]) {
                    *h = o * c;
                }
            }
        }
        LstmCache { batch, x, gates, hidden, memory, squashed }
    }

    /// Computes `d_x: [T · B, E]` from `d_hidden: [T · B, H]` and adds to `gradient`.
    pub(super) fn backward(
        &self,
        cache: &LstmCache,
        d_hidden: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let (wide, batch, rows) = (self.dim().1, cache.batch, cache.x.nrows());
        let mut d_gates = Array2::zeros((rows, 4 * wide));
        let mut d_h = Array2::<f32>::zeros((batch, wide)); // gradient from the next step
        let mut d_c = Array2::<f32>::zeros((batch, wide)); // gradient from the next step
        for step in (0..rows / batch).rev() {
            for b in 0..batch {
                let row = step * batch + b;
                let gates = cache.gates.row(row);
                let gates = gates.as_slice().expect("rows are contiguous");
                let (i, f) = (&gates[..wide], &gates[wide..2 * wide]);
                let (o, candidate) = (&gates[2 * wide..3 * wide], &gates[3 * wide..]);
                let squashed = cache.squashed.row(row);
                let squashed = squashed.as_slice().expect("rows are contiguous");
                let before = cache.memory.row(row);
                let before = before.as_slice().expect("rows are contiguous");
                let d_out = d_hidden.row(row);
                let mut d_gates = d_gates.row_mut(row);
                let d_gates = d_gates.as_slice_mut().expect("rows are contiguous");
                let (d_i, rest) = d_gates.split_at_mut(wide);
                let (d_f, rest) = rest.split_at_mut(wide);
                let (d_o, d_candidate) = rest.split_at_mut(wide);
                let mut d_c = d_c.row_mut(b);
                let d_c = d_c.as_slice_mut().expect("rows are contiguous");
                let d_h = d_h.row(b);
                for j in 0..wide {
                    let d_h = d_out[j] + d_h[j];
                    let d_memory = d_c[j] + d_h * o[j] * (1.0 - squashed[j] * squashed[j]);
                    d_o[j] = d_h * squashed[j] * o[j] * (1.0 - o[j]);
                    d_i[j] = d_memory * candidate[j] * i[j] * (1.0 - i[j]);
                    d_f[j] = d_memory * before[j] * f[j] * (1.0 - f[j]);
                    d_candidate[j] = d_memory * i[j] * (1.0 - candidate[j] * candidate[j]);
                    d_c[j] = d_memory * f[j];
                }
            }
            gemm::gemm(1.0, at(&d_gates, step, batch), self.recurrent.t(), 0.0, d_h.view_mut());
        }
        gemm::add_transposed_product(cache.x.view(), d_gates.view(), gradient.input.view_mut());
        let before = cache.hidden.slice(s![..rows, ..]);
        gemm::add_transposed_product(before, d_gates.view(), gradient.recurrent.view_mut());
        gradient.bias += &d_gates.sum_axis(Axis(0));
        gemm::matmul(d_gates.view(), self.input.t())
    }
}

/// Applies the activations to a row of gates: σ to i, f and o, tanh to c̃.
fn activate(gates: &mut [f32], wide: usize) {
    let (sigmoids, candidate) = gates.split_at_mut(3 * wide);
    simd::sigmoid(sigmoids);
    simd::tanh(candidate);
}

/// Computes `c ← f c + i c̃` of a row.
fn remember(gates: &[f32], memory: &mut [f32]) {
    let wide = memory.len();
    let (i, f, candidate) = (&gates[..wide], &gates[wide..2 * wide], &gates[3 * wide..]);
    for (j, c) in memory.iter_mut().enumerate() {
        *c = f[j] * *c + i[j] * candidate[j];
    }
}

impl_parameters!(Lstm { "input": input, "recurrent": recurrent, "bias": bias });
