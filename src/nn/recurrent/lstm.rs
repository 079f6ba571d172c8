//! Long short-term memory: `i, f, o = σ(x W + h U + b)`, `c̃ = tanh(x W + h U + b)`, `c ← f c + i c̃`, `h ← o tanh(c)`.
//!
//! The four blocks of every matrix are in the order i, f, o, c̃.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::ragged::Ragged;
use super::state::{Feed, State, add_fed, gather, give, given_on, input_gradient, states_before, turned};
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

/// Cache of a forward pass for the backward pass of an [`Lstm`], time-major, for the N steps of B sequences.
#[derive(Clone, Debug)]
pub struct LstmCache {
    layout: Ragged,
    x: Array2<f32>,        // [N, E]
    fed: Array2<f32>,      // [N, F]
    gates: Array2<f32>,    // [N, 4H], after their non-linearities
    hidden: Array2<f32>,   // [B + N, H], from the initial state on
    memory: Array2<f32>,   // [B + N, H], from the initial state on
    squashed: Array2<f32>, // tanh c: [N, H]
}

impl LstmCache {
    /// Returns the outputs of all steps: `[N, H]`.
    pub(super) fn outputs(&self) -> ArrayView2<'_, f32> {
        self.hidden.slice(s![self.layout.batch().., ..])
    }

    /// Returns the state of the sequences that have a step, numbered from 0, after it.
    pub(super) fn state(&self, step: usize) -> State {
        let rows = self.layout.range(step);
        let rows = s![self.layout.batch() + rows.start..self.layout.batch() + rows.end, ..];
        State { hidden: self.hidden.slice(rows).to_owned(), memory: self.memory.slice(rows).to_owned() }
    }

    /// Returns the states after all steps: `[N, H]`.
    pub(super) fn states(&self) -> State {
        State {
            hidden: self.outputs().to_owned(),
            memory: self.memory.slice(s![self.layout.batch().., ..]).to_owned(),
        }
    }

    /// Returns the state of every sequence after its last step.
    pub(super) fn last(&self) -> State {
        let rows = self.layout.last();
        State { hidden: gather(self.hidden.view(), &rows), memory: gather(self.memory.view(), &rows) }
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

    /// Computes `x W + b: [N, 4H]` by the first rows of W, as many as `x` has columns.
    fn project(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let weight = self.input.slice(s![..x.ncols(), ..]);
        gemm::affine(x, weight, self.bias.as_slice().expect("a bias is contiguous"))
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

    /// Computes all steps of `x: [N, E]`, laid out as `layout` says, from the state `initial`; with a feed, `E + F` is the
    /// number of the layer's inputs.
    pub(super) fn forward(
        &self,
        x: Array2<f32>,
        layout: Ragged,
        initial: &State,
        mut feed: Option<&mut Feed<'_>>,
    ) -> LstmCache {
        let (wide, rows, batch) = (self.dim().1, x.nrows(), layout.batch());
        let fed_weight = self.input.slice(s![x.ncols().., ..]);
        let mut fed = Array2::zeros((rows, fed_weight.nrows()));
        let mut gates = self.project(x.view());
        let mut hidden = Array2::zeros((rows + batch, wide));
        let mut memory = Array2::zeros((rows + batch, wide));
        hidden.slice_mut(s![..batch, ..]).assign(&initial.hidden);
        memory.slice_mut(s![..batch, ..]).assign(&initial.memory);
        let mut squashed = Array2::zeros((rows, wide));
        for step in 0..layout.steps() {
            let (here, before) = (layout.range(step), layout.before(step));
            let past = hidden.slice(s![before.clone(), ..]).to_owned();
            gemm::gemm(1.0, past.view(), self.recurrent.view(), 1.0, gates.slice_mut(s![here.clone(), ..]));
            if feed.is_some() && step > 0 {
                add_fed(&fed, fed_weight, here.clone(), &mut gates);
            }
            for (row, before) in here.clone().zip(before) {
                let mut gates = gates.row_mut(row);
                let gates = gates.as_slice_mut().expect("rows are contiguous");
                activate(gates, wide);
                let all = memory.as_slice_mut().expect("a fresh array is contiguous");
                let (past, future) = all.split_at_mut((row + batch) * wide);
                let memory = &mut future[..wide];
                memory.copy_from_slice(&past[before * wide..][..wide]);
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
            if let Some(feed) = &mut feed {
                let outputs = hidden.slice(s![batch + here.start..batch + here.end, ..]);
                give(feed(step, outputs), &layout, step, &mut fed);
            }
        }
        LstmCache { layout, x, fed, gates, hidden, memory, squashed }
    }

    /// Computes `d_x: [N, E]` and the gradient at the initial state from `d_hidden: [N, H]` and the gradient at the last
    /// states, and adds to `gradient`. With a feed, that gives the gradient at the outputs of each step instead.
    pub(super) fn backward(
        &self,
        cache: &LstmCache,
        d_hidden: ArrayView2<'_, f32>,
        d_last: Option<&State>,
        mut feed: Option<&mut Feed<'_>>,
        gradient: &mut Self,
    ) -> (Array2<f32>, State) {
        let LstmCache { layout, x, .. } = cache;
        let (wide, rows, inputs) = (self.dim().1, x.nrows(), x.ncols());
        let (fed_turned, turned) =
            (turned(self.input.slice(s![inputs.., ..])), turned(self.recurrent.view()));
        let mut d_gates = Array2::zeros((rows, 4 * wide));
        // Gradient from the next step, or at the last state.
        let mut next = d_last.cloned().unwrap_or_else(|| zeros(layout.batch(), wide));
        for step in (0..layout.steps()).rev() {
            let here = layout.range(step);
            let fed =
                feed.as_mut().map(|feed| feed(step, given_on(&d_gates, layout, step, &fed_turned).view()));
            let d_out =
                fed.as_ref().map_or_else(|| d_hidden.slice(s![here.clone(), ..]), |array| array.view());
            self.step_backward(cache, step, d_out, &mut d_gates, &mut next);
            let d_h = next.hidden.slice_mut(s![..here.len(), ..]);
            gemm::gemm(1.0, d_gates.slice(s![here, ..]), turned.view(), 0.0, d_h);
        }
        input_gradient((x.view(), cache.fed.view()), d_gates.view(), gradient.input.view_mut());
        let before = states_before(&cache.hidden, layout);
        gemm::add_transposed_product(before.view(), d_gates.view(), gradient.recurrent.view_mut());
        gradient.bias += &d_gates.sum_axis(Axis(0));
        (gemm::matmul(d_gates.view(), self.input.slice(s![..inputs, ..]).t()), next)
    }

    /// Writes the gradient at the gates of one step into `d_gates: [N, 4H]` and that at the memory before it into `next`.
    fn step_backward(
        &self,
        cache: &LstmCache,
        step: usize,
        d_out: ArrayView2<'_, f32>,
        d_gates: &mut Array2<f32>,
        next: &mut State,
    ) {
        let wide = self.dim().1;
        let rows = cache.layout.range(step).zip(cache.layout.before(step));
        for (b, (row, before)) in rows.enumerate() {
            let gates = cache.gates.row(row);
            let gates = gates.as_slice().expect("rows are contiguous");
            let (i, f) = (&gates[..wide], &gates[wide..2 * wide]);
            let (o, candidate) = (&gates[2 * wide..3 * wide], &gates[3 * wide..]);
            let squashed = cache.squashed.row(row);
            let squashed = squashed.as_slice().expect("rows are contiguous");
            let before = cache.memory.row(before);
            let before = before.as_slice().expect("rows are contiguous");
            let d_out = d_out.row(b);
            let mut d_gates = d_gates.row_mut(row);
            let d_gates = d_gates.as_slice_mut().expect("rows are contiguous");
            let (d_i, rest) = d_gates.split_at_mut(wide);
            let (d_f, rest) = rest.split_at_mut(wide);
            let (d_o, d_candidate) = rest.split_at_mut(wide);
            let mut d_c = next.memory.row_mut(b);
            let d_c = d_c.as_slice_mut().expect("rows are contiguous");
            let d_h = next.hidden.row(b);
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
    }
}

fn zeros(batch: usize, wide: usize) -> State {
    State { hidden: Array2::zeros((batch, wide)), memory: Array2::zeros((batch, wide)) }
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
