//! Making an index: beside its place, whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{IndexSettings, IndexWriter, TantivyDocument};

use super::header::{HEADER, Header, SEGMENTS, STATISTICS};
use super::{Language, statistics};
use crate::data::documents::Document;
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::files::toml_file;

/// The field of every document's texts together.
const ALL: &str = "all";
/// The field of a document's number in the collection.
const NUMBER: &str = "number";
/// The tantivy tokenizer that all text fields use.
pub(super) const ANALYZER: &str = "irgan";
/// Documents looked at for the names of fields.
const SAMPLE: usize = 1000;
/// Named fields with postings of their own; texts of others are searched with all the rest.
const MOST_FIELDS: usize = 8;
/// The least memory a tantivy thread takes.
const LEAST_MEMORY: usize = 15_000_000;
/// Documents between two reports of progress.
const REPORT_EVERY: usize = 1 << 13;

/// How an index is made.
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions {
    /// From texts to terms.
    pub language: Language,
    /// Bytes of all writing threads' buffers.
    pub memory: usize,
    /// Whether an index that is there is replaced.
    pub force: bool,
}

/// What was indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Documents.
    pub documents: usize,
    /// Documents without any text.
    pub empty: usize,
    /// Fields that can be searched on their own.
    pub fields: Vec<String>,
    /// Fields that are only searched with all the rest, because they are too many or came late.
    pub folded: BTreeSet<String>,
}

/// Indexes `documents` into the folder `path`.
pub fn build(
    path: &Path,
    options: &BuildOptions,
    documents: impl Iterator<Item = Result<Document>>,
    listener: &mut dyn Listener,
) -> Result<Built> {
    let place = Place::claim(path, options.force)?;
    let mut documents = documents;
    let sample: Vec<Document> = documents.by_ref().take(SAMPLE).collect::<Result<_>>()?;
    if sample.is_empty() {
        return Err(Error::Unfit("the collection holds no document".into()));
    }
    let mut builder = IndexBuilder::new(&place.partial, options, fields_of(&sample))?;
    for document in sample.into_iter().map(Ok).chain(documents) {
        builder.add(document?)?;
        if builder.built.documents % REPORT_EVERY == 0 {
            let step = builder.built.documents;
            listener.event(&Event { phase: "index", step, of: 0, metrics: &[] });
        }
    }
    let built = builder.finish()?;
    place.publish()?;
    Ok(built)
}

/// The names of the sample's fields, in order of appearance.
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
    built: Built,
}

/// The fields of an index: tantivy's names are fixed, so that the collection's may be anything.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// All texts, when there are several named fields.
    pub(super) all: Option<Field>,
    /// The named fields.
    pub(super) named: Vec<Field>,
    pub(super) number: Field,
}

impl Fields {
    /// The schema of an index with so many named fields.
    pub(super) fn schema(named: usize) -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = |option| TextFieldIndexing::default().set_tokenizer(ANALYZER).set_index_option(option);
        let text = |option| TextOptions::default().set_indexing_options(indexing(option));
        let several = named > 1;
        let all = several.then(|| schema.add_text_field(ALL, text(IndexRecordOption::WithFreqsAndPositions)));
        // Positions are asked for where all texts are together.
        let option =
            if several { IndexRecordOption::WithFreqs } else { IndexRecordOption::WithFreqsAndPositions };
        let named = (0..named)
            .map(|i| schema.add_text_field(&format!("field{i}"), text(option).set_stored()))
            .collect();
        let number = schema.add_u64_field(NUMBER, FAST);
        (schema.build(), Self { all, named, number })
    }

    /// Those with postings: all texts together first.
    pub(super) fn searchable(&self) -> Vec<Field> {
        self.all.iter().chain(&self.named).copied().collect()
    }
}

impl IndexBuilder {
    fn new(folder: &Path, options: &BuildOptions, names: Vec<String>) -> Result<Self> {
        let segments = folder.join(SEGMENTS);
        fs::create_dir_all(&segments).map_err(|source| Error::io(&segments, "create the folder", source))?;
        let (schema, fields) = Fields::schema(names.len());
        let settings = IndexSettings::default();
        let failed = |cause: tantivy::TantivyError| failed(folder, &cause);
        let index = tantivy::Index::builder()
            .schema(schema)
            .settings(settings)
            .create_in_dir(&segments)
            .map_err(failed)?;
        index.tokenizers().register(ANALYZER, options.language.analyzer());
        let threads = rayon::current_num_threads().min(options.memory / LEAST_MEMORY).max(1);
        let memory = options.memory.max(threads * LEAST_MEMORY);
        let writer = index.writer_with_num_threads(threads, memory).map_err(failed)?;
        let built = Built { documents: 0, empty: 0, fields: names.clone(), folded: BTreeSet::new() };
        let header = Header::new(options.language, names);
        Ok(Self { folder: folder.to_owned(), header, index, writer, fields, ids: vec![], built })
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
                self.built.folded.insert(name);
            }
            if let Some(all) = self.fields.all {
                texts.add_text(all, &text);
            }
            // A text without a field of its own is kept with the last one when there is no field of all texts.
            if let Some(place) = named.or(self.fields.all.is_none().then_some(0)) {
                texts.add_text(self.fields.named[place], &text);
            }
        }
        self.built.documents += 1;
        self.built.empty += usize::from(empty);
        self.writer.add_document(texts).map_err(|cause| failed(&self.folder, &cause))?;
        Ok(())
    }

    /// Commits, waits for merges, counts and describes.
    fn finish(self) -> Result<Built> {
        let Self { folder, mut header, index, mut writer, fields, ids, built } = self;
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
        header.checksum = statistics::write(
            &folder.join(STATISTICS),
            searcher.segment_readers(),
            &fields.searchable(),
            &in_order,
        )?;
        drop(searcher);
        for file in files(&folder)? {
            let path = folder.join(&file);
            let size = fs::metadata(&path).map_err(|source| Error::io(&path, "read", source))?.len();
            header.files.insert(file, size);
        }
        toml_file::write(&folder.join(HEADER), &header)?;
        Ok(built)
    }
}

