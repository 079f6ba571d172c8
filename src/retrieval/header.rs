//! Header of an index, `index.toml`. It is written last, so that a folder without it is no index.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Language;
use crate::error::{Error, Result};
use crate::files::toml_file;

/// Name of the header's file.
pub(super) const HEADER: &str = "index.toml";
/// Name of the folder of tantivy's files.
pub(super) const SEGMENTS: &str = "segments";
/// Name of the file of lengths, ids and term counts.
pub(super) const STATISTICS: &str = "statistics.bin";

/// Version of the folder's layout and of the terms in it; 2 since texts are normalised.
const FORMAT: u32 = 2;
/// Version of tantivy that reads and writes the segments.
const TANTIVY: &str = "0.27";

/// Description of an index: versions, language, fields, and the files that belong to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Header {
    pub(super) format: u32,
    pub(super) tantivy: String,
    pub(super) language: Language,
    pub(super) documents: u64,
    /// Names of the collection's fields, in order.
    pub(super) fields: Vec<String>,
    /// Ids of the segments, in the order of their documents' numbers.
    pub(super) segments: Vec<String>,
    /// CRC-32 of the statistics file.
    pub(super) checksum: u32,
    /// Size of every file in bytes, by its path in the index.
    pub(super) files: BTreeMap<String, u64>,
}

/// Versions of a header, which are read before the rest, as that is another in every format.
#[derive(Deserialize)]
struct Version {
    format: u32,
    tantivy: String,
}

impl Header {
    pub(super) fn new(language: Language, fields: Vec<String>) -> Self {
        Self {
            format: FORMAT,
            tantivy: TANTIVY.to_owned(),
            language,
            documents: 0,
            fields,
            segments: vec![],
            checksum: 0,
            files: BTreeMap::new(),
        }
    }

    /// Reads the header in `folder` and checks the presence and size of every file that it lists.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(HEADER);
        if !path.is_file() {
            let message = "is no index: index.toml is missing; make one: `index.build`";
            return Err(Error::data(folder, message));
        }
        let unreadable = |cause: Error| {
            let message = format!("not an index of this version ({cause}); make it again: `index.rebuild`");
            Error::data(folder, message)
        };
        let Version { format, tantivy } = toml_file::read(&path).map_err(unreadable)?;
        if format != FORMAT || tantivy != TANTIVY {
            let message = format!(
                "format {format} of tantivy {tantivy} is not the format {FORMAT} of tantivy {TANTIVY} that this version \
                 reads; make the index again: `index.rebuild`"
            );
            return Err(Error::data(&path, message));
        }
        let header: Self = toml_file::read(&path).map_err(unreadable)?;
        for (name, &size) in &header.files {
            let file = folder.join(name);
            let found = std::fs::metadata(&file).map_err(|source| Error::io(&file, "read", source))?.len();
            if found != size {
                return Err(damaged(&file, format!("{found} bytes instead of {size}")));
            }
        }
        Ok(header)
    }

    /// Returns the size of all files together, in bytes.
    pub(super) fn size(&self) -> u64 {
        self.files.values().sum()
    }
}

/// Returns the error of a file whose content is not what was written.
pub(super) fn damaged(file: &Path, found: impl std::fmt::Display) -> Error {
    Error::data(file, format!("damaged ({found}); make the index again: `index.rebuild`"))
}
