//! Ids and scores that come from memory: ids stand one behind the other, as judgements and runs keep those of a file.

use std::ops::Range;

/// Bytes of all ids.
#[derive(Default)]
pub(super) struct Ids {
    pub(super) bytes: Vec<u8>,
}

impl Ids {
    /// Appends an id and returns its place.
    pub(super) fn push(&mut self, id: &str) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(id.as_bytes());
        start..self.bytes.len()
    }
}

/// Places of the ids of one query and its documents, with the scores and the hashes of these.
pub(super) struct QueryScores {
    pub(super) id: Range<usize>,
    pub(super) documents: Vec<(Range<usize>, f64, u64)>,
}