/// The files that belong to a whole index, by their path in it.
fn files(folder: &Path) -> Result<Vec<String>> {
    let segments = folder.join(SEGMENTS);
    let io = |source| Error::io(&segments, "read", source);
    let mut files = vec![STATISTICS.to_owned()];
    for entry in fs::read_dir(&segments).map_err(io)? {
        let name = entry.map_err(io)?.file_name().to_string_lossy().into_owned();
        // Names that start with a dot are locks and lists of tantivy's own housekeeping.
        if !name.starts_with('.') {
            files.push(format!("{SEGMENTS}/{name}"));
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A failure of tantivy as an error that names the index.
pub(super) fn failed(folder: &Path, cause: &tantivy::TantivyError) -> Error {
    Error::data(folder, format!("the index cannot be used or written: {cause}"))
}

/// Where an index will stand, and the folder beside it where it is made.
struct Place {
    target: PathBuf,
    partial: PathBuf,
    lock: File,
}

impl Place {
    /// Claims `target`, which must be free, or an index that may be replaced.
    fn claim(target: &Path, force: bool) -> Result<Self> {
        let taken =
            fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some()) || target.is_file();
        let replaceable = target.join(HEADER).is_file();
        match (taken, replaceable, force) {
            (true, true, false) => {
                return Err(Error::Config(format!(
                    "{}: there is an index already; choose another `index.folder`, or `index.force` to replace it",
                    target.display()
                )));
            }
            (true, false, _) => {
                return Err(Error::Config(format!(
                    "{}: is there and is no index, so it is not replaced; choose another `index.folder`",
                    target.display()
                )));
            }
            _ => {}
        }
        let mut name = target.file_name().map(ToOwned::to_owned).ok_or_else(|| {
            Error::Config(format!("{}: not the name of a folder that can be made", target.display()))
        })?;
        name.push(".partial");
        let partial = target.with_file_name(name);
        refuse_strangers(&partial)?;
        fs::create_dir_all(&partial).map_err(|source| Error::io(&partial, "create the folder", source))?;
        let path = partial.join("lock");
        let lock = File::create(&path).map_err(|source| Error::io(&path, "create", source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Config(format!(
                    "{}: another program is making this index; wait for it, or choose another `index.folder`",
                    target.display()
                )));
            }
            Err(TryLockError::Error(source)) => return Err(Error::io(&path, "lock", source)),
        }
        // What an interrupted run left.
        let segments = partial.join(SEGMENTS);
        if segments.exists() {
            fs::remove_dir_all(&segments).map_err(|source| Error::io(&segments, "replace", source))?;
        }
        Ok(Self { target: target.to_owned(), partial, lock })
    }

    /// Puts the whole index in its place.
    fn publish(&self) -> Result<()> {
        let lock = self.partial.join("lock");
        fs::remove_file(&lock).map_err(|source| Error::io(&lock, "remove", source))?;
        let mut old = self.target.file_name().unwrap_or_default().to_owned();
        old.push(".old");
        let old = self.target.with_file_name(old);
        let io = |source| Error::io(&self.target, "replace", source);
        if self.target.exists() {
            refuse_strangers(&old)?;
            if old.exists() {
                fs::remove_dir_all(&old).map_err(io)?;
            }
            fs::rename(&self.target, &old).map_err(io)?;
        }
        fs::rename(&self.partial, &self.target).map_err(io)?;
        if old.join(HEADER).exists() {
            fs::remove_dir_all(&old).map_err(io)?;
        }
        Ok(())
    }
}

/// Refuses a folder that holds anything but parts of an index: it would be removed.
fn refuse_strangers(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let known = ["lock", SEGMENTS, STATISTICS, HEADER];
    let stranger = entries.flatten().find(|entry| known.iter().all(|&name| entry.file_name() != name));
    match stranger {
        None => Ok(()),
        Some(entry) => Err(Error::Config(format!(
            "{}: in the way of the index, and not of its making; move it or choose another `index.folder`",
            entry.path().display()
        ))),
    }
}

impl Drop for Place {
    /// Leaves nothing half-made behind; after a publication the folder is gone already.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
        let _ = fs::remove_dir_all(&self.partial);
    }
}
