//! Answers of a batch as a decoder reads them.

use ndarray::ArrayView2;

use crate::nn::Ragged;

/// Answers, longest first, and the token that is read before each of theirs.
pub(super) struct Answers {
    /// Number of every answer in the batch: `[B]`.
    pub order: Vec<usize>,
    /// Rows of their steps.
    pub layout: Ragged,
    /// Token that is read in every row: the start token, then the answer but its last.
    pub inputs: Vec<u32>,
    /// Place (answer, step) of every row.
    pub places: Vec<(usize, usize)>,
}

impl Answers {
    /// Arranges the answers `tokens: [B, T]` of `lengths: [B]` tokens after `start`.
    pub fn new(tokens: ArrayView2<'_, u32>, lengths: &[usize], start: u32) -> Self {
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&answer| std::cmp::Reverse(lengths[answer]));
        let layout = Ragged::new(&order.iter().map(|&answer| lengths[answer]).collect::<Vec<_>>());
        let place = |step| order[..layout.range(step).len()].iter().map(move |&answer| (answer, step));
        let places: Vec<_> = (0..layout.steps()).flat_map(place).collect();
        let input = |&(answer, step): &(usize, usize)| match step {
            0 => start,
            _ => tokens[[answer, step - 1]],
        };
        let inputs = places.iter().map(input).collect();
        Self { order, layout, inputs, places }
    }
}
