//! State of a recurrent layer between two steps.

use ndarray::{Array2, ArrayView2, Axis, s};

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

/// Returns the rows of step `step` of a time-major array.
pub(super) fn at(array: &Array2<f32>, step: usize, batch: usize) -> ArrayView2<'_, f32> {
    array.slice(s![step * batch..(step + 1) * batch, ..])
}
