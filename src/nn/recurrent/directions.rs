//! A recurrent layer that reads sequences of different lengths in one direction or in both (Schuster and Paliwal, 1997).

use ndarray::{Array2, ArrayView2, s};

use super::ragged::Ragged;
use super::state::{State, gather};
use super::{CellKind, Recurrent, RecurrentCache};
use crate::nn::{Initializer, impl_parameters};
use crate::seed::Rng;

/// Recurrent layer over whole sequences. With two directions each has half of the H values, and outputs and states are
/// those of both side by side.
///
/// Sequences are given one below the other: the rows of a sequence follow each other, whatever the order of the lengths.
#[derive(Clone, Debug, PartialEq)]
pub struct Directions {
    forward: Recurrent,
    backward: Option<Recurrent>,
}

/// Cache of a forward pass for the backward pass of [`Directions`].
#[derive(Clone, Debug)]
pub struct DirectionsCache {
    /// Numbers of the sequences, longest first.
    order: Vec<usize>,
    /// Place of every computed row in the sequences, and the computed rows, of each direction.
    passes: Vec<(Vec<usize>, RecurrentCache)>,
}

impl Directions {
    /// Makes a layer of E `inputs` and H `hidden` values, which must be even for two directions.
    ///
    /// # Panics
    /// When H cannot be halved.
    pub fn new(
        kind: CellKind,
        (inputs, hidden): (usize, usize),
        bidirectional: bool,
        initializer: Initializer,
        rng: &mut Rng,
    ) -> Self {
        assert!(!bidirectional || hidden.is_multiple_of(2), "each direction has half of the values");
        let wide = if bidirectional { hidden / 2 } else { hidden };
        let forward = Recurrent::new(kind, inputs, wide, initializer, rng);
        let backward = bidirectional.then(|| Recurrent::new(kind, inputs, wide, initializer, rng));
        Self { forward, backward }
    }

    /// Reads sequences of `lengths: [B]` with the inputs `x: [N, E]`, and returns what backward needs, the outputs
    /// `[N, H]` and the states at the ends of the reading `[B, H]`.
    ///
    /// # Panics
    /// When a sequence is empty, or the lengths do not sum up to N.
    pub fn forward(
        &self,
        x: ArrayView2<'_, f32>,
        lengths: &[usize],
    ) -> (DirectionsCache, Array2<f32>, State) {
        assert_eq!(lengths.iter().sum::<usize>(), x.nrows(), "one row a step of a sequence");
        assert!(lengths.iter().all(|&length| length > 0), "sequences have a step");
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&sequence| std::cmp::Reverse(lengths[sequence]));
        let layout = Ragged::new(&order.iter().map(|&sequence| lengths[sequence]).collect::<Vec<_>>());
        let passes: Vec<_> = self
            .cells()
            .enumerate()
            .map(|(direction, cell)| {
                let places = places(&order, lengths, &layout, direction == 1);
                let initial = cell.start(lengths.len());
                let cache = cell.forward_from(gather(x, &places), layout.clone(), &initial, None);
                (places, cache)
            })
            .collect();
        let (outputs, last) = self.joined(&passes, &order, x.nrows());
        (DirectionsCache { order, passes }, outputs, last)
    }

    /// Computes `d_x: [N, E]` from the gradients at the outputs, `d_outputs: [N, H]`, and at the last states, and adds to
    /// `gradient`. Either gradient may be missing.
    pub fn backward(
        &self,
        cache: &DirectionsCache,
        d_outputs: Option<ArrayView2<'_, f32>>,
        d_last: Option<&State>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let mut d_x: Option<Array2<f32>> = None;
        let mut first = 0;
        let gradients = std::iter::once(&mut gradient.forward).chain(&mut gradient.backward);
        for ((cell, gradient), (places, pass)) in self.cells().zip(gradients).zip(&cache.passes) {
            let columns = first..first + cell.dim().1;
            first = columns.end;
            let part = |d: &Array2<f32>| match d.ncols() {
                0 => Array2::zeros((d.nrows(), 0)),
                _ => gather(d.slice(s![.., columns.clone()]), &cache.order),
            };
            let d_last = d_last.map(|d| State { hidden: part(&d.hidden), memory: part(&d.memory) });
            let d_hidden = match d_outputs {
                Some(d) => gather(d.slice(s![.., columns.clone()]), places),
                None => Array2::zeros((places.len(), cell.dim().1)),
            };
            let d_here = cell.backward_from(pass, d_hidden.view(), d_last.as_ref(), None, gradient).0;
            let d_x = d_x.get_or_insert_with(|| Array2::zeros(d_here.raw_dim()));
            for (&place, d) in places.iter().zip(d_here.rows()) {
                d_x.row_mut(place).zip_mut_with(&d, |into, d| *into += d);
            }
        }
        d_x.expect("there is a direction")
    }

    fn cells(&self) -> impl Iterator<Item = &Recurrent> {
        std::iter::once(&self.forward).chain(&self.backward)
    }

    /// Returns the outputs of all directions by the places of the sequences, and their last states.
    fn joined(
        &self,
        passes: &[(Vec<usize>, RecurrentCache)],
        order: &[usize],
        rows: usize,
    ) -> (Array2<f32>, State) {
        let wide: usize = self.cells().map(|cell| cell.dim().1).sum();
        let mut outputs = Array2::zeros((rows, wide));
        let mut hidden = Array2::zeros((order.len(), wide));
        let mut memory = Array2::zeros((order.len(), 0));
        let mut first = 0;
        for (places, cache) in passes {
            let columns = first..first + cache.hidden().ncols();
            first = columns.end;
            for (&place, h) in places.iter().zip(cache.hidden().rows()) {
                outputs.slice_mut(s![place, columns.clone()]).assign(&h);
            }
            let last = cache.last();
            if memory.ncols() == 0 && last.memory.ncols() > 0 {
                memory = Array2::zeros((order.len(), wide));
            }
            for (rank, &sequence) in order.iter().enumerate() {
                hidden.slice_mut(s![sequence, columns.clone()]).assign(&last.hidden.row(rank));
                if memory.ncols() > 0 {
                    memory.slice_mut(s![sequence, columns.clone()]).assign(&last.memory.row(rank));
                }
            }
        }
        (outputs, State { hidden, memory })
    }
}

/// Returns the place in the sequences of every row of `layout`, whose sequences are in `order`.
fn places(order: &[usize], lengths: &[usize], layout: &Ragged, backward: bool) -> Vec<usize> {
    let mut starts = vec![0; lengths.len()];
    for sequence in 1..lengths.len() {
        starts[sequence] = starts[sequence - 1] + lengths[sequence - 1];
    }
    let of_step = |step: usize| {
        let place =
            |&sequence: &usize| starts[sequence] + if backward { lengths[sequence] - 1 - step } else { step };
        order[..layout.range(step).len()].iter().map(place).collect::<Vec<_>>()
    };
    (0..layout.steps()).flat_map(of_step).collect()
}

impl_parameters!(Directions { "forward": forward, "backward": backward });
