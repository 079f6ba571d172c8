//! An index that is open for reading.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::schema::{Field, Value as _};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{DocAddress, InvertedIndexReader, Searcher, TantivyDocument, Term};

use super::Language;
use super::builder::{ANALYZER, Fields, failed};
use super::header::{Header, SEGMENTS, STATISTICS, damaged};
use super::statistics::Statistics;
use crate::error::{Error, Result};

/// Indexes up to this size have all their check sums verified when they are opened.
const VERIFIED: u64 = 1 << 28;

/// The name under which all texts of a document together are known.
pub(super) const ALL: &str = "all";

/// A text index: documents numbered from 0 through its segments.
pub struct TextIndex {
    folder: PathBuf,
    header: Header,
    searcher: Searcher,
    statistics: Statistics,
    analyzer: TextAnalyzer,
    fields: Fields,
    pub(super) segments: Vec<Segment>,
}

/// A part of the index.
pub(super) struct Segment {
    /// The number of its first document.
    pub(super) base: u32,
    /// The number of its documents.
    pub(super) documents: u32,
    /// The postings of every searchable field.
    pub(super) inverted: Vec<Arc<InvertedIndexReader>>,
}

impl TextIndex {
    /// Opens the index in `folder`.
    ///
    /// # Errors
    /// When it is no index of this version, or a file is missing, cut or (up to 256 MiB) damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let header = Header::read(folder)?;
        let failed = |cause: tantivy::TantivyError| failed(folder, &cause);
        let verified = header.size() <= VERIFIED;
        let path = folder.join(STATISTICS);
        let statistics = Statistics::open(&path, verified.then_some(header.checksum))?;
        let index = tantivy::Index::open_in_dir(folder.join(SEGMENTS)).map_err(failed)?;
        if verified {
            let mut wrong: Vec<_> = index.validate_checksum().map_err(failed)?.into_iter().collect();
            wrong.sort();
            if let Some(file) = wrong.first() {
                return Err(damaged(&folder.join(SEGMENTS).join(file), "its check sum is wrong"));
            }
        }
        let (schema, fields) = Fields::schema(header.fields.len());
        if index.schema() != schema {
            return Err(Error::data(folder, "its fields are not those it tells of; make the index again"));
        }
        index.tokenizers().register(ANALYZER, header.language.analyzer());
        let searcher = index.reader().map_err(failed)?.searcher();
        let found: Vec<_> = searcher.segment_readers().iter().map(|s| s.segment_id().uuid_string()).collect();
        let documents: u32 = searcher.segment_readers().iter().map(|s| s.max_doc()).sum();
        if found != header.segments || documents as usize != statistics.documents() {
            return Err(Error::data(folder, "its segments are not those it tells of; make the index again"));
        }
        let mut segments = vec![];
        let mut base = 0;
        for reader in searcher.segment_readers() {
            let inverted = fields.searchable().into_iter().map(|field| reader.inverted_index(field));
            let inverted = inverted.collect::<tantivy::Result<_>>().map_err(failed)?;
            segments.push(Segment { base, documents: reader.max_doc(), inverted });
            base += reader.max_doc();
        }
        let analyzer = header.language.analyzer();
        Ok(Self { folder: folder.to_owned(), header, searcher, statistics, analyzer, fields, segments })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How its texts became terms.
    pub fn language(&self) -> Language {
        self.header.language
    }

    /// Number of documents, N.
    pub fn documents(&self) -> usize {
        self.statistics.documents()
    }

    /// The names of what can be searched: `all` texts together first, when there are several fields.
    pub fn fields(&self) -> Vec<&str> {
        let all = self.fields.all.map(|_| ALL);
        all.into_iter().chain(self.header.fields.iter().map(String::as_str)).collect()
    }

    /// The id of a document.
    pub fn id(&self, document: u32) -> &str {
        self.statistics.id(document)
    }

    /// The document with an id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.statistics.find(id)
    }

    /// The document at `place` when all are sorted by their ids.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn in_order_of_ids(&self, place: usize) -> u32 {
        self.statistics.in_order_of_ids(place)
    }

    /// The named fields' texts of a document, in their order; empty where it has none.
    pub fn texts(&self, document: u32) -> Result<Vec<(&str, String)>> {
        let (segment, local) = self.address(document);
        let address = DocAddress::new(segment as u32, local);
        let stored: TantivyDocument =
            self.searcher.doc(address).map_err(|cause| failed(&self.folder, &cause))?;
        let text = |field: Field| -> String {
            let texts: Vec<_> = stored.get_all(field).filter_map(|value| value.as_str()).collect();
            texts.join(" ")
        };
        Ok(self
            .header
            .fields
            .iter()
            .zip(&self.fields.named)
            .map(|(name, &field)| (name.as_str(), text(field)))
            .collect())
    }

    /// The segment of a document, and its number there.
    pub(super) fn address(&self, document: u32) -> (usize, u32) {
        let segment = self.segments.partition_point(|segment| segment.base <= document) - 1;
        (segment, document - self.segments[segment].base)
    }

    pub(super) fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// A copy of the analyser, which every thread needs for itself.
    pub(super) fn analyzer(&self) -> TextAnalyzer {
        self.analyzer.clone()
    }

    /// The tantivy field of a searchable field.
    pub(super) fn field(&self, field: usize) -> Field {
        self.fields.searchable()[field]
    }

    /// Number of documents that have `term` in any of their texts.
    pub(super) fn having(&self, term: &str) -> Result<u64> {
        let term = Term::from_field_text(self.field(0), term);
        let frequency = |segment: &Segment| segment.inverted[0].doc_freq(&term);
        let frequencies = self.segments.iter().map(|segment| frequency(segment).map(u64::from));
        frequencies.sum::<std::io::Result<u64>>().map_err(|cause| self.unreadable(&cause))
    }

    /// Mean number of terms in a field.
    pub(super) fn average_length(&self, field: usize) -> f32 {
        (self.statistics.tokens(field) as f64 / self.documents().max(1) as f64) as f32
    }

    /// An error while reading the index.
    pub(super) fn unreadable(&self, cause: &dyn std::fmt::Display) -> Error {
        damaged(&self.folder, cause)
    }
}

impl std::fmt::Debug for TextIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextIndex")
            .field("folder", &self.folder)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
