//! What an index tells of itself: `index.toml`, written last, so that a folder without it is no index.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Language;
use crate::error::{Error, Result};
use crate::files::toml_file;

/// The description's file.
pub(super) const HEADER: &str = "index.toml";
/// The folder of tantivy's own files.
pub(super) const SEGMENTS: &str = "segments";
/// The file of lengths, ids and term counts.
pub(super) const STATISTICS: &str = "statistics.bin";

/// Version of the folder's layout.
const FORMAT: u32 = 1;
/// The tantivy whose files are read and written.
const TANTIVY: &str = "0.27";

/// The description of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Header {
    pub(super) format: u32,
    pub(super) tantivy: String,
    pub(super) language: Language,
    pub(super) documents: u64,
    /// The named fields, in order.
    pub(super) fields: Vec<String>,
    /// Segments in the order of their documents' numbers.
    pub(super) segments: Vec<String>,
    /// Check sum (CRC-32) of the statistics.
    pub(super) checksum: u32,
    /// Bytes of every file.
    pub(super) files: BTreeMap<String, u64>,
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

    /// Reads the description in `folder` and checks that all its files are there, in their size.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(HEADER);
        if !path.is_file() {
            let message = "is no index: index.toml is missing. Make one: `index.build`";
            return Err(Error::data(folder, message));
        }
        let header: Self = toml_file::read(&path).map_err(|cause| {
            Error::data(
                folder,
                format!("not an index of this version ({cause}); make it again: `index.rebuild`"),
            )
        })?;
        if header.format != FORMAT || header.tantivy != TANTIVY {
            let found = format!("format {} of tantivy {}", header.format, header.tantivy);
            return Err(Error::data(
                &path,
                format!(
                    "{found} is not the format {FORMAT} of tantivy {TANTIVY} this program reads; make the index again: `index.rebuild`"
                ),
            ));
        }
        for (name, &size) in &header.files {
            let file = folder.join(name);
            let found = std::fs::metadata(&file).map_err(|source| Error::io(&file, "read", source))?.len();
            if found != size {
                return Err(damaged(&file, format!("{found} bytes instead of {size}")));
            }
        }
        Ok(header)
    }

    /// Bytes of all files.
    pub(super) fn size(&self) -> u64 {
        self.files.values().sum()
    }
}

/// The error of a file that is not what was written.
pub(super) fn damaged(file: &Path, found: impl std::fmt::Display) -> Error {
    Error::data(file, format!("damaged ({found}); make the index again: `index.rebuild`"))
}
