//! Ids of documents and topics: validity in a run file, and uniqueness.

use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::error::{Error, Result};

/// Longest id in bytes; a longer one is taken for a mistake in the file.
const LONGEST: usize = 1024;

/// Checks that an id is valid as a column of a run file or of judgements.
///
/// # Errors
/// When `id` is empty, too long, or holds white space or control characters.
pub(super) fn check(path: &Path, line: usize, what: &str, id: &str) -> Result<()> {
    fault(what, id).map_or(Ok(()), |expected| Err(Error::parse(path, line, expected, id.as_bytes())))
}

/// Checks that an id that a user types is valid as a topic's.
///
/// # Errors
/// As for ids in files: when `id` is empty, too long, holds white space or control characters, or starts with `#`.
pub fn check_topic_id(id: &str) -> Result<()> {
    let shown: String = id.chars().take(40).collect();
    fault("topic", id)
        .map_or(Ok(()), |expected| Err(Error::Config(format!("expected {expected}, found {shown:?}"))))
}

/// Returns the id that is expected in the place of one that is not valid.
fn fault(what: &str, id: &str) -> Option<String> {
    if id.is_empty() {
        Some(format!("a {what} id"))
    } else if id.chars().any(|char| char.is_whitespace() || char.is_control()) {
        Some(format!(
            "a {what} id without white space, as a run has one column for it (replace it, say by _)"
        ))
    } else if what == "topic" && id.starts_with('#') {
        Some("a topic id that does not start with #, as such lines of a run are comments".to_owned())
    } else if id.len() > LONGEST {
        Some(format!("a {what} id of at most {LONGEST} bytes"))
    } else {
        None
    }
}

/// Set of the ids seen so far, with their places in the files. An id takes some 24 bytes beside its own.
#[derive(Default)]
pub(super) struct Seen {
    ids: Vec<u8>, // each followed by a line feed, which no id contains
    places: Vec<SeenId>,
    table: HashTable<u32>, // indices of `places`
    files: Vec<PathBuf>,
}

/// Id in the buffer of ids, and the place where it was read.
struct SeenId {
    start: usize, // in `ids`
    file: u32,
    line: u32,
}

impl Seen {
    /// Sets the file of the next ids.
    pub(super) fn enter_file(&mut self, path: &Path) {
        self.files.push(path.to_owned());
    }

    /// Returns true when no id was inserted.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Inserts a valid id.
    ///
    /// # Errors
    /// When the id was inserted before; the error names both places.
    pub(super) fn insert(&mut self, line: usize, what: &str, id: &str) -> Result<()> {
        let Self { ids, places, table, files } = self;
        let hash = hash(id.as_bytes());
        let id_of = |index: u32, places: &[SeenId]| -> &[u8] {
            let rest = &ids[places[index as usize].start..];
            &rest[..memchr::memchr(b'\n', rest).expect("every id has an end")]
        };
        let path = files.last().expect("a file was entered");
        if let Some(&first) = table.find(hash, |&index| id_of(index, places) == id.as_bytes()) {
            let first = &places[first as usize];
            let expected = match &files[first.file as usize] {
                file if file == path => format!("a new {what} id (line {} has it already)", first.line),
                file => format!("a new {what} id ({}:{} has it already)", file.display(), first.line),
            };
            return Err(Error::parse(path, line, expected, id.as_bytes()));
        }
        let index = u32::try_from(places.len())
            .map_err(|_| Error::data(path, "brings the collection to 2^32 records; split it"))?;
        places.push(SeenId {
            start: ids.len(),
            file: (files.len() - 1) as u32,
            line: line.try_into().unwrap_or(u32::MAX),
        });
        table.insert_unique(hash, index, |&index| self::hash(id_of(index, places)));
        ids.extend_from_slice(id.as_bytes());
        ids.push(b'\n');
        Ok(())
    }
}

fn hash(id: &[u8]) -> u64 {
    FixedState::with_seed(0).hash_one(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_ids_are_distinguished_and_the_first_place_is_named() {
        let mut seen = Seen::default();
        seen.enter_file(Path::new("a"));
        for line in 1..=10_000 {
            seen.insert(line, "document", &format!("d{line}")).expect("a new id");
        }
        let text = |error: Error| error.to_string();
        assert_eq!(
            seen.insert(10_001, "document", "d77").map_err(text),
            Err("a:10001: expected a new document id (line 77 has it already), found `d77`".into())
        );
        seen.enter_file(Path::new("b"));
        assert_eq!(
            seen.insert(3, "document", "d10000").map_err(text),
            Err("b:3: expected a new document id (a:10000 has it already), found `d10000`".into())
        );
    }
}
