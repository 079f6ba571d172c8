//! Text index that is open for reading.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tantivy::schema::{Field, Value as _};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{TantivyDocument, Term};

use super::Language;
use super::builder::Fields;
use super::header::{HEADER, Header, damaged};
use super::shard::{Segment, Shard, verify_files};
use super::shard_list::{SHARDS, ShardList};
use crate::error::{Error, Result};

/// Size in bytes up to which an index has all its check sums verified on opening; those of larger ones are verified block
/// by block, before the first use of each.
const VERIFIED: u64 = 1 << 28;

/// Name of the searchable field of all texts together.
pub(super) const ALL: &str = "all";

/// Text index, open for reading, whose documents are numbered from 0 through all shards and their segments.
///
/// Made by [`build`](super::build()), where an example shows it opened and searched. All that is counted of documents and terms is
/// counted over all shards, so that no result depends on their number.
pub struct TextIndex {
    folder: PathBuf,
    names: Vec<String>,
    language: Language,
    totals: Totals,
    analyzer: TextAnalyzer,
    fields: Fields,
    check_sum: u32,
    shards: Vec<Shard>,
    pub(super) segments: Vec<Segment>,
    order: OnceLock<Vec<u32>>, // documents by ascending id, where there are several shards
}

/// Counts of a whole index, of which some shards may not be open.
struct Totals {
    documents: usize,
    tokens: Vec<u64>, // by searchable field
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
    let parts = match ShardList::read(folder)? {
        None => vec![(folder.to_owned(), Header::read(folder)?)],
        Some(list) => {
            (0..list.shards.len()).map(|place| list.header(folder, place)).collect::<Result<_>>()?
        }
    };
    let (mut files, mut bytes) = (0, 0);
    for (folder, header) in &parts {
        verify_files(folder, header, &header.check_sums(folder)?)?;
        files += header.files.len();
        bytes += header.size();
    }
    Ok(Verified { documents: TextIndex::open(folder)?.documents(), files, bytes })
}

/// Returns the folder of the index that has some of `files`, if there is one: the folder of its header or of its list of shards.
pub fn index_of_files<'a>(files: impl Iterator<Item = &'a Path> + Clone) -> Option<&'a Path> {
    let named = |name: &str| files.clone().find(|path| path.ends_with(name));
    named(SHARDS).or_else(|| named(HEADER))?.parent()
}

