//! Postings and statistics of the terms of a query in one field, over all segments.

use tantivy::Term;
use tantivy::postings::{BlockSegmentPostings, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;

use super::{TextIndex, WeightedQuery};
use crate::error::Result;

/// Statistics of one term of a query in one field.
pub(super) struct TermStatistics {
    /// Weight of the term in the query.
    pub(super) weight: f32,
    /// Number of documents with the term.
    pub(super) documents: u64,
    /// Number of occurrences in all documents.
    pub(super) occurrences: u64,
    /// Location of the postings in every segment: `[segments]`.
    places: Vec<Option<TermInfo>>,
}

/// Terms of a query, looked up in one field.
pub(super) struct FieldTerms<'a> {
    index: &'a TextIndex,
    pub(super) field: usize,
    pub(super) terms: Vec<TermStatistics>,
}

impl<'a> FieldTerms<'a> {
    /// Looks up the terms of `query`. A term that the field lacks is kept, with 0 documents.
    pub(super) fn look_up(index: &'a TextIndex, query: &WeightedQuery, field: usize) -> Result<Self> {
        let unreadable = |cause: std::io::Error| index.unreadable(&cause);
        let mut terms = Vec::with_capacity(query.terms().len());
        for (text, &weight) in query.terms().iter().zip(query.weights()) {
            let term = Term::from_field_text(index.field(field), text);
            let mut found = TermStatistics { weight, documents: 0, occurrences: 0, places: vec![] };
            for segment in &index.segments {
                let inverted = &segment.inverted[field];
                let info = inverted.get_term_info(&term).map_err(unreadable)?;
                if let Some(info) = &info {
                    found.documents += u64::from(info.doc_freq);
                    let ordinal =
                        inverted.terms().term_ord(term.serialized_value_bytes()).map_err(unreadable)?;
                    let occurrences = index.occurrences(segment, field);
                    let count = ordinal.and_then(|ordinal| occurrences.get(ordinal as usize));
                    found.occurrences += u64::from(*count.unwrap_or(&0));
                }
                found.places.push(info);
            }
            terms.push(found);
        }
        Ok(Self { index, field, terms })
    }

    /// Returns the documents and the occurrences of every term, of the open shards: `[2 · terms]`.
    pub(super) fn counts(&self) -> impl Iterator<Item = u64> {
        self.terms.iter().flat_map(|term| [term.documents, term.occurrences])
    }

    /// Takes the counts of the whole index for those of the open shards: `[2 · terms]`.
    pub(super) fn set_counts(&mut self, counts: &[u64]) {
        assert_eq!(counts.len(), 2 * self.terms.len(), "two counts a term");
        for (term, counts) in self.terms.iter_mut().zip(counts.chunks_exact(2)) {
            (term.documents, term.occurrences) = (counts[0], counts[1]);
        }
    }

    /// Returns the postings of a term in a segment for reading in blocks; `None` when there are none.
    pub(super) fn blocks(&self, term: usize, segment: usize) -> Result<Option<BlockSegmentPostings>> {
        let Some(info) = &self.terms[term].places[segment] else { return Ok(None) };
        let inverted = &self.index.segments[segment].inverted[self.field];
        let postings = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs);
        postings.map(Some).map_err(|cause| self.index.unreadable(&cause))
    }

    /// Returns the postings of a term in a segment for seeking, with positions if asked for; `None` when there are none.
    pub(super) fn postings(
        &self,
        term: usize,
        segment: usize,
        positions: bool,
    ) -> Result<Option<SegmentPostings>> {
        let Some(info) = &self.terms[term].places[segment] else { return Ok(None) };
        let option =
            if positions { IndexRecordOption::WithFreqsAndPositions } else { IndexRecordOption::WithFreqs };
        let inverted = &self.index.segments[segment].inverted[self.field];
        inverted
            .read_postings_from_terminfo(info, option)
            .map(Some)
            .map_err(|cause| self.index.unreadable(&cause))
    }
}
