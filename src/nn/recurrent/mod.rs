//! Recurrent layers: one step of a batch, or a batch of sequences unrolled over time.
//!
//! Sequences are time-major, so that a step is a contiguous block of rows: row `t · B + b` holds step t of sequence b, or,
//! for sequences of different lengths, [`Ragged`] says which. Letters: B batch, T time, N rows, E inputs, H hidden.

mod directions;
mod gru;
mod lstm;
mod ragged;
mod state;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

pub use directions::{Directions, DirectionsCache};
pub use gru::{Gru, GruCache};
pub use lstm::{Lstm, LstmCache};
pub use ragged::Ragged;
pub use state::{Feed, State};

use super::{Initializer, impl_parameters};
use crate::seed::Rng;

/// Kind of a recurrent layer.
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

/// Recurrent layer of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Recurrent {
    /// Long short-term memory.
    Lstm(Lstm),
    /// Gated recurrent unit.
    Gru(Gru),
}

/// Cache of a forward pass for the backward pass of a [`Recurrent`] layer.
#[derive(Clone, Debug)]
pub enum RecurrentCache {
    /// Cache of an LSTM.
    Lstm(LstmCache),
    /// Cache of a GRU.
    Gru(GruCache),
}

impl RecurrentCache {
    /// Returns the outputs of all steps: `[N, H]`.
    pub fn hidden(&self) -> ArrayView2<'_, f32> {
        match self {
            Self::Lstm(cache) => cache.outputs(),
            Self::Gru(cache) => cache.outputs(),
        }
    }

    /// Returns the state after a step, numbered from 0, of the sequences that have it.
    pub fn state(&self, step: usize) -> State {
        match self {
            Self::Lstm(cache) => cache.state(step),
            Self::Gru(cache) => cache.state(step),
        }
    }

    /// Returns the states after all steps, in the rows of their layout: `[N, H]`.
    pub fn states(&self) -> State {
        match self {
            Self::Lstm(cache) => cache.states(),
            Self::Gru(cache) => cache.states(),
        }
    }

    /// Returns the state of every sequence after its last step.
    pub fn last(&self) -> State {
        match self {
            Self::Lstm(cache) => cache.last(),
            Self::Gru(cache) => cache.last(),
        }
    }
}

impl Recurrent {
    /// Makes a layer of E `inputs` and H `hidden` values; biases start at 0.
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

    /// Returns the numbers of inputs and hidden values, `(E, H)`.
    pub fn dim(&self) -> (usize, usize) {
        match self {
            Self::Lstm(cell) => cell.dim(),
            Self::Gru(cell) => cell.dim(),
        }
    }

    /// Returns the state before the first step, all zeros, of `batch` sequences.
    pub fn start(&self, batch: usize) -> State {
        let hidden = self.dim().1;
        let memory = if matches!(self, Self::Lstm(_)) { hidden } else { 0 };
        State { hidden: Array2::zeros((batch, hidden)), memory: Array2::zeros((batch, memory)) }
    }

    /// Computes the state after one step from `x: [B, E]` and the state before it, without a cache.
    pub fn step(&self, x: ArrayView2<'_, f32>, state: &State) -> State {
        match self {
            Self::Lstm(cell) => cell.step(x, state),
            Self::Gru(cell) => cell.step(x, state),
        }
    }

    /// Computes all steps of `x: [T · B, E]`, time-major, from the zero state of `batch` sequences.
    pub fn forward(&self, x: Array2<f32>, batch: usize) -> RecurrentCache {
        assert!(batch > 0 && x.nrows().is_multiple_of(batch), "whole steps");
        let layout = Ragged::even(batch, x.nrows() / batch);
        self.forward_from(x, layout, &self.start(batch), None)
    }

    /// Computes all steps of `x: [N, E]`, laid out as `layout` says, from the state `initial` of its B sequences.
    ///
    /// With a `feed` the layer's inputs are those of `x` followed by what is fed.
    pub fn forward_from(
        &self,
        x: Array2<f32>,
        layout: Ragged,
        initial: &State,
        feed: Option<&mut Feed<'_>>,
    ) -> RecurrentCache {
        assert_eq!(x.nrows(), layout.rows(), "one row a step of a sequence");
        match self {
            Self::Lstm(cell) => RecurrentCache::Lstm(cell.forward(x, layout, initial, feed)),
            Self::Gru(cell) => RecurrentCache::Gru(cell.forward(x, layout, initial, feed)),
        }
    }

    /// Computes `d_x: [T · B, E]` from `d_hidden: [T · B, H]` and adds to `gradient`.
    pub fn backward(
        &self,
        cache: &RecurrentCache,
        d_hidden: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        self.backward_from(cache, d_hidden, None, None, gradient).0
    }

    /// Computes `d_x: [N, E]` and the gradient at the initial state, and adds to `gradient`.
    ///
    /// Takes the gradient at the outputs, `d_hidden: [N, H]`, and that at the last state of every sequence. With a `feed`,
    /// which gives the gradient at the outputs, `d_hidden` is not read.
    pub fn backward_from(
        &self,
        cache: &RecurrentCache,
        d_hidden: ArrayView2<'_, f32>,
        d_last: Option<&State>,
        feed: Option<&mut Feed<'_>>,
        gradient: &mut Self,
    ) -> (Array2<f32>, State) {
        match (self, cache, gradient) {
            (Self::Lstm(cell), RecurrentCache::Lstm(cache), Self::Lstm(gradient)) => {
                cell.backward(cache, d_hidden, d_last, feed, gradient)
            }
            (Self::Gru(cell), RecurrentCache::Gru(cache), Self::Gru(gradient)) => {
                cell.backward(cache, d_hidden, d_last, feed, gradient)
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
