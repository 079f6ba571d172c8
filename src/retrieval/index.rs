//! Text index that is open for reading.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::schema::{Field, Value as _};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{DocAddress, IndexReader, InvertedIndexReader, ReloadPolicy, Searcher, TantivyDocument, Term};

use super::Language;
use super::builder::{ANALYZER, Fields, failed};
use super::header::{Header, STATISTICS, damaged};
use super::seal::CheckSums;
use super::sealed::SealedDirectory;
use super::statistics::Statistics;
use crate::error::{Error, Result};
use crate::files::bytes::open_map;

/// Size in bytes up to which an index has all its check sums verified on opening; those of larger ones are verified block
/// by block, before the first use of each.
const VERIFIED: u64 = 1 << 28;

/// Name of the searchable field of all texts together.
pub(super) const ALL: &str = "all";

/// Text index, open for reading, whose documents are numbered from 0 through all segments.
///
/// Made by [`build`](super::build()), where an example shows it opened and searched.
pub struct TextIndex {
    folder: PathBuf,
    header: Header,
    searcher: Searcher,
    statistics: Statistics,
    analyzer: TextAnalyzer,
    fields: Fields,
    pub(super) segments: Vec<Segment>,
}

/// Summary of an index whose files are what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Number of documents.
    pub documents: usize,
    /// Number of files.
    pub files: usize,
    /// Size of all files together, in bytes.
    pub bytes: u64,
}

/// Verifies every check sum of the index in `folder`, whatever its size.
///
/// # Errors
/// When [`TextIndex::open`] refuses the index, or a block of a file is not what was written.
pub fn verify(folder: &Path) -> Result<Verified> {
    let header = Header::read(folder)?;
    verify_files(folder, &header, &header.check_sums(folder)?)?;
    let documents = TextIndex::open(folder)?.documents();
    Ok(Verified { documents, files: header.files.len(), bytes: header.size() })
}

/// Verifies all blocks of all files.
fn verify_files(folder: &Path, header: &Header, sums: &CheckSums) -> Result<()> {
    header.files.iter().filter(|(_, size)| **size > 0).try_for_each(|(name, _)| {
        let path = folder.join(name);
        let seal = sums.seal(name).expect("sums were read for every file of the header");
        seal.check_all(&open_map(&path)?).map_err(|cause| damaged(&path, cause))
    })
}

/// Segment of a tantivy index: a range of the documents with postings of its own.
pub(super) struct Segment {
    /// Number of the first document.
    pub(super) base: u32,
    /// Number of documents.
    pub(super) documents: u32,
    /// Inverted index of every searchable field.
    pub(super) inverted: Vec<Arc<InvertedIndexReader>>,
}

