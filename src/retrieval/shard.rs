//! Shard of an index that is open for reading: a folder of tantivy's segments with statistics. An index of one folder is one shard.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::{DocAddress, IndexReader, InvertedIndexReader, ReloadPolicy, Searcher, TantivyDocument};

use super::builder::{ANALYZER, Fields, failed};
use super::header::{Header, STATISTICS, damaged};
use super::seal::CheckSums;
use super::sealed::SealedDirectory;
use super::statistics::Statistics;
use crate::error::{Error, Result};
use crate::files::bytes::open_map;

/// Shard of an index: documents with consecutive numbers.
pub(super) struct Shard {
    folder: PathBuf,
    pub(super) header: Header,
    searcher: Searcher,
    pub(super) statistics: Statistics,
    /// Number of the first document.
    pub(super) base: u32,
}

/// Segment of a tantivy index: a range of the documents with postings of its own.
pub(super) struct Segment {
    /// Number of the first document.
    pub(super) base: u32,
    /// Number of documents.
    pub(super) documents: u32,
    /// Place of its shard among the open ones.
    pub(super) shard: usize,
    /// Number of the segment within its shard.
    pub(super) number: usize,
    /// Inverted index of every searchable field.
    pub(super) inverted: Vec<Arc<InvertedIndexReader>>,
}

impl Shard {
    /// Opens the shard in `folder`, whose documents are numbered from `base` on, and verifies all its check sums if asked to.
    pub(super) fn open(folder: PathBuf, header: Header, base: u32, verified: bool) -> Result<Self> {
        let failed = |cause: tantivy::TantivyError| failed(&folder, &cause);
        let sums = Arc::new(header.check_sums(&folder)?);
        if verified {
            verify_files(&folder, &header, &sums)?;
        }
        let path = folder.join(STATISTICS);
        let seal = sums.seal(STATISTICS).ok_or_else(|| damaged(&path, "the header does not list it"))?;
        let statistics = Statistics::open(&path, &seal)?;
        let index =
            tantivy::Index::open(SealedDirectory::open(&folder, sums).map_err(failed)?).map_err(failed)?;
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
            || u64::from(documents) != header.documents
            || shape != statistics.shape()
        {
            return Err(Error::data(
                folder,
                "segments and header disagree; make the index again: `index.rebuild`",
            ));
        }
        Ok(Self { folder, header, searcher, statistics, base })
    }

    /// Opens the segments of this shard, the one at `place` among the open ones.
    pub(super) fn segments(&self, place: usize) -> Result<Vec<Segment>> {
        let (_, fields) = Fields::schema(self.header.fields.len());
        let mut base = self.base;
        let segment = |(number, reader): (usize, &tantivy::SegmentReader)| {
            let inverted = fields.searchable().into_iter().map(|field| reader.inverted_index(field));
            let inverted = inverted.collect::<tantivy::Result<_>>();
            let inverted = inverted.map_err(|cause| failed(&self.folder, &cause))?;
            let first = base;
            base += reader.max_doc();
            Ok(Segment { base: first, documents: reader.max_doc(), shard: place, number, inverted })
        };
        self.searcher.segment_readers().iter().enumerate().map(segment).collect()
    }

    /// Reads the stored texts of a document of a segment, by the document's number within it.
    pub(super) fn stored(&self, segment: &Segment, local: u32) -> Result<TantivyDocument> {
        let address = DocAddress::new(segment.number as u32, local);
        self.searcher.doc(address).map_err(|cause| failed(&self.folder, &cause))
    }

    /// Returns the number of documents.
    pub(super) fn documents(&self) -> u32 {
        self.statistics.documents() as u32
    }

    /// Returns the id of a document by its number in the index.
    pub(super) fn id(&self, document: u32) -> &str {
        self.statistics.id(document - self.base)
    }

    /// Returns the place of a document, by its number in the index, in the shard's order of ascending ids.
    pub(super) fn rank(&self, document: u32) -> u32 {
        self.statistics.rank()[(document - self.base) as usize]
    }

    /// Returns the document at a place in the shard's order of ascending ids, by its number in the index.
    pub(super) fn in_order_of_ids(&self, place: usize) -> u32 {
        self.base + self.statistics.in_order_of_ids(place)
    }
}

/// Verifies all blocks of all files of a shard.
pub(super) fn verify_files(folder: &Path, header: &Header, sums: &CheckSums) -> Result<()> {
    header.files.iter().filter(|(_, size)| **size > 0).try_for_each(|(name, _)| {
        let path = folder.join(name);
        let seal = sums.seal(name).expect("sums were read for every file of the header");
        seal.check_all(&open_map(&path)?).map_err(|cause| damaged(&path, cause))
    })
}
