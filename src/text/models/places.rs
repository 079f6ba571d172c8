//! Places of tokens in a batch of sentences.

use ndarray::{ArrayView2, s};

use crate::data::sentences::Sequences;

/// Returns the columns up to the longest sentence's end.
pub(in crate::text) fn trimmed(sentences: &Sequences) -> ArrayView2<'_, u32> {
    sentences.tokens().slice_move(s![.., ..longest(sentences)])
}

/// Returns (sentence, step) of every token, ordered by step and then by sentence.
pub(in crate::text) fn places(sentences: &Sequences) -> Vec<(usize, usize)> {
    let rows = |step: usize| {
        let lengths = sentences.lengths().iter().enumerate();
        lengths.filter(move |&(_, &length)| step < length as usize).map(move |(row, _)| (row, step))
    };
    (0..longest(sentences)).flat_map(rows).collect()
}

/// Returns the rows of `places` in a time-major array of `batch` sentences.
pub(super) fn time_major(places: &[(usize, usize)], batch: usize) -> Vec<usize> {
    places.iter().map(|&(row, step)| step * batch + row).collect()
}

fn longest(sentences: &Sequences) -> usize {
    sentences.lengths().iter().max().map_or(0, |&length| length as usize)
}
