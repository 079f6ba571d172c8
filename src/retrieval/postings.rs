//! The postings of a query's terms in one field, over all segments, with the field's statistics.

use tantivy::Term;
use tantivy::postings::{BlockSegmentPostings, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;

use super::{Query, TextIndex};
use crate::error::Result;

/// One term in one field.
pub(super) struct TermStatistics {
    /// Its weight in the query.
    pub(super) weight: f32,
    /// Documents that have it.
    pub(super) documents: u64,
    /// Occurrences in all of them.
    pub(super) occurrences: u64,
    /// Where its postings are: `[segments]`.
    places: Vec<Option<TermInfo>>,
}

/// A query's terms in one field.
pub(super) struct FieldTerms<'a> {
    index: &'a TextIndex,
    pub(super) field: usize,
    pub(super) terms: Vec<TermStatistics>,
}

impl<'a> FieldTerms<'a> {
    /// Looks the terms of `query` up; those that the field does not have stay, with no documents.
    pub(super) fn look_up(index: &'a TextIndex, query: &Query, field: usize) -> Result<Self> {
        let unreadable = |cause: std::io::Error| index.unreadable(&cause);
        let mut terms = Vec::with_capacity(query.terms().len());
        for (text, &weight) in query.terms().iter().zip(query.weights()) {
            let term = Term::from_field_text(index.field(field), text);
            let mut found = TermStatistics { weight, documents: 0, occurrences: 0, places: vec![] };
            for (number, segment) in index.segments.iter().enumerate() {
                let inverted = &segment.inverted[field];
                let info = inverted.get_term_info(&term).map_err(unreadable)?;
                if let Some(info) = &info {
                    found.documents += u64::from(info.doc_freq);
                    let ordinal =
                        inverted.terms().term_ord(term.serialized_value_bytes()).map_err(unreadable)?;
                    let occurrences = index.statistics().occurrences(number, field);
                    let count = ordinal.and_then(|ordinal| occurrences.get(ordinal as usize));
                    found.occurrences += u64::from(*count.unwrap_or(&0));
                }
                found.places.push(info);
            }
            terms.push(found);
        }
        Ok(Self { index, field, terms })
    }

    /// The blocks of a term's postings in a segment.
    pub(super) fn blocks(&self, term: usize, segment: usize) -> Result<Option<BlockSegmentPostings>> {
        let Some(info) = &self.terms[term].places[segment] else { return Ok(None) };
        let inverted = &self.index.segments[segment].inverted[self.field];
        let postings = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs);
        postings.map(Some).map_err(|cause| self.index.unreadable(&cause))
    }

    /// A term's postings in a segment, for seeking, with positions when asked for.
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
