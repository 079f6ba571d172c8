//! Ids of documents and topics: fit for a run file, and each there once.

use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::error::{Error, Result};

/// The longest id in bytes: an index keeps ids as terms, and longer ones are a mistake in the file.
const LONGEST: usize = 1024;

/// An id must be one column of a run or of judgements.
///
/// # Errors
/// When `id` is empty, too long, or holds white space or control characters.
pub(super) fn check(path: &Path, line: usize, what: &str, id: &str) -> Result<()> {
    let expected = if id.is_empty() {
        format!("a {what} id")
    } else if id.chars().any(|char| char.is_whitespace() || char.is_control()) {
        format!("a {what} id without white space, as a run has one column for it (replace it, say by _)")
    } else if what == "topic" && id.starts_with('#') {
        "a topic id that does not start with #, as such lines of a run are comments".to_owned()
    } else if id.len() > LONGEST {
        format!("a {what} id of at most {LONGEST} bytes")
    } else {
        return Ok(());
    };
    Err(Error::parse(path, line, expected, id.as_bytes()))
}

/// The ids seen so far, and where: some 24 bytes each beside the id.
#[derive(Default)]
pub(super) struct Seen {
    ids: Vec<u8>, // each followed by a line feed, which no id contains
    places: Vec<Place>,
    table: HashTable<u32>, // of `places`
    files: Vec<PathBuf>,
}

struct Place {
    start: usize, // in `ids`
    file: u32,
    line: u32,
}

impl Seen {
    /// Names the file of the ids to come.
    pub(super) fn enter_file(&mut self, path: &Path) {
        self.files.push(path.to_owned());
    }

    /// Whether no id was seen.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Takes note of a checked id.
    ///
    /// # Errors
    /// When it was seen before; both places are named.
    pub(super) fn insert(&mut self, line: usize, what: &str, id: &str) -> Result<()> {
        let Self { ids, places, table, files } = self;
        let hash = hash(id.as_bytes());
        let id_of = |index: u32, places: &[Place]| -> &[u8] {
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
        places.push(Place {
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
    fn many_ids_are_told_apart_and_the_first_place_is_named() {
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
