//! A collection as a stream of documents.

use std::path::{Path, PathBuf};

use super::format::inside;
use super::ids::Seen;
use super::records::Records;
use super::{CollectionFormat, Document};
use crate::error::{Error, Result};

/// The documents of a BEIR folder.
const CORPUS: &str = "corpus.jsonl";

/// Where documents are read from: one or more files.
///
/// ```no_run
/// use irgan::data::collection::Collection;
///
/// for document in Collection::open(&["docs.jsonl".into()], None)?.documents() {
///     let document = document?;
///     println!("{} {:?}", document.id, document.field("title"));
/// }
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Collection {
    files: Vec<PathBuf>,
    format: Option<CollectionFormat>,
}

impl Collection {
    /// A collection of the documents of `paths`, in this order. A folder stands for the `corpus.jsonl`
    /// (also `.gz`, `.zst`) in it. Without a `format`, each file's name and first bytes tell it.
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

    /// The files that the documents are read from.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Reads the documents, from the first again at every call. Beside the document at hand (at most
    /// 64 MiB) the memory needed is that of the ids and some 24 bytes for each.
    pub fn documents(&self) -> Documents<'_> {
        Documents { collection: self, next_file: 0, records: None, seen: Seen::default(), ended: false }
    }
}

/// The file that `path` stands for.
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

/// The documents of a collection, in order; it ends with the first error.
pub struct Documents<'a> {
    collection: &'a Collection,
    next_file: usize,
    records: Option<Records>,
    seen: Seen,
    ended: bool,
}

impl Iterator for Documents<'_> {
    type Item = Result<Document>;

    /// # Errors
    /// A malformed record; an id that is there twice; no document in the whole collection.
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
