//! Candidates from a run file: the rankings of another engine, in place of what the index finds.

use std::path::{Path, PathBuf};

use hashbrown::HashMap;

use crate::data::documents::Topic;
use crate::error::{Error, Result};
use crate::evaluation::RunFile;
use crate::event::Listener;
use crate::retrieval::{Hit, TextIndex};

/// Rankings of another engine, read from a run file, whose documents are candidates: those that the index holds.
#[derive(Debug)]
pub struct RunCandidates {
    path: PathBuf,
    check_sum: u32,
    by_query: HashMap<String, Vec<Hit>>,
    missing: Missing,
}

/// Documents of a run that the index does not hold.
#[derive(Debug, Default)]
struct Missing {
    count: usize,
    first: String,
}

impl RunCandidates {
    /// Reads the run in `path`: TREC's format or MS MARCO's, plain or packed.
    ///
    /// # Errors
    /// When the file cannot be read, a line is malformed, a document occurs twice for a query, or the index has none of the documents.
    pub fn read(path: &Path, index: &TextIndex) -> Result<Self> {
        let mut missing = Missing::default();
        let mut by_query = HashMap::new();
        let file = RunFile::open(path)?;
        for (query, documents) in file.rankings()? {
            let mut hits = Vec::with_capacity(documents.len());
            for (id, score) in documents {
                match index.find(&id) {
                    Some(document) => hits.push(Hit { document, score: score as f32 }),
                    None => missing.add(id),
                }
            }
            by_query.insert(query, hits);
        }
        if by_query.values().all(Vec::is_empty) {
            let own = if index.documents() > 0 { index.id(index.in_order_of_ids(0)) } else { "none" };
            let message = format!(
                "none of its documents is in the index: the run has ids such as {}, the index such as {own}",
                missing.first
            );
            return Err(Error::data(path, message));
        }
        Ok(Self { path: path.to_owned(), check_sum: file.check_sum(), by_query, missing })
    }

    /// Returns the check sum of the file's content, after unpacking.
    pub fn check_sum(&self) -> u32 {
        self.check_sum
    }

    /// Warns `listener` of the run's documents that are left out, and refuses `topics` of which the run has none.
    ///
    /// # Errors
    /// When no topic is a query of the run.
    pub fn check(&self, topics: &[Topic], listener: &mut dyn Listener) -> Result<()> {
        let Missing { count, first } = &self.missing;
        if *count > 0 {
            let all = count + self.by_query.values().map(Vec::len).sum::<usize>();
            let path = self.path.display();
            listener.warning(&format!(
                "{path}: {count} of {all} documents are not in the index, the first is {first}: left out"
            ));
        }
        match topics.first() {
            Some(topic) if !topics.iter().any(|topic| self.by_query.contains_key(&topic.id)) => {
                let own = self.by_query.keys().min().expect("a run holds a query");
                let message = format!(
                    "no topic is a query of this run: topics have ids such as {}, the run such as {own}; see `topics.ids`, \
                     or change one of the files",
                    topic.id
                );
                Err(Error::data(&self.path, message))
            }
            _ => Ok(()),
        }
    }

    /// Returns the candidates of a query, best first.
    pub(super) fn of(&self, query: &str) -> &[Hit] {
        self.by_query.get(query).map_or(&[], Vec::as_slice)
    }
}

impl Missing {
    fn add(&mut self, id: String) {
        self.count += 1;
        if self.first.is_empty() {
            self.first = id;
        }
    }
}
