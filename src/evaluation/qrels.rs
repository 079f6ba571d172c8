//! Relevance judgements in TREC's format: `query 0 document grade`, one a line.

use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::ops::Range;
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::{Judged, check_id};
use crate::files::bytes::{Bytes, Columns, line_at, line_number};
use crate::{Error, Result};

/// Grades beyond this are taken for a mistake (a line with its columns out of order).
pub(crate) const LARGEST_GRADE: i32 = 1000;

/// The judgements of many queries. Document ids stay where they are in the (memory-mapped) file.
///
/// Blank lines and lines that start with `#` are skipped, columns may be separated by spaces or
/// tabs, lines may end in CRLF, the file may be packed (`.gz`, `.zst`). A document that is judged
/// twice for one query is an error, as in trec_eval, and so is any line without exactly 4 columns.
///
/// ```
/// use irgan::evaluation::Qrels;
///
/// let qrels = Qrels::from_bytes("qrels.txt", b"q1 0 d1 2\nq1 0 d7 0\n".to_vec())?;
/// assert_eq!(qrels.grade("q1", "d1"), Some(2));
/// assert_eq!(qrels.grade("q1", "d2"), None);
/// # Ok::<(), irgan::Error>(())
/// ```
pub struct Qrels {
    path: PathBuf,
    bytes: Bytes,
    queries: Vec<QueryQrels>,
    by_id: HashTable<u32>,
}

/// The judgements of one query.
pub(super) struct QueryQrels {
    id: Range<usize>,
    documents: HashTable<Judgement>,
    judged: Judged,
}

struct Judgement {
    hash: u64,
    id: Range<usize>,
    grade: i32,
}

/// The hash of an id: the same in judgements and runs, so that it is computed once.
#[inline]
pub(super) fn hash(id: &[u8]) -> u64 {
    FixedState::with_seed(0).hash_one(id)
}

