//! Collections as streams of documents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::document::{Document, LONGEST, TOO_LONG};
use super::format::{CollectionFormat, inside};
use super::ids::Seen;
use super::records::Records;

use crate::error::{Error, Result};
use crate::files::lines::LineReader;

/// Name of the file of documents in a BEIR folder.
const CORPUS: &str = "corpus.jsonl";

/// Collection of documents in one or more files.
///
/// ```
/// use irgan::data::documents::Collection;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("docs.tsv");
/// std::fs::write(&path, "d1\tSalt\tSalt and wind.\nd2\tWings\tA boundary layer.\n")?;
///
/// let mut titles = Vec::new();
/// for document in Collection::open(&[path], None)?.documents() {
///     titles.push(document?.field("title").map(str::to_owned));
/// }
/// assert_eq!(titles, [Some("Salt".to_owned()), Some("Wings".to_owned())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Collection {
    files: Vec<PathBuf>,
    skipped: Vec<PathBuf>,
    format: Option<CollectionFormat>,
}

impl Collection {
    /// Opens the collection of the documents in `paths`, in this order; `-` is standard input.
    ///
    /// A folder stands for the `corpus.jsonl` (also `.gz`, `.zst`) in it or, without one, for the files in it and in its
    /// folders whose names or first bytes tell a format, in the order of their paths. Without a `format`, it is recognised
    /// by each file's name and first bytes.
    ///
    /// # Errors
    /// When there is no path, a path does not exist, or a folder holds no file of documents.
    pub fn open(paths: &[PathBuf], format: Option<CollectionFormat>) -> Result<Self> {
        if paths.is_empty() {
            return Err(Error::Config("a collection needs at least one file or folder".into()));
        }
        let mut collection = Self { files: vec![], skipped: vec![], format };
        paths.iter().try_for_each(|path| collection.add(path))?;
        Ok(collection)
    }

    /// Adds the files of documents that `path` is or contains.
    fn add(&mut self, path: &Path) -> Result<()> {
        let unreadable = |source| Error::io(path, "read", source);
        if path.as_os_str() == "-" || !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            self.files.push(path.to_owned());
            return Ok(());
        }
        if let Some(corpus) = inside(path, CORPUS) {
            self.files.push(corpus);
            return Ok(());
        }
        let known = self.files.len();
        for file in files_below(path).map_err(unreadable)? {
            match self.format.is_some() || is_recognised(&file)? {
                true => self.files.push(file),
                false => self.skipped.push(file),
            }
        }
        match self.files.len() == known {
            true => Err(Error::data(
                path,
                "is a folder without corpus.jsonl (also .gz, .zst) and without a file that its name or first bytes tell \
                 to be documents; name files instead, or say `collection.format`",
            )),
            false => Ok(()),
        }
    }

    /// Returns the files of the collection.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Returns the files in the folders of the collection that are left out, as nothing tells their format.
    pub fn skipped(&self) -> &[PathBuf] {
        &self.skipped
    }

    /// Reads the documents from the first on.
    ///
    /// The memory needed is that of one document (at most 64 MiB) and, for every document read, its id and some 24 bytes.
    pub fn documents(&self) -> Documents<'_> {
        Documents {
            collection: self,
            next_file: 0,
            records: None,
            seen: Seen::default(),
            left_out: BTreeSet::new(),
            ended: false,
        }
    }
}

/// Returns the files in `folder` and in the folders below it, in the order of their paths, without hidden ones.
fn files_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut files = vec![];
    for entry in entries {
        let kind = entry.file_type()?; // a link to a folder is none, so that no circle is followed
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match kind.is_dir() {
            true => files.extend(files_below(&entry.path())?),
            false if entry.path().is_file() => files.push(entry.path()),
            false => {}
        }
    }
    Ok(files)
}

/// Returns true when name or first bytes tell the format of a file.
fn is_recognised(path: &Path) -> Result<bool> {
    let mut lines = LineReader::open(path, LONGEST, TOO_LONG)?;
    Ok(CollectionFormat::recognise(path, lines.peek()?).is_some())
}

/// Iterator over the documents of a collection, which ends after the first error.
pub struct Documents<'a> {
    collection: &'a Collection,
    next_file: usize,
    records: Option<Records>,
    seen: Seen,
    left_out: BTreeSet<String>,
    ended: bool,
}

impl Iterator for Documents<'_> {
    type Item = Result<Document>;

    /// Reads the next document.
    ///
    /// # Errors
    /// When a record is malformed, an id occurs twice, or the whole collection has no document.
    fn next(&mut self) -> Option<Result<Document>> {
        if self.ended {
            return None;
        }
        let document = self.read().transpose();
        self.ended = !matches!(document, Some(Ok(_)));
        document
    }
}

impl Documents<'_> {
    /// Returns the names of what was in the files so far and is no part of the documents: keys of JSON whose values are no
    /// strings, sections of SMART, elements of TREC.
    pub fn left_out(&self) -> BTreeSet<String> {
        let current = self.records.iter().flat_map(Records::left_out);
        self.left_out.iter().chain(current).cloned().collect()
    }

    fn read(&mut self) -> Result<Option<Document>> {
        loop {
            if let Some(records) = &mut self.records
                && let Some((line, document)) = records.next()?
            {
                self.seen.insert(line, "document", &document.id)?;
                return Ok(Some(document));
            }
            let Collection { files, format, .. } = self.collection;
            let Some(file) = files.get(self.next_file) else {
                return match self.seen.is_empty() {
                    true => Err(Error::data(&files[0], "holds no document")),
                    false => Ok(None),
                };
            };
            self.left_out = self.left_out();
            self.records = Some(Records::open(file, *format, "document")?);
            self.seen.enter_file(file);
            self.next_file += 1;
        }
    }
}
