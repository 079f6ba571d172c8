//! Layout of sequences of different lengths without padding.

use std::ops::Range;

/// Time-major layout of B sequences of different lengths, longest first: the rows of step t are those of the sequences
/// that have such a step, so nothing is computed for padding.
///
/// ```
/// use irgan::nn::Ragged;
///
/// let layout = Ragged::new(&[3, 1]); // step 0: rows 0 and 1; step 1: row 2; step 2: row 3
/// assert_eq!((layout.rows(), layout.steps(), layout.batch()), (4, 3, 2));
/// assert_eq!((layout.range(1), layout.row(2, 0)), (2..3, 3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ragged {
    lengths: Vec<usize>, // [B], non-increasing
    starts: Vec<usize>,  // [T + 1], first row of every step
}

impl Ragged {
    /// Makes the layout of sequences of `lengths: [B]`, in non-increasing order; a length may be 0.
    ///
    /// # Panics
    /// When a sequence is longer than the one before it.
    pub fn new(lengths: &[usize]) -> Self {
        assert!(lengths.is_sorted_by(|a, b| a >= b), "the longest sequence comes first");
        let mut starts = vec![0];
        let mut size = lengths.len();
        for step in 0..lengths.first().copied().unwrap_or(0) {
            while lengths[size - 1] <= step {
                size -= 1;
            }
            starts.push(starts[step] + size);
        }
        Self { lengths: lengths.to_vec(), starts }
    }

    /// Makes the layout of `batch` sequences of `steps` steps each.
    pub fn even(batch: usize, steps: usize) -> Self {
        Self { lengths: vec![steps; batch], starts: (0..=steps).map(|step| step * batch).collect() }
    }

    /// Returns the number of sequences, B.
    pub fn batch(&self) -> usize {
        self.lengths.len()
    }

    /// Returns the length of the longest sequence, T.
    pub fn steps(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the number of rows, the sum of all lengths.
    pub fn rows(&self) -> usize {
        self.starts[self.steps()]
    }

    /// Returns the lengths of the sequences: `[B]`.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Returns the rows of `step`: those of sequences 0, 1, ….
    pub fn range(&self, step: usize) -> Range<usize> {
        self.starts[step]..self.starts[step + 1]
    }

    /// Returns the row of `step` of `sequence`.
    pub fn row(&self, step: usize, sequence: usize) -> usize {
        debug_assert!(step < self.lengths[sequence], "a sequence has rows up to its end");
        self.starts[step] + sequence
    }

    /// Returns the rows that the steps' states before them have in an array of the B initial states and all later ones.
    pub(super) fn before(&self, step: usize) -> Range<usize> {
        let size = self.range(step).len();
        let start = if step == 0 { 0 } else { self.batch() + self.starts[step - 1] };
        start..start + size
    }

    /// Returns the rows of [`Ragged::before`] of every row; `None` when they are the first rows in order.
    pub(super) fn all_before(&self) -> Option<Vec<usize>> {
        let even = self.lengths.first() == self.lengths.last();
        (!even).then(|| (0..self.steps()).flat_map(|step| self.before(step)).collect())
    }

    /// Returns the row of every sequence's last state in an array of the B initial states and all later ones: `[B]`.
    pub(super) fn last(&self) -> Vec<usize> {
        let row = |(sequence, &length): (usize, &usize)| match length {
            0 => sequence,
            _ => self.batch() + self.row(length - 1, sequence),
        };
        self.lengths.iter().enumerate().map(row).collect()
    }
}
