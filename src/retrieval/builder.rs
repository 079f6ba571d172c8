//! Building of an index in a folder beside its destination, which a complete index alone replaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tantivy::directory::error::OpenReadError;
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{IndexSettings, IndexWriter, TantivyDocument, TantivyError};

use super::destination::Destination;
use super::header::{Header, SEGMENTS, STATISTICS, damaged};
use super::shard_list::{ListedShard, ShardList, folder_of_shard};
use super::{Language, statistics};
use crate::data::documents::Document;
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::files::count::counted;

/// Name of tantivy's field that holds all texts of a document together.
const ALL: &str = "all";
/// Name of tantivy's field that holds a document's number in the collection.
const NUMBER: &str = "number";
/// Name of the tokenizer of all text fields.
pub(super) const ANALYZER: &str = "irgan";
/// Number of leading documents whose fields become the fields of the index.
const SAMPLE: usize = 1000;
/// Most fields with postings of their own; texts of further fields are searched together with all others.
const MOST_FIELDS: usize = 8;
/// Least memory of a tantivy thread, in bytes.
const LEAST_MEMORY: usize = 15_000_000;
/// Most shards of an index.
const MOST_SHARDS: usize = SAMPLE;
/// Number of documents between two progress events.
const REPORT_EVERY: usize = 1 << 13;

/// Settings of [`build`].
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions {
    /// Language of the texts.
    pub language: Language,
    /// Memory of the writing threads' buffers together, in bytes; every shard takes at least 15 MB.
    pub memory: usize,
    /// Number of shards, folders of their own that hold every so many-th document; `None` makes an index of one folder.
    pub shards: Option<usize>,
    /// Replaces an existing index when true.
    pub force: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self { language: Language::En, memory: 256 << 20, shards: None, force: false }
    }
}

/// Summary of the index that [`build`] made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexSummary {
    /// Number of documents.
    pub documents: usize,
    /// Number of documents without any text.
    pub empty: usize,
    /// Fields that can be searched on their own.
    pub fields: Vec<String>,
    /// Fields that can only be searched together with all others: those beyond the eighth, and those that no document
    /// among the first 1000 has.
    pub folded: BTreeSet<String>,
}

/// Indexes `documents` into the folder `path`.
///
/// The index is built in `path.partial` and renamed when it is complete; after a failure nothing is left of it. Every
/// 8192 documents the `listener` gets an event of the phase `index`.
///
/// # Errors
/// When there is no document or a document is an error, there are more shards than documents, `path` holds an index and
/// `options.force` is false, `path` holds anything else, another program is building the same index, or a file cannot be written.
///
/// ```
/// use irgan::data::documents::Document;
/// use irgan::event::Silent;
/// use irgan::retrieval::{BuildOptions, WeightedQuery, Scoring, TextIndex, build};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("index");
/// let document = |id: &str, text: &str| Document { id: id.into(), fields: vec![("body".into(), text.into())] };
/// let documents = [document("d1", "salt and wind"), document("d2", "a boundary layer")];
/// let summary = build(&path, &BuildOptions::default(), documents.into_iter().map(Ok), &mut Silent)?;
/// assert_eq!((summary.documents, summary.fields), (2, vec!["body".to_owned()]));
///
/// let index = TextIndex::open(&path)?;
/// let hits = index.search(&WeightedQuery::parse(&index, "layers"), 0, Scoring::default(), 10)?;
/// assert_eq!(index.id(hits[0].document), "d2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn build(
    path: &Path,
    options: &BuildOptions,
    documents: impl Iterator<Item = Result<Document>>,
    listener: &mut dyn Listener,
) -> Result<IndexSummary> {
    let destination = Destination::claim(path, options.force)?;
    let mut documents = documents;
    let sample: Vec<Document> = documents.by_ref().take(SAMPLE).collect::<Result<_>>()?;
    if sample.is_empty() {
        return Err(Error::Unfit("the collection holds no document".into()));
    }
    let names = fields_of(&sample);
    let mut shards = shards(&destination.partial, options, &sample, &names)?;
    let mut step = 0;
    for document in sample.into_iter().map(Ok).chain(documents) {
        let place = step % shards.len();
        shards[place].add(document?)?;
        step += 1;
        if step % REPORT_EVERY == 0 {
            listener.event(&Event { phase: "index", step, of: 0, metrics: &[] });
        }
    }
    let summary = finish(&destination.partial, options, names, shards)?;
    destination.publish()?;
    Ok(summary)
}

