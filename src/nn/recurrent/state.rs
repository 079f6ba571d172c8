//! State of a recurrent layer between two steps.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, CowArray, Ix2, s};

use super::ragged::Ragged;
use crate::math::gemm;

/// Input feeding: called for every step in the order of a pass.
///
/// Forward it takes the number of a step and its outputs, `[rows of the step, H]`, and returns what the step feeds into the
/// next one beside the inputs, `[rows of the step, F]`; nothing is fed into step 0 (zeros). Backward it takes the gradient at
/// what the step fed, `[rows of the next step, F]`, and returns the whole gradient at the step's outputs.
pub type Feed<'a> = dyn FnMut(usize, ArrayView2<'_, f32>) -> Array2<f32> + 'a;

/// State that a recurrent layer carries from step to step, for a batch of sequences.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Output h: `[B, H]`.
    pub hidden: Array2<f32>,
    /// Memory c of an LSTM: `[B, H]`; `[B, 0]` for a GRU.
    pub memory: Array2<f32>,
}

impl State {
    /// Returns the state of the sequences at `rows`.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self { hidden: self.hidden.select(Axis(0), rows), memory: self.memory.select(Axis(0), rows) }
    }

    /// Returns the number of sequences, B.
    pub fn batch(&self) -> usize {
        self.hidden.nrows()
    }

    /// Appends the sequences of `other`.
    ///
    /// # Panics
    /// When the widths differ.
    pub fn append(&mut self, other: &Self) {
        self.hidden.append(Axis(0), other.hidden.view()).expect("states have one width");
        self.memory.append(Axis(0), other.memory.view()).expect("states have one width");
    }
}

/// Returns the rows of `array: [M, H]` at `rows: [N]`: `[N, H]`.
pub(super) fn gather(array: ArrayView2<'_, f32>, rows: &[usize]) -> Array2<f32> {
    let wide = array.ncols();
    let mut out = Vec::with_capacity(rows.len() * wide);
    rows.iter()
        .for_each(|&row| out.extend_from_slice(array.row(row).to_slice().expect("rows are contiguous")));
    Array2::from_shape_vec((rows.len(), wide), out).expect("one row an index")
}

/// Writes what the outputs of `step` feed, `given: [rows of the step, F]`, into the rows of the next step of `fed: [N, F]`.
pub(super) fn give(given: Array2<f32>, layout: &Ragged, step: usize, fed: &mut Array2<f32>) {
    if step + 1 < layout.steps() {
        let next = layout.range(step + 1);
        let count = next.len();
        fed.slice_mut(s![next, ..]).assign(&given.slice(s![..count, ..]));
    }
}

/// Adds what was fed into the rows `here` of a step, by its `weight: [F, G]`, to the gates of the step.
pub(super) fn add_fed(
    fed: &Array2<f32>,
    weight: ArrayView2<'_, f32>,
    here: Range<usize>,
    gates: &mut Array2<f32>,
) {
    gemm::gemm(1.0, fed.slice(s![here.clone(), ..]), weight, 1.0, gates.slice_mut(s![here, ..]));
}

/// Returns the gradient at what `step` fed, `[rows of the next step, F]`, from that at the gates, `d_gates: [N, G]`, and the
/// transpose of the weight of what is fed.
pub(super) fn given_on(
    d_gates: &Array2<f32>,
    layout: &Ragged,
    step: usize,
    turned: &CowArray<'_, f32, Ix2>,
) -> Array2<f32> {
    let later = if step + 1 < layout.steps() { layout.range(step + 1) } else { 0..0 };
    gemm::matmul(d_gates.slice(s![later, ..]), turned.view())
}

/// Adds the gradient at the weight of inputs `[N, E]` and of what was fed `[N, F]` to `gradient: [E + F, G]`.
pub(super) fn input_gradient(
    (x, fed): (ArrayView2<'_, f32>, ArrayView2<'_, f32>),
    d_gates: ArrayView2<'_, f32>,
    gradient: ArrayViewMut2<'_, f32>,
) {
    let (d_input, d_fed) = gradient.split_at(Axis(0), x.ncols());
    gemm::add_transposed_product(x, d_gates, d_input);
    if !d_fed.is_empty() {
        gemm::add_transposed_product(fed, d_gates, d_fed);
    }
}

/// Returns the state before every row, `[N, H]`, of states from the B initial ones on: `[B + N, H]`.
pub(super) fn states_before<'a>(states: &'a Array2<f32>, layout: &Ragged) -> CowArray<'a, f32, Ix2> {
    match layout.all_before() {
        Some(rows) => gather(states.view(), &rows).into(),
        None => states.slice(s![..layout.rows(), ..]).into(),
    }
}

/// Returns the transpose of `weight: [H, G]` for a product at every step: a copy where each product would make one.
///
/// A small weight is not copied: products with it would be computed in another way, and so with other bits.
pub(super) fn turned(weight: ArrayView2<'_, f32>) -> CowArray<'_, f32, Ix2> {
    match weight.ncols() > 128 {
        true => weight.t().as_standard_layout().into_owned().into(),
        false => weight.reversed_axes().into(),
    }
}
