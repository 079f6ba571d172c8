//! Header of an index, `index.toml`. It is written last, so that a folder without it is no index.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Language;
use super::seal::{BLOCK, CheckSums};
use crate::error::{Error, Result};
use crate::files::toml_file;

/// Name of the header's file.
pub(super) const HEADER: &str = "index.toml";
/// Name of the folder of tantivy's files.
pub(super) const SEGMENTS: &str = "segments";
/// Name of the file of lengths, ids and term counts.
pub(super) const STATISTICS: &str = "statistics.bin";
/// Name of the file of the check sums of all other files, block by block.
pub(super) const CHECKSUMS: &str = "checksums.bin";

/// Version of the folder's layout and of the terms in it; 2 since texts are normalised and blocks are sealed.
const FORMAT: u32 = 2;
/// Version of tantivy that reads and writes the segments.
const TANTIVY: &str = "0.27";

/// Description of an index: versions, language, fields, and the files that belong to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Header {
    pub(super) format: u32,
    pub(super) tantivy: String,
    /// Number of the shard, from 1, and that of all shards, in an index of several folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shard: Option<[u32; 2]>,
    pub(super) language: Language,
    pub(super) documents: u64,
    /// Names of the collection's fields, in order.
    pub(super) fields: Vec<String>,
    /// Ids of the segments, in the order of their documents' numbers.
    pub(super) segments: Vec<String>,
    /// CRC-32 of the file of check sums.
    pub(super) checksums: u32,
    /// CRC-32 of this header, in which it is 0.
    pub(super) header: u32,
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
    pub(super) fn new(language: Language, fields: Vec<String>, shard: Option<[u32; 2]>) -> Self {
        Self {
            format: FORMAT,
            tantivy: TANTIVY.to_owned(),
            shard,
            language,
            documents: 0,
            fields,
            segments: vec![],
            checksums: 0,
            header: 0,
            files: BTreeMap::new(),
        }
    }

    /// Reads the header in `folder` and checks it, and the presence and size of every file that it lists.
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
        if header.own_sum()? != header.header {
            return Err(damaged(&path, "its check sum is wrong"));
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

    /// Sums the blocks of all files and writes the sums and this header, the last file of an index; returns the check sum of the header.
    pub(super) fn write(mut self, folder: &Path) -> Result<u32> {
        let sums = CheckSums::compute(folder, self.files.keys())?.to_bytes();
        let path = folder.join(CHECKSUMS);
        let written = std::fs::File::create_new(&path).and_then(|mut file| {
            file.write_all(&sums)?;
            file.sync_all()
        });
        written.map_err(|source| Error::io(&path, "write", source))?;
        self.checksums = crc32fast::hash(&sums);
        self.header = self.own_sum()?;
        toml_file::write(&folder.join(HEADER), &self)?;
        Ok(self.header)
    }

    /// Returns the CRC-32 of the header, as it is with a sum of 0.
    fn own_sum(&self) -> Result<u32> {
        let text = toml::to_string(&Self { header: 0, ..self.clone() });
        let text = text.map_err(|cause| Error::Config(cause.to_string()))?;
        Ok(crc32fast::hash(text.as_bytes()))
    }

    /// Reads the check sums of all files.
    pub(super) fn check_sums(&self, folder: &Path) -> Result<CheckSums> {
        let path = folder.join(CHECKSUMS);
        let blocks: u64 = self.files.values().map(|size| size.div_ceil(BLOCK as u64)).sum();
        let found = std::fs::metadata(&path).map_err(|source| Error::io(&path, "read", source))?.len();
        if found != 4 * blocks {
            return Err(damaged(&path, format!("{found} bytes instead of {}", 4 * blocks)));
        }
        let bytes = std::fs::read(&path).map_err(|source| Error::io(&path, "read", source))?;
        let sums = CheckSums::from_bytes(&bytes, &self.files);
        let right = sums.filter(|_| crc32fast::hash(&bytes) == self.checksums);
        right.ok_or_else(|| damaged(&path, "its check sum is wrong"))
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