/// Begins the shards of an index in `folder`, or the only one.
fn shards(
    folder: &Path,
    options: &BuildOptions,
    sample: &[Document],
    names: &[String],
) -> Result<Vec<IndexBuilder>> {
    let Some(all) = options.shards else {
        return Ok(vec![IndexBuilder::new(folder, options, names.to_vec(), None)?]);
    };
    if !(1..=MOST_SHARDS).contains(&all) {
        return Err(Error::Config(format!("`index.shards`: expected 1 to {MOST_SHARDS}, found {all}")));
    }
    if sample.len() < all {
        let message = format!(
            "`index.shards`: {all} shards of {}: expected at most as many",
            counted(sample.len(), "document")
        );
        return Err(Error::Unfit(message));
    }
    let begin = |place: usize| {
        let shard = folder_of_shard(folder, place);
        fs::create_dir(&shard).map_err(|source| Error::io(&shard, "create the folder", source))?;
        IndexBuilder::new(&shard, options, names.to_vec(), Some([place as u32 + 1, all as u32]))
    };
    (0..all).map(begin).collect()
}

/// Completes all shards, and lists them where there are several folders.
fn finish(
    folder: &Path,
    options: &BuildOptions,
    names: Vec<String>,
    shards: Vec<IndexBuilder>,
) -> Result<IndexSummary> {
    let documents: usize = shards.iter().map(|shard| shard.ids.len()).sum();
    if u32::try_from(documents).is_err() {
        let message = format!("{documents} documents: an index holds at most {}", u32::MAX);
        return Err(Error::Unfit(message));
    }
    let mut summary = IndexSummary { fields: names.clone(), ..IndexSummary::default() };
    let (mut listed, mut tokens) = (vec![], vec![]);
    for shard in shards {
        let built = shard.finish()?;
        summary.documents += built.documents;
        summary.empty += built.empty;
        summary.folded.extend(built.folded);
        tokens.resize(built.tokens.len(), 0);
        tokens.iter_mut().zip(&built.tokens).for_each(|(sum, own)| *sum += own);
        listed.push(ListedShard { documents: built.documents as u64, header: built.header });
    }
    if options.shards.is_some() {
        ShardList::new(options.language, names, listed, tokens).write(folder)?;
    }
    Ok(summary)
}

/// Returns the names of the first fields of `sample`, in order of appearance; `body` when there is none.
fn fields_of(sample: &[Document]) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for (name, _) in sample.iter().flat_map(|document| &document.fields) {
        if !names.contains(name) && names.len() < MOST_FIELDS {
            names.push(name.clone());
        }
    }
    if names.is_empty() {
        names.push("body".to_owned());
    }
    names
}

/// An index that is being written.
struct IndexBuilder {
    folder: PathBuf,
    header: Header,
    index: tantivy::Index,
    writer: IndexWriter,
    fields: Fields,
    ids: Vec<Box<str>>,
    empty: usize,
    folded: BTreeSet<String>,
}

/// A complete shard.
struct Built {
    documents: usize,
    empty: usize,
    folded: BTreeSet<String>,
    /// Number of terms in every searchable field.
    tokens: Vec<u64>,
    /// CRC-32 of the header.
    header: u32,
}

/// Fields of an index in tantivy's schema, where their names are fixed: a collection may name its own fields freely.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// Field of all texts together, in an index of several named fields.
    pub(super) all: Option<Field>,
    /// Fields of the collection.
    pub(super) named: Vec<Field>,
    /// Field of the document's number in the collection.
    pub(super) number: Field,
}

impl Fields {
    /// Returns the schema of an index with `named` fields of the collection.
    pub(super) fn schema(named: usize) -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = |option| TextFieldIndexing::default().set_tokenizer(ANALYZER).set_index_option(option);
        let text = |option| TextOptions::default().set_indexing_options(indexing(option));
        let several = named > 1;
        let all = several.then(|| schema.add_text_field(ALL, text(IndexRecordOption::WithFreqsAndPositions)));
        // Only the field of all texts needs positions.
        let option =
            if several { IndexRecordOption::WithFreqs } else { IndexRecordOption::WithFreqsAndPositions };
        let named = (0..named)
            .map(|i| schema.add_text_field(&format!("field{i}"), text(option).set_stored()))
            .collect();
        let number = schema.add_u64_field(NUMBER, FAST);
        (schema.build(), Self { all, named, number })
    }

    /// Returns the fields with postings, that of all texts together first.
    pub(super) fn searchable(&self) -> Vec<Field> {
        self.all.iter().chain(&self.named).copied().collect()
    }
}

