//! List of the shards of an index, `shards.toml`. It is written last, so that a folder of shards without it is no index.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Language;
use super::header::{HEADER, Header, damaged};
use crate::error::{Error, Result};
use crate::files::toml_file;

/// Name of the list's file.
pub(super) const SHARDS: &str = "shards.toml";
/// Beginning of the name of a shard's folder, before its number.
const FOLDER: &str = "shard-";
/// Version of the list.
const FORMAT: u32 = 1;

/// Counts of all shards of an index together, and the check sum by which each shard is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ShardList {
    format: u32,
    pub(super) language: Language,
    /// Names of the collection's fields, in order.
    pub(super) fields: Vec<String>,
    /// Number of documents of all shards, N.
    pub(super) documents: u64,
    /// Number of terms in every searchable field of all shards.
    pub(super) tokens: Vec<u64>,
    /// CRC-32 of this list, in which it is 0.
    pub(super) list: u32,
    pub(super) shards: Vec<ListedShard>,
}

/// Shard of a list.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ListedShard {
    /// Number of documents.
    pub(super) documents: u64,
    /// CRC-32 of the shard's header, which holds those of all its files.
    pub(super) header: u32,
}

/// Version of a list, which is read before the rest.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl ShardList {
    /// Lists `shards`, which have so many terms in every searchable field together.
    pub(super) fn new(
        language: Language,
        fields: Vec<String>,
        shards: Vec<ListedShard>,
        tokens: Vec<u64>,
    ) -> Self {
        let documents = shards.iter().map(|shard| shard.documents).sum();
        Self { format: FORMAT, language, fields, documents, tokens, list: 0, shards }
    }

    /// Reads and checks the list in `folder`; `None` where there is neither a list nor a shard.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(SHARDS);
        if !path.is_file() {
            if !has_shards(folder) {
                return Ok(None);
            }
            let message = "is unfinished: there are shards, and shards.toml, which is written last, is missing; copy the index whole, or \
                           make it again: `index.rebuild`";
            return Err(Error::data(folder, message));
        }
        let unreadable = |cause: Error| {
            let message = format!(
                "not the shards of an index of this version ({cause}); make it again: `index.rebuild`"
            );
            Error::data(folder, message)
        };
        let Version { format } = toml_file::read(&path).map_err(unreadable)?;
        if format != FORMAT {
            let message = format!(
                "format {format} is not the format {FORMAT} that this version reads; make the index again: `index.rebuild`"
            );
            return Err(Error::data(&path, message));
        }
        let list: Self = toml_file::read(&path).map_err(unreadable)?;
        let documents: u64 = list.shards.iter().map(|shard| shard.documents).sum();
        match list.own_sum()? == list.list && documents == list.documents && documents <= u32::MAX.into() {
            true => Ok(Some(list)),
            false => Err(damaged(&path, "its check sum is wrong")),
        }
    }

    /// Writes this list, the last file of an index.
    pub(super) fn write(mut self, folder: &Path) -> Result<()> {
        self.list = self.own_sum()?;
        toml_file::write(&folder.join(SHARDS), &self)
    }

    /// Returns the CRC-32 of the list, as it is with a sum of 0.
    fn own_sum(&self) -> Result<u32> {
        let text = toml::to_string(&Self { list: 0, ..self.clone() });
        let text = text.map_err(|cause| Error::Config(cause.to_string()))?;
        Ok(crc32fast::hash(text.as_bytes()))
    }

    /// Reads the header of the shard at `place`, from 0, and checks that it is the one of this list; also returns its folder.
    pub(super) fn header(&self, folder: &Path, place: usize) -> Result<(PathBuf, Header)> {
        let path = folder_of_shard(folder, place);
        let all = self.shards.len();
        if !path.join(HEADER).is_file() {
            let message = format!(
                "is missing or unfinished, one of the {all} shards of the index; copy it from where the index was made, or make that again: \
                 `index.rebuild`"
            );
            return Err(Error::data(&path, message));
        }
        let header = Header::read(&path)?;
        if header.header != self.shards[place].header {
            let message = format!(
                "is a shard of another index: not the one that shards.toml lists; copy shard {} of {all} from where the index was made, \
                 or make that again: `index.rebuild`",
                place + 1
            );
            return Err(Error::data(&path, message));
        }
        Ok((path, header))
    }
}

/// Returns the folder of the shard at `place`, from 0; the numbers of folders begin with 1.
pub(super) fn folder_of_shard(folder: &Path, place: usize) -> PathBuf {
    folder.join(format!("{FOLDER}{}", place + 1))
}

/// Returns true for the name of a shard's folder.
pub(super) fn is_name_of_shard(name: &OsStr) -> bool {
    let number = name.to_str().and_then(|name| name.strip_prefix(FOLDER));
    number.is_some_and(|number| number.parse::<usize>().is_ok_and(|parsed| parsed.to_string() == number))
}

fn has_shards(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| is_name_of_shard(&entry.file_name()))
}
