//! Recurrent layers: one step of a batch, or a whole batch of sequences unrolled over time.
//!
//! Sequences are time-major: row `t · B + b` holds step t of sequence b, so that a step is a
//! contiguous block of rows. Letters: B batch, T time, E inputs, H hidden.

mod gru;
mod lstm;

use ndarray::{Array2, ArrayView2, s};
use serde::{Deserialize, Serialize};

pub use gru::{Gru, GruCache};
pub use lstm::{Lstm, LstmCache};

use super::{Initializer, impl_parameters};
use crate::seed::Rng;

/// Which recurrent layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum CellKind {
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997; with a forget gate, Gers et al., 2000).
    #[default]
    Lstm,
    /// Gated recurrent unit (Cho et al., 2014).
    Gru,
}

/// What a recurrent layer carries from step to step, for a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The output h: `[B, H]`.
    pub hidden: Array2<f32>,
    /// The memory c of an LSTM: `[B, H]`; `[B, 0]` for a GRU.
    pub memory: Array2<f32>,
}

impl State {
    /// The state of the sequences at `rows`.
    pub fn select(&self, rows: &[usize]) -> Self {
        let axis = ndarray::Axis(0);
        Self { hidden: self.hidden.select(axis, rows), memory: self.memory.select(axis, rows) }
    }

    /// Number of sequences, B.
    pub fn batch(&self) -> usize {
        self.hidden.nrows()
    }

    /// Appends the sequences of `other`.
    pub fn append(&mut self, other: &Self) {
        let axis = ndarray::Axis(0);
        self.hidden.append(axis, other.hidden.view()).expect("states have one width");
        self.memory.append(axis, other.memory.view()).expect("states have one width");
    }
}

/// A recurrent layer of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Recurrent {
    /// Long short-term memory.
    Lstm(Lstm),
    /// Gated recurrent unit.
    Gru(Gru),
}

/// What the backward pass of an unrolled layer needs.
#[derive(Clone, Debug)]
pub enum RecurrentCache {
    /// Of an LSTM.
    Lstm(LstmCache),
    /// Of a GRU.
    Gru(GruCache),
}

impl RecurrentCache {
    /// The outputs of all steps: `[T · B, H]`.
    pub fn hidden(&self) -> ArrayView2<'_, f32> {
        match self {
            Self::Lstm(cache) => cache.outputs(),
            Self::Gru(cache) => cache.outputs(),
        }
    }

    /// The state after step `step` (from 0).
    pub fn state(&self, step: usize) -> State {
        match self {
            Self::Lstm(cache) => cache.state(step),
            Self::Gru(cache) => cache.state(step),
        }
    }
}

impl Recurrent {
    /// A layer of E `inputs` and H `hidden` values; biases start at 0.
    pub fn new(
        kind: CellKind,
        inputs: usize,
        hidden: usize,
        initializer: Initializer,
        rng: &mut Rng,
    ) -> Self {
        match kind {
            CellKind::Lstm => Self::Lstm(Lstm::new(inputs, hidden, initializer, rng)),
            CellKind::Gru => Self::Gru(Gru::new(inputs, hidden, initializer, rng)),
        }
    }

    /// Inputs and hidden values: `(E, H)`.
    pub fn dim(&self) -> (usize, usize) {
        match self {
            Self::Lstm(cell) => cell.dim(),
            Self::Gru(cell) => cell.dim(),
        }
    }

    /// The state before the first step: zeros.
    pub fn start(&self, batch: usize) -> State {
        let hidden = self.dim().1;
        let memory = if matches!(self, Self::Lstm(_)) { hidden } else { 0 };
        State { hidden: Array2::zeros((batch, hidden)), memory: Array2::zeros((batch, memory)) }
    }

    /// One step without a cache: `x: [B, E]` and the state before it give the state after it.
    pub fn step(&self, x: ArrayView2<'_, f32>, state: &State) -> State {
        match self {
            Self::Lstm(cell) => cell.step(x, state),
            Self::Gru(cell) => cell.step(x, state),
        }
    }

    /// All steps from the zero state: `x: [T · B, E]`, time-major, in batches of `batch`.
    pub fn forward(&self, x: Array2<f32>, batch: usize) -> RecurrentCache {
        match self {
            Self::Lstm(cell) => RecurrentCache::Lstm(cell.forward(x, batch)),
            Self::Gru(cell) => RecurrentCache::Gru(cell.forward(x, batch)),
        }
    }

    /// `d_hidden: [T · B, H]` gives `d_x: [T · B, E]`; adds to `gradient`.
    pub fn backward(
        &self,
        cache: &RecurrentCache,
        d_hidden: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        match (self, cache, gradient) {
            (Self::Lstm(cell), RecurrentCache::Lstm(cache), Self::Lstm(gradient)) => {
                cell.backward(cache, d_hidden, gradient)
            }
            (Self::Gru(cell), RecurrentCache::Gru(cache), Self::Gru(gradient)) => {
                cell.backward(cache, d_hidden, gradient)
            }
            _ => unreachable!("cache and gradient are of the layer's kind"),
        }
    }
}

impl_parameters!(
    enum Recurrent {
        Lstm,
        Gru,
    }
);

/// The rows of step `step` of a time-major array.
fn at<'a>(array: &'a Array2<f32>, step: usize, batch: usize) -> ArrayView2<'a, f32> {
    array.slice(s![step * batch..(step + 1) * batch, ..])
}
