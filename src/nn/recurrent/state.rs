//! State of a recurrent layer between two steps.

use ndarray::{Array2, ArrayView2, Axis, CowArray, Ix2, s};

use super::ragged::Ragged;

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

/// Returns the transpose of `weight: [H, G]` for a product at every step: a copy where each product would make one.
///
/// A small weight is not copied: products with it would be computed in another way, and so with other bits.
pub(super) fn turned(weight: ArrayView2<'_, f32>) -> CowArray<'_, f32, Ix2> {
    match weight.ncols() > 128 {
        true => weight.t().as_standard_layout().into_owned().into(),
        false => weight.reversed_axes().into(),
    }
}
