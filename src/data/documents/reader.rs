//! Collections as streams of documents.

use std::path::{Path, PathBuf};

use super::document::Document;
use super::format::{CollectionFormat, inside};
use super::ids::Seen;
use super::records::Records;

use crate::error::{Error, Result};

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
    format: Option<CollectionFormat>,
}

impl Collection {
    /// Opens the collection of the documents in `paths`, in this order.
    ///
    /// A folder stands for the `corpus.jsonl` (also `.gz`, `.zst`) in it. Without a `format`, it is recognised by each
    /// file's name and first bytes.
    ///
    /// # Errors
    /// When there is no path, a path does not exist, or a folder holds no `corpus.jsonl`.
    pub fn open(paths: &[PathBuf], format: Option<CollectionFormat>) -> Result<Self> {
        if paths.is_empty() {
            return Err(Error::Config("a collection needs at least one file or folder".into()));
        }
        let files = paths.iter().map(|path| corpus(path)).collect::<Result<_>>()?;
        Ok(Self { files, format })
    }

    /// Returns the files of the collection.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Reads the documents from the first on.
    ///
    /// The memory needed is that of one document (at most 64 MiB) and, for every document read, its id and some 24 bytes.
    pub fn documents(&self) -> Documents<'_> {
        Documents { collection: self, next_file: 0, records: None, seen: Seen::default(), ended: false }
    }
}

/// Returns the file of documents that `path` is or, for a BEIR folder, contains.
fn corpus(path: &Path) -> Result<PathBuf> {
    let meta = std::fs::metadata(path).map_err(|source| Error::io(path, "read", source))?;
    if !meta.is_dir() {
        return Ok(path.to_owned());
    }
    inside(path, CORPUS).ok_or_else(|| {
        let message =
            "is a folder without corpus.jsonl (also .gz, .zst), so it is no BEIR folder; name files instead";
        Error::data(path, message)
    })
}

/// Iterator over the documents of a collection, which ends after the first error.
pub struct Documents<'a> {
    collection: &'a Collection,
    next_file: usize,
    records: Option<Records>,
    seen: Seen,
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
    fn read(&mut self) -> Result<Option<Document>> {
        loop {
            if let Some(records) = &mut self.records
                && let Some((line, document)) = records.next()?
            {
                self.seen.insert(line, "document", &document.id)?;
                return Ok(Some(document));
            }
            let Collection { files, format } = self.collection;
            let Some(file) = files.get(self.next_file) else {
                return match self.seen.is_empty() {
                    true => Err(Error::data(&files[0], "holds no document")),
                    false => Ok(None),
                };
            };
            self.records = Some(Records::open(file, *format, "document")?);
            self.seen.enter_file(file);
            self.next_file += 1;
        }
    }
}
