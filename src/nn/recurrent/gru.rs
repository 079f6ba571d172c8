//! Gated recurrent unit: `r, z = σ(x W + h U + b)`, `n = tanh(x W + b + r (h U + b'))`, `h ← (1 − z) n + z h`.
//!
//! The three blocks of every matrix are in the order r, z, n.
//!
//! # Differences from the paper
//! The reset gate multiplies `h U + b'` instead of `h` (Cho et al., 2014, equation 8), which takes one product for each
//! step, as in cuDNN and PyTorch.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::ragged::Ragged;
use super::state::{Feed, State, add_fed, gather, give, given_on, input_gradient, states_before, turned};
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

/// Cache of a forward pass for the backward pass of a [`Gru`], time-major, for the N steps of B sequences.
#[derive(Clone, Debug)]
pub struct GruCache {
    layout: Ragged,
    x: Array2<f32>,      // [N, E]
    fed: Array2<f32>,    // [N, F]
    gates: Array2<f32>,  // r, z, n after their non-linearities: [N, 3H]
    reset: Array2<f32>,  // h U + b' of the candidate: [N, H]
    hidden: Array2<f32>, // [B + N, H], from the initial state on
}

impl GruCache {
    /// Returns the outputs of all steps: `[N, H]`.
    pub(super) fn outputs(&self) -> ArrayView2<'_, f32> {
        self.hidden.slice(s![self.layout.batch().., ..])
    }

    /// Returns the state of the sequences that have a step, numbered from 0, after it.
    pub(super) fn state(&self, step: usize) -> State {
        let rows = self.layout.range(step);
        let rows = s![self.layout.batch() + rows.start..self.layout.batch() + rows.end, ..];
        without_memory(self.hidden.slice(rows).to_owned())
    }

    /// Returns the states after all steps: `[N, H]`.
    pub(super) fn states(&self) -> State {
        without_memory(self.outputs().to_owned())
    }

    /// Returns the state of every sequence after its last step.
    pub(super) fn last(&self) -> State {
        without_memory(gather(self.hidden.view(), &self.layout.last()))
    }
}

fn without_memory(hidden: Array2<f32>) -> State {
    State { memory: Array2::zeros((hidden.nrows(), 0)), hidden }
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

    /// Computes `x W + b: [N, 3H]` by the first rows of W, as many as `x` has columns.
    fn project(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::affine(
            x,
            self.input.slice(s![..x.ncols(), ..]),
            self.bias.as_slice().expect("a bias is contiguous"),
        )
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

    /// Computes all steps of `x: [N, E]`, laid out as `layout` says, from the state `initial`; with a feed, `E + F` is the
    /// number of the layer's inputs.
    pub(super) fn forward(
        &self,
        x: Array2<f32>,
        layout: Ragged,
        initial: &State,
        mut feed: Option<&mut Feed<'_>>,
    ) -> GruCache {
        let (wide, rows, batch) = (self.dim().1, x.nrows(), layout.batch());
        let fed_weight = self.input.slice(s![x.ncols().., ..]);
        let mut fed = Array2::zeros((rows, fed_weight.nrows()));
        let mut gates = self.project(x.view());
        let mut hidden = Array2::zeros((rows + batch, wide));
        hidden.slice_mut(s![..batch, ..]).assign(&initial.hidden);
        let mut reset = Array2::zeros((rows, wide));
        for step in 0..layout.steps() {
            let here = layout.range(step);
            if feed.is_some() && step > 0 {
                add_fed(&fed, fed_weight, here.clone(), &mut gates);
            }
            let before = hidden.slice(s![layout.before(step), ..]);
            let (g, r, h) = self.advance(gates.slice(s![here.clone(), ..]).to_owned(), before);
            gates.slice_mut(s![here.clone(), ..]).assign(&g);
            reset.slice_mut(s![here.clone(), ..]).assign(&r);
            hidden.slice_mut(s![batch + here.start..batch + here.end, ..]).assign(&h);
            if let Some(feed) = &mut feed {
                give(feed(step, h.view()), &layout, step, &mut fed);
            }
        }
        GruCache { layout, x, fed, gates, reset, hidden }
    }

    /// Computes `d_x: [N, E]` and the gradient at the initial state from `d_hidden: [N, H]` and the gradient at the last
    /// states, and adds to `gradient`. With a feed, that gives the gradient at the outputs of each step instead.
    pub(super) fn backward(
        &self,
        cache: &GruCache,
        d_hidden: ArrayView2<'_, f32>,
        d_last: Option<&State>,
        mut feed: Option<&mut Feed<'_>>,
        gradient: &mut Self,
    ) -> (Array2<f32>, State) {
        let GruCache { layout, x, .. } = cache;
        let (wide, rows, inputs) = (self.dim().1, x.nrows(), x.ncols());
        let (fed_turned, turned) =
            (turned(self.input.slice(s![inputs.., ..])), turned(self.recurrent.view()));
        let mut d_gates = Array2::<f32>::zeros((rows, 3 * wide)); // gradient at x W + b
        let mut d_product = Array2::<f32>::zeros((rows, 3 * wide)); // gradient at h U
        // Gradient at h from the next step, or at the last state.
        let mut d_next = d_last.map_or_else(|| Array2::zeros((layout.batch(), wide)), |d| d.hidden.clone());
        for step in (0..layout.steps()).rev() {
            let here = layout.range(step);
            let fed =
                feed.as_mut().map(|feed| feed(step, given_on(&d_gates, layout, step, &fed_turned).view()));
            let d_out =
                fed.as_ref().map_or_else(|| d_hidden.slice(s![here.clone(), ..]), |array| array.view());
            for (b, (row, before)) in here.clone().zip(layout.before(step)).enumerate() {
                for j in 0..wide {
                    let (r, z, n) = (
                        cache.gates[[row, j]],
                        cache.gates[[row, wide + j]],
                        cache.gates[[row, 2 * wide + j]],
                    );
                    let before = cache.hidden[[before, j]];
                    let d_h = d_out[[b, j]] + d_next[[b, j]];
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
            let d_before = d_next.slice_mut(s![..here.len(), ..]);
            gemm::gemm(1.0, d_product.slice(s![here, ..]), turned.view(), 1.0, d_before);
        }
        input_gradient((x.view(), cache.fed.view()), d_gates.view(), gradient.input.view_mut());
        let before = states_before(&cache.hidden, layout);
        gemm::add_transposed_product(before.view(), d_product.view(), gradient.recurrent.view_mut());
        gradient.bias += &d_gates.sum_axis(Axis(0));
        gradient.reset_bias += &d_product.slice(s![.., 2 * wide..]).sum_axis(Axis(0));
        (gemm::matmul(d_gates.view(), self.input.slice(s![..inputs, ..]).t()), without_memory(d_next))
    }
}

impl_parameters!(Gru { "input": input, "recurrent": recurrent, "bias": bias, "reset-bias": reset_bias });