impl TextIndex {
    /// Opens the index in `folder`, with all its shards.
    ///
    /// # Errors
    /// When the folder holds no index of this version, a shard is missing or of another index, or a file is missing, of another size
    /// or, in an index of at most 256 MiB, of another check sum. In a larger one damage is an error of the search that meets it.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_verified(folder, VERIFIED)
    }

    /// Opens the index in `folder` and verifies all its check sums when it has at most `verified` bytes.
    fn open_verified(folder: &Path, verified: u64) -> Result<Self> {
        match ShardList::read(folder)? {
            Some(list) => {
                let index = Self::open_shards(folder, &list, 0..list.shards.len(), verified)?;
                let tokens = |field| index.shards.iter().map(|shard| shard.statistics.tokens(field)).sum();
                let found: Vec<u64> = (0..list.tokens.len()).map(tokens).collect();
                match found == list.tokens {
                    true => Ok(index),
                    false => Err(damaged(&folder.join(SHARDS), "its counts are not those of the shards")),
                }
            }
            None => Self::open_single(folder, verified),
        }
    }

    /// Opens an index of one folder.
    fn open_single(folder: &Path, verified: u64) -> Result<Self> {
        let header = Header::read(folder)?;
        if let Some([number, all]) = header.shard {
            let message = format!(
                "is shard {number} of {all}, no index of its own; give the folder above it: `index.folder`"
            );
            return Err(Error::data(folder, message));
        }
        let (language, names, check_sum) = (header.language, header.fields.clone(), header.header);
        let verified = header.size() <= verified;
        let shard = Shard::open(folder.to_owned(), header, 0, verified)?;
        let (fields, _) = shard.statistics.shape();
        let tokens = (0..fields).map(|field| shard.statistics.tokens(field)).collect();
        let totals = Totals { documents: shard.documents() as usize, tokens };
        Self::of_shards(folder, (language, names, check_sum), totals, vec![shard])
    }

    /// Opens the shards in the range `open` of the index in `folder`. All counts are those of the whole index, but for those of terms.
    pub(super) fn open_share(folder: &Path, list: &ShardList, open: Range<usize>) -> Result<Self> {
        Self::open_shards(folder, list, open, VERIFIED)
    }

    fn open_shards(folder: &Path, list: &ShardList, open: Range<usize>, verified: u64) -> Result<Self> {
        let headers: Vec<(PathBuf, Header)> =
            open.clone().map(|place| list.header(folder, place)).collect::<Result<_>>()?;
        let verified = headers.iter().map(|(_, header)| header.size()).sum::<u64>() <= verified;
        let mut base = list.shards[..open.start].iter().map(|shard| shard.documents).sum::<u64>() as u32;
        let mut shards = vec![];
        for (path, header) in headers {
            if header.language != list.language || header.fields != list.fields {
                return Err(damaged(&path, "language or fields are not those of shards.toml"));
            }
            let shard = Shard::open(path, header, base, verified)?;
            base += shard.documents();
            shards.push(shard);
        }
        let totals = Totals { documents: list.documents as usize, tokens: list.tokens.clone() };
        Self::of_shards(folder, (list.language, list.fields.clone(), list.list), totals, shards)
    }

    fn of_shards(
        folder: &Path,
        (language, names, check_sum): (Language, Vec<String>, u32),
        totals: Totals,
        shards: Vec<Shard>,
    ) -> Result<Self> {
        let (_, fields) = Fields::schema(names.len());
        if totals.tokens.len() != fields.searchable().len() {
            return Err(damaged(folder, "fields and counts disagree"));
        }
        let segments = shards.iter().enumerate().map(|(place, shard)| shard.segments(place));
        let segments = segments.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        let (folder, analyzer, order) = (folder.to_owned(), language.analyzer(), OnceLock::new());
        Ok(Self { folder, names, language, totals, analyzer, fields, check_sum, shards, segments, order })
    }

    /// Returns the folder of the index.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns a check sum of all that the index holds, by which two can be told apart.
    pub fn check_sum(&self) -> u32 {
        self.check_sum
    }

    /// Returns the language by which texts and queries become terms.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Returns the number of documents, N.
    pub fn documents(&self) -> usize {
        self.totals.documents
    }

    /// Returns the names of the searchable fields. With several named fields the first is `all`: all texts together.
    pub fn fields(&self) -> Vec<&str> {
        let all = self.fields.all.map(|_| ALL);
        all.into_iter().chain(self.names.iter().map(String::as_str)).collect()
    }

    /// Returns the id of a document.
    pub fn id(&self, document: u32) -> &str {
        self.shard(document).id(document)
    }

    /// Returns the number of the document with the given id, if there is one.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.shards.iter().find_map(|shard| Some(shard.base + shard.statistics.find(id)?))
    }

    /// Returns the document at `place` in the order of ascending ids. With several shards the first call merges their orders, which takes
    /// four bytes a document from then on.
    ///
    /// # Panics
    /// When `place` is N or more.
    pub fn in_order_of_ids(&self, place: usize) -> u32 {
        match self.shards.as_slice() {
            [shard] => shard.in_order_of_ids(place),
            shards => self.order.get_or_init(|| merged_order(shards))[place],
        }
    }

    /// Orders two documents by ascending ids.
    pub(super) fn order_of_ids(&self, a: u32, b: u32) -> Ordering {
        let (of_a, of_b) = (self.shard(a), self.shard(b));
        match of_a.base == of_b.base {
            true => of_a.rank(a).cmp(&of_a.rank(b)),
            false => of_a.id(a).cmp(of_b.id(b)),
        }
    }

    /// Returns the shard of a document.
    fn shard(&self, document: u32) -> &Shard {
        match self.shards.as_slice() {
            [shard] => shard,
            shards => &shards[shards.partition_point(|shard| shard.base <= document) - 1],
        }
    }

    /// Returns true when the document is in one of the open shards.
    pub(super) fn owns(&self, document: u32) -> bool {
        self.shards.iter().any(|shard| (shard.base..shard.base + shard.documents()).contains(&document))
    }

    /// Returns names and texts of a document's fields, in the index's order; the text of a field that it lacks is empty.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn texts(&self, document: u32) -> Result<Vec<(&str, String)>> {
        let place = self.segments.partition_point(|segment| segment.base <= document) - 1;
        let segment = &self.segments[place];
        let stored: TantivyDocument = self.shards[segment.shard].stored(segment, document - segment.base)?;
        let text = |field: Field| -> String {
            let texts: Vec<_> = stored.get_all(field).filter_map(|value| value.as_str()).collect();
            texts.join(" ")
        };
        let named = self.names.iter().zip(&self.fields.named);
        Ok(named.map(|(name, &field)| (name.as_str(), text(field))).collect())
    }

    /// Returns the number of terms in a field of every document of a segment: `[documents]`.
    pub(super) fn lengths_in(&self, segment: &Segment, field: usize) -> &[u32] {
        let shard = &self.shards[segment.shard];
        &shard.statistics.lengths(field)[(segment.base - shard.base) as usize..][..segment.documents as usize]
    }

    /// Returns the number of terms in a field of a document.
    pub(super) fn length(&self, field: usize, document: u32) -> u32 {
        let shard = self.shard(document);
        shard.statistics.lengths(field)[(document - shard.base) as usize]
    }

    /// Returns the occurrences of every term in a field of a segment, by term ordinal: `[terms]`.
    pub(super) fn occurrences(&self, segment: &Segment, field: usize) -> &[u32] {
        self.shards[segment.shard].statistics.occurrences(segment.number, field)
    }

    /// Returns the number of terms in a field over all documents.
    pub(super) fn tokens(&self, field: usize) -> u64 {
        self.totals.tokens[field]
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
        (self.tokens(field) as f64 / self.documents().max(1) as f64) as f32
    }

    /// Returns the error of an index that cannot be read for `cause`.
    pub(super) fn unreadable(&self, cause: &dyn std::fmt::Display) -> Error {
        damaged(&self.folder, cause)
    }
}

/// Merges the orders of the shards by ascending ids: `[N]`.
fn merged_order(shards: &[Shard]) -> Vec<u32> {
    let head = |shard: usize, place: usize| {
        let own = &shards[shard];
        (place < own.documents() as usize).then(|| {
            let document = own.in_order_of_ids(place);
            Reverse((own.id(document), shard, place, document))
        })
    };
    let mut heads: BinaryHeap<_> = (0..shards.len()).filter_map(|shard| head(shard, 0)).collect();
    let mut order = Vec::with_capacity(shards.iter().map(|shard| shard.documents() as usize).sum());
    while let Some(Reverse((_, shard, place, document))) = heads.pop() {
        order.push(document);
        heads.extend(head(shard, place + 1));
    }
    order
}

impl std::fmt::Debug for TextIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextIndex")
            .field("folder", &self.folder)
            .field("documents", &self.totals.documents)
            .field("shards", &self.shards.len())
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