impl IndexBuilder {
    /// Begins an index in `folder`, a whole one or the `shard` of one: its number, from 1, and that of all.
    fn new(
        folder: &Path,
        options: &BuildOptions,
        names: Vec<String>,
        shard: Option<[u32; 2]>,
    ) -> Result<Self> {
        let segments = folder.join(SEGMENTS);
        fs::create_dir(&segments).map_err(|source| Error::io(&segments, "create the folder", source))?;
        let (schema, fields) = Fields::schema(names.len());
        let settings = IndexSettings::default();
        let failed = |cause: tantivy::TantivyError| failed(folder, &cause);
        let index = tantivy::Index::builder()
            .schema(schema)
            .settings(settings)
            .create_in_dir(&segments)
            .map_err(failed)?;
        index.tokenizers().register(ANALYZER, options.language.analyzer());
        // All shards are written at the same time.
        let shards = options.shards.unwrap_or(1);
        let memory = options.memory / shards;
        let threads = rayon::current_num_threads().div_ceil(shards).min(memory / LEAST_MEMORY).max(1);
        let memory = memory.max(threads * LEAST_MEMORY);
        let writer = index.writer_with_num_threads(threads, memory).map_err(failed)?;
        let header = Header::new(options.language, names, shard);
        let (folder, ids, folded) = (folder.to_owned(), vec![], BTreeSet::new());
        Ok(Self { folder, header, index, writer, fields, ids, empty: 0, folded })
    }

    fn add(&mut self, document: Document) -> Result<()> {
        let mut texts = TantivyDocument::new();
        texts.add_u64(self.fields.number, self.ids.len() as u64);
        self.ids.push(document.id.into());
        let mut empty = true;
        for (name, text) in document.fields {
            empty &= text.trim().is_empty();
            let named = self.header.fields.iter().position(|field| *field == name);
            if named.is_none() {
                self.folded.insert(name);
            }
            if let Some(all) = self.fields.all {
                texts.add_text(all, &text);
            }
            // Without a field of all texts, the text of an unknown field joins the only named one.
            if let Some(place) = named.or(self.fields.all.is_none().then_some(0)) {
                texts.add_text(self.fields.named[place], &text);
            }
        }
        self.empty += usize::from(empty);
        self.writer.add_document(texts).map_err(|cause| failed(&self.folder, &cause))?;
        Ok(())
    }

    /// Commits the documents, waits for tantivy's merges, and writes statistics and header.
    fn finish(self) -> Result<Built> {
        let Self { folder, mut header, index, mut writer, fields, ids, empty, folded } = self;
        let failed = |cause: tantivy::TantivyError| failed(&folder, &cause);
        writer.commit().map_err(failed)?;
        writer.wait_merging_threads().map_err(failed)?;
        let searcher = index.reader().map_err(failed)?.searcher();
        let mut in_order: Vec<&str> = Vec::with_capacity(ids.len());
        for segment in searcher.segment_readers() {
            let numbers = segment.fast_fields().u64(NUMBER).map_err(failed)?.first_or_default_col(0);
            in_order.extend((0..segment.max_doc()).map(|document| &*ids[numbers.get_val(document) as usize]));
            header.segments.push(segment.segment_id().uuid_string());
        }
        header.documents = in_order.len() as u64;
        let statistics = folder.join(STATISTICS);
        let tokens =
            statistics::write(&statistics, searcher.segment_readers(), &fields.searchable(), &in_order)?;
        drop((searcher, index));
        header.files = seal(&folder, &statistics)?;
        Ok(Built { documents: ids.len(), empty, folded, tokens, header: header.write(&folder)? })
    }
}

/// Removes tantivy's locks and lists from a complete index, gives its files the permissions of ordinary new ones, as
/// `ordinary` has, and returns their sizes by their paths within the index.
fn seal(folder: &Path, ordinary: &Path) -> Result<BTreeMap<String, u64>> {
    let size = |path: &Path| -> Result<u64> {
        let meta = fs::metadata(path).map_err(|source| Error::io(path, "read", source))?;
        Ok(meta.len())
    };
    let permissions =
        fs::metadata(ordinary).map_err(|source| Error::io(ordinary, "read", source))?.permissions();
    let segments = folder.join(SEGMENTS);
    let unreadable = |source| Error::io(&segments, "read", source);
    let mut files = BTreeMap::from([(STATISTICS.to_owned(), size(ordinary)?)]);
    for entry in fs::read_dir(&segments).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
        if name.starts_with('.') {
            fs::remove_file(&path).map_err(|source| Error::io(&path, "remove", source))?;
            continue;
        }
        fs::set_permissions(&path, permissions.clone())
            .map_err(|source| Error::io(&path, "set the permissions of", source))?;
        files.insert(format!("{SEGMENTS}/{name}"), size(&path)?);
    }
    Ok(files)
}

/// Turns a failure of tantivy into an error that names the index.
pub(super) fn failed(folder: &Path, cause: &tantivy::TantivyError) -> Error {
    let io = match cause {
        TantivyError::IoError(io)
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: io, .. }) => io,
        _ => return Error::data(folder, format!("the index cannot be used or written: {cause}")),
    };
    match io.kind() {
        ErrorKind::InvalidData => damaged(folder, io),
        kind => Error::io(folder, "use the index", std::io::Error::new(kind, io.to_string())),
    }
}