impl TextIndex {
    /// Opens the index in `folder`.
    ///
    /// # Errors
    /// When the folder holds no index of this version, or a file is missing, of another size or, in an index of at most
    /// 256 MiB, of another check sum. In a larger one damage is an error of the search that meets it.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_verified(folder, VERIFIED)
    }

    /// Opens the index in `folder` and verifies all its check sums when it has at most `verified` bytes.
    fn open_verified(folder: &Path, verified: u64) -> Result<Self> {
        let header = Header::read(folder)?;
        let failed = |cause: tantivy::TantivyError| failed(folder, &cause);
        let sums = Arc::new(header.check_sums(folder)?);
        if header.size() <= verified {
            verify_files(folder, &header, &sums)?;
        }
        let path = folder.join(STATISTICS);
        let seal = sums.seal(STATISTICS).ok_or_else(|| damaged(&path, "the header does not list it"))?;
        let statistics = Statistics::open(&path, &seal)?;
        let index =
            tantivy::Index::open(SealedDirectory::open(folder, sums).map_err(failed)?).map_err(failed)?;
        let (schema, fields) = Fields::schema(header.fields.len());
        if index.schema() != schema {
            return Err(Error::data(
                folder,
                "fields and header disagree; make the index again: `index.rebuild`",
            ));
        }
        index.tokenizers().register(ANALYZER, header.language.analyzer());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let searcher = TryInto::<IndexReader>::try_into(reader).map_err(failed)?.searcher();
        let found: Vec<_> = searcher.segment_readers().iter().map(|s| s.segment_id().uuid_string()).collect();
        let documents: u32 = searcher.segment_readers().iter().map(|s| s.max_doc()).sum();
        let shape = (fields.searchable().len(), found.len());
        if found != header.segments
            || documents as usize != statistics.documents()
            || shape != statistics.shape()
        {
            return Err(Error::data(
                folder,
                "segments and header disagree; make the index again: `index.rebuild`",
            ));
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

    /// Returns the folder of the index.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the language by which texts and queries become terms.
    pub fn language(&self) -> Language {
        self.header.language
    }

    /// Returns the number of documents, N.
    pub fn documents(&self) -> usize {
        self.statistics.documents()
    }

    /// Returns the names of the searchable fields. With several named fields the first is `all`: all texts together.
    pub fn fields(&self) -> Vec<&str> {
        let all = self.fields.all.map(|_| ALL);
        all.into_iter().chain(self.header.fields.iter().map(String::as_str)).collect()
    }

    /// Returns the id of a document.
    pub fn id(&self, document: u32) -> &str {
        self.statistics.id(document)
    }

    /// Returns the number of the document with the given id, if there is one.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.statistics.find(id)
    }

    /// Returns the document at `place` in the order of ascending ids.
    ///
    /// # Panics
    /// When `place` is N or more.
    pub fn in_order_of_ids(&self, place: usize) -> u32 {
        self.statistics.in_order_of_ids(place)
    }

    /// Returns names and texts of a document's fields, in the index's order; the text of a field that it lacks is empty.
    ///
    /// # Errors
    /// When the index cannot be read.
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

    /// Returns the segment of a document and the document's number within it.
    pub(super) fn address(&self, document: u32) -> (usize, u32) {
        let segment = self.segments.partition_point(|segment| segment.base <= document) - 1;
        (segment, document - self.segments[segment].base)
    }

    pub(super) fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Returns a copy of the analyser, as every use changes its buffers.
    pub(super) fn analyzer(&self) -> TextAnalyzer {
        self.analyzer.clone()
    }

    /// Returns tantivy's field of the searchable field numbered `field`.
    pub(super) fn field(&self, field: usize) -> Field {
        self.fields.searchable()[field]
    }

    /// Counts the documents with `term` in any of their texts.
    pub(super) fn having(&self, term: &str) -> Result<u64> {
        let term = Term::from_field_text(self.field(0), term);
        let frequency = |segment: &Segment| segment.inverted[0].doc_freq(&term);
        let frequencies = self.segments.iter().map(|segment| frequency(segment).map(u64::from));
        frequencies.sum::<std::io::Result<u64>>().map_err(|cause| self.unreadable(&cause))
    }

    /// Returns the mean number of terms in a field.
    pub(super) fn average_length(&self, field: usize) -> f32 {
        (self.statistics.tokens(field) as f64 / self.documents().max(1) as f64) as f32
    }

    /// Returns the error of an index that cannot be read for `cause`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::documents::Document;
    use crate::event::Silent;
    use crate::retrieval::{BuildOptions, Scoring, WeightedQuery, build};

    /// Returns ids, scores and texts of what a large index finds for three words, or the error of the first of them.
    fn found(folder: &Path) -> Result<Vec<(String, f32, String)>> {
        let index = TextIndex::open_verified(folder, 0)?;
        let mut found = vec![];
        for word in ["w1", "w5", "w40"] {
            for hit in index.search(&WeightedQuery::parse(&index, word), 0, Scoring::default(), 1000)? {
                let texts: Vec<String> =
                    index.texts(hit.document)?.into_iter().map(|(_, text)| text).collect();
                found.push((index.id(hit.document).to_owned(), hit.score, texts.join("|")));
            }
        }
        Ok(found)
    }

    #[test]
    fn a_flipped_bit_of_a_large_index_is_an_error_or_changes_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("idx");
        let document = |i: u32| {
            let text: Vec<String> =
                (1..60).filter(|&word| i.is_multiple_of(word)).map(|word| format!("w{word}")).collect();
            let fields = [("title", format!("number {i}")), ("body", text.join(" "))];
            Ok(Document {
                id: format!("d{i}"),
                fields: fields.map(|(name, text)| (name.to_owned(), text)).into(),
            })
        };
        let options = BuildOptions { language: Language::None, ..Default::default() };
        build(&path, &options, (0..3000).map(document), &mut Silent).expect("an index");
        let right = found(&path).expect("undamaged");
        assert_eq!(verify(&path).expect("undamaged").documents, 3000);
        let names: Vec<String> = Header::read(&path).expect("a header").files.into_keys().collect();
        let (mut noticed, mut silent) = (0, 0);
        for (name, part) in names.iter().flat_map(|name| (0..12).map(move |part| (name, part))) {
            let file = path.join(name);
            let whole = std::fs::read(&file).expect("readable");
            if whole.is_empty() {
                continue;
            }
            let mut wrong = whole.clone();
            let place = (whole.len() - 1) * part / 11;
            wrong[place] ^= 1 << (part % 8);
            std::fs::write(&file, &wrong).expect("writable");
            match found(&path) {
                Ok(found) => {
                    assert_eq!(found, right, "{name}: byte {place}");
                    silent += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains("idx"), "{error}");
                    noticed += 1;
                }
            }
            assert!(verify(&path).is_err(), "{name}: byte {place}");
            std::fs::write(&file, whole).expect("writable");
        }
        assert!(noticed > 30, "{noticed} noticed, {silent} in blocks that were not read");
    }
}