impl Qrels {
    /// Reads a file of judgements.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(path.to_owned(), Bytes::open(path)?)
    }

    /// Reads judgements that are in memory already; `path` is what errors will name.
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self> {
        Self::parse(path.into(), Bytes::Owned(bytes))
    }

    fn parse(path: PathBuf, bytes: Bytes) -> Result<Self> {
        let mut qrels = Self { path, bytes, queries: Vec::new(), by_id: HashTable::new() };
        let bytes = std::mem::replace(&mut qrels.bytes, Bytes::Owned(Vec::new()));
        let mut columns = Columns::new(&bytes);
        let mut current = None;
        while let Some(start) = columns.next_record() {
            let [query, _, document, grade] = std::array::from_fn(|_| columns.column());
            if grade.is_empty() || !columns.column().is_empty() {
                return Err(qrels.malformed(
                    &bytes,
                    start,
                    "4 columns (query 0 document grade)",
                    line_at(&bytes, start),
                ));
            }
            let Some(grade) = read_grade(&bytes[grade.clone()]) else {
                let expected = format!("an integer grade between -{LARGEST_GRADE} and {LARGEST_GRADE}");
                return Err(qrels.malformed(&bytes, start, &expected, &bytes[grade]));
            };
            columns.skip_line();
            let index = match current {
                Some(index) if bytes[qrels.queries[index as usize].id.clone()] == bytes[query.clone()] => {
                    index
                }
                _ => qrels.query_index(&bytes, query),
            };
            current = Some(index);
            qrels.insert(&bytes, index, document, grade)?;
        }
        for query in &mut qrels.queries {
            query.judged = Judged::new(query.documents.iter().map(|judgement| judgement.grade));
        }
        qrels.bytes = bytes;
        if qrels.queries.is_empty() {
            return Err(Error::data(
                &qrels.path,
                "holds no judgement; expected lines of `query 0 document grade`",
            ));
        }
        Ok(qrels)
    }

    /// The place of a query, which is added when it is new.
    fn query_index(&mut self, bytes: &[u8], id: Range<usize>) -> u32 {
        let queries = &mut self.queries;
        let hashed = hash(&bytes[id.clone()]);
        let id_of = |index: u32, queries: &[QueryQrels]| queries[index as usize].id.clone();
        if let Some(&index) =
            self.by_id.find(hashed, |&index| bytes[id_of(index, queries)] == bytes[id.clone()])
        {
            return index;
        }
        let index = u32::try_from(queries.len()).expect("a file of judgements holds fewer than 2^32 queries");
        self.by_id.insert_unique(hashed, index, |&index| hash(&bytes[id_of(index, queries)]));
        queries.push(QueryQrels { id, documents: HashTable::new(), judged: Judged::default() });
        index
    }

    fn insert(&mut self, bytes: &[u8], query: u32, id: Range<usize>, grade: i32) -> Result<()> {
        let hash = hash(&bytes[id.clone()]);
        let documents = &mut self.queries[query as usize].documents;
        if let Some(first) =
            documents.find(hash, |judgement| bytes[judgement.id.clone()] == bytes[id.clone()])
        {
            let line = line_number(bytes, first.id.start);
            let expected = format!("one judgement a query and document (line {line} has it already)");
            return Err(self.malformed(bytes, id.start, &expected, line_at(bytes, id.start)));
        }
        documents.insert_unique(hash, Judgement { hash, id, grade }, |judgement| judgement.hash);
        Ok(())
    }

    fn malformed(&self, bytes: &[u8], offset: usize, expected: &str, found: &[u8]) -> Error {
        Error::parse(&self.path, line_number(bytes, offset), expected, found)
    }

    /// Where the judgements came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many queries have a judgement.
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Never true: a file without judgements is an error.
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// The ids of the queries, in the order of the file.
    pub fn queries(&self) -> impl Iterator<Item = &[u8]> {
        self.queries.iter().map(|query| &self.bytes[query.id.clone()])
    }

    /// The grade of a document, `None` when it was not judged for this query.
    pub fn grade(&self, query: impl AsRef<[u8]>, document: impl AsRef<[u8]>) -> Option<i32> {
        let document = document.as_ref();
        self.query(query.as_ref())?.grade(hash(document), document, self)
    }

    /// The summary of a query's judgements.
    pub fn judged(&self, query: impl AsRef<[u8]>) -> Option<&Judged> {
        Some(self.query(query.as_ref())?.judged())
    }

    /// The judgements of one query.
    pub(super) fn query(&self, id: &[u8]) -> Option<&QueryQrels> {
        let place = |index: u32| &self.queries[index as usize];
        let index = self.by_id.find(hash(id), |&index| self.bytes[place(index).id.clone()] == *id)?;
        Some(place(*index))
    }
}

impl QueryQrels {
    /// The grade of the document `id`, whose hash is `hash`.
    #[inline]
    pub(super) fn grade(&self, hash: u64, id: &[u8], qrels: &Qrels) -> Option<i32> {
        let same = |judgement: &Judgement| judgement.hash == hash && qrels.bytes[judgement.id.clone()] == *id;
        self.documents.find(hash, same).map(|judgement| judgement.grade)
    }

    pub(super) fn judged(&self) -> &Judged {
        &self.judged
    }
}

fn read_grade(text: &[u8]) -> Option<i32> {
    let grade = std::str::from_utf8(text).ok()?.parse().ok()?;
    (-LARGEST_GRADE..=LARGEST_GRADE).contains(&grade).then_some(grade)
}

/// Appends the judgements of one query to `text`, as lines of `query 0 document grade`.
///
/// # Errors
/// When an id would not be read back as one column.
pub fn write_qrels<'a>(
    text: &mut String,
    query: &str,
    judged: impl IntoIterator<Item = (&'a str, i32)>,
) -> Result<()> {
    check_id("query", query)?;
    for (document, grade) in judged {
        check_id("document", document)?;
        writeln!(text, "{query} 0 {document} {grade}").expect("a String takes what is written");
    }
    Ok(())
}
