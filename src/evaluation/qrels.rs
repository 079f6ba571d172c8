//! Reader of relevance judgements, and writer of those in TREC's format, lines of `query 0 document grade`.

use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::ops::Range;
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::layout::{self, LARGEST_GRADE, Layout, read_grade};
use super::{Judged, check_id};
use crate::files::bytes::{Columns, line_at, line_number, read_text, text};
use crate::{Error, Result};

/// Relevance judgements of many queries, whose document ids stay in the bytes of the file.
///
/// Lines of `query 0 document grade` (TREC) or `query document grade`; a header line, such as BEIR's, names the columns.
/// Lines of SMART, `query document 0 0`, are relevant pairs. Blank lines and lines that start with `#` are skipped; columns
/// are separated by spaces or tabs; a grade may be written `2.0`; lines may end in CRLF; the file may be compressed (gzip or
/// zstandard). A document that is judged twice for one query is an error, as in trec_eval, and so is a line of another
/// number of columns.
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
    bytes: Vec<u8>,
    queries: Vec<QueryQrels>,
    by_id: HashTable<u32>,
    layout: Option<Layout>,
}

/// Judgements of one query.
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

/// Returns the hash of an id, by which judgements and runs look it up.
#[inline]
pub(super) fn hash(id: &[u8]) -> u64 {
    FixedState::with_seed(0).hash_one(id)
}

impl Qrels {
    /// Reads a file of judgements, plain or compressed.
    ///
    /// # Errors
    /// When the file cannot be read, a line is malformed, a document is judged twice, or there is no judgement.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(path.to_owned(), read_text(path)?)
    }

    /// Reads judgements from bytes in memory, which errors call `path`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self> {
        let path = path.into();
        let bytes = text(&path, bytes)?;
        Self::parse(path, bytes)
    }

    /// Returns judgements of no query, which errors call `path`.
    pub(super) fn empty(path: PathBuf) -> Self {
        Self { path, bytes: Vec::new(), queries: Vec::new(), by_id: HashTable::new(), layout: None }
    }

    /// Returns the judgements, whose ids are in `bytes`, with the summary of every query; `None` when there are none.
    pub(super) fn completed(mut self, bytes: Vec<u8>) -> Option<Self> {
        for query in &mut self.queries {
            query.judged = Judged::new(query.documents.iter().map(|judgement| judgement.grade));
        }
        self.bytes = bytes;
        (!self.queries.is_empty()).then_some(self)
    }

    fn parse(path: PathBuf, bytes: Vec<u8>) -> Result<Self> {
        let mut qrels = Self::empty(path);
        qrels.layout = Layout::of(&bytes);
        let mut columns = Columns::new(&bytes);
        if qrels.layout.is_some_and(|layout| layout.header) {
            columns.next_record();
            columns.skip_line();
        }
        let mut current = None;
        while let Some(start) = columns.next_record() {
            let record = layout::record(&mut columns);
            let Some(layout) = qrels.layout.filter(|layout| layout.columns == layout::count(&record)) else {
                let expected = Layout::expected(qrels.layout);
                return Err(qrels.malformed(&bytes, start, expected, line_at(&bytes, start)));
            };
            let (query, document, grade) = layout.fields(&bytes, &record);
            let grade = qrels.grade_at(&bytes, grade)?;
            columns.skip_line();
            let index = match current {
                Some(index) if qrels.is_query(&bytes, index, &bytes[query.clone()]) => index,
                _ => qrels.query_index(&bytes, query),
            };
            current = Some(index);
            if let Some(first) = qrels.insert(&bytes, index, document.clone(), grade) {
                let line = line_number(&bytes, first);
                let expected = format!("one judgement a query and document (line {line} has it already)");
                let found = line_at(&bytes, document.start);
                return Err(qrels.malformed(&bytes, document.start, &expected, found));
            }
        }
        let path = qrels.path.clone();
        let none = || Error::data(path, "holds no judgement; expected lines of `query 0 document grade`");
        qrels.completed(bytes).ok_or_else(none)
    }

    /// Reads the grade in a column; a pair without one is relevant.
    fn grade_at(&self, bytes: &[u8], column: Option<Range<usize>>) -> Result<i32> {
        let Some(column) = column else { return Ok(1) };
        read_grade(&bytes[column.clone()]).ok_or_else(|| {
            let expected = format!("an integer grade between -{LARGEST_GRADE} and {LARGEST_GRADE}");
            self.malformed(bytes, column.start, &expected, &bytes[column])
        })
    }

    /// Returns true when the query at a place has this id.
    pub(super) fn is_query(&self, bytes: &[u8], index: u32, id: &[u8]) -> bool {
        bytes[self.queries[index as usize].id.clone()] == *id
    }

    /// Returns the place of a query, which is added if it is new.
    pub(super) fn query_index(&mut self, bytes: &[u8], id: Range<usize>) -> u32 {
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

    /// Adds a judgement; returns the place of the earlier one of the same document, which stays.
    pub(super) fn insert(&mut self, bytes: &[u8], query: u32, id: Range<usize>, grade: i32) -> Option<usize> {
        let hash = hash(&bytes[id.clone()]);
        let documents = &mut self.queries[query as usize].documents;
        if let Some(first) =
            documents.find(hash, |judgement| bytes[judgement.id.clone()] == bytes[id.clone()])
        {
            return Some(first.id.start);
        }
        documents.insert_unique(hash, Judgement { hash, id, grade }, |judgement| judgement.hash);
        None
    }

    fn malformed(&self, bytes: &[u8], offset: usize, expected: &str, found: &[u8]) -> Error {
        Error::parse(&self.path, line_number(bytes, offset), expected, found)
    }

    /// Returns a sentence on what was guessed while reading, if anything was.
    pub fn guessed(&self) -> Option<String> {
        self.layout.is_some_and(Layout::is_pairs).then(|| {
            let path = self.path.display();
            format!(
                "{path}: lines of SMART, `query document 0 0`: each of these documents counts as relevant"
            )
        })
    }

    /// Returns true when every line is `query 0 document grade`, as lines that are appended will be.
    pub(super) fn is_trec(&self) -> bool {
        self.layout.is_some_and(Layout::is_trec)
    }

    /// Iterates over every judgement as offset in the file, query, document and grade: queries in order of first appearance,
    /// documents in the order of the file.
    pub(crate) fn judgements(&self) -> impl Iterator<Item = (usize, &[u8], &[u8], i32)> {
        self.queries.iter().flat_map(|query| {
            let mut documents: Vec<&Judgement> = query.documents.iter().collect();
            documents.sort_unstable_by_key(|judgement| judgement.id.start);
            documents.into_iter().map(|Judgement { id, grade, .. }| {
                (id.start, &self.bytes[query.id.clone()], &self.bytes[id.clone()], *grade)
            })
        })
    }

    /// Returns the number of the line at an offset.
    pub(crate) fn line(&self, offset: usize) -> usize {
        line_number(&self.bytes, offset)
    }

    /// Returns the path of the judgements.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of queries with a judgement.
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Returns true when there are no judgements, which never happens: reading refuses such a file.
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Iterates over the ids of the queries, in the order of the file.
    pub fn queries(&self) -> impl Iterator<Item = &[u8]> {
        self.queries.iter().map(|query| &self.bytes[query.id.clone()])
    }

    /// Returns the grade of a document for a query; `None` when it was not judged.
    pub fn grade(&self, query: impl AsRef<[u8]>, document: impl AsRef<[u8]>) -> Option<i32> {
        let document = document.as_ref();
        self.query(query.as_ref())?.grade(hash(document), document, self)
    }

    /// Returns the summary of a query's judgements; `None` when it has none.
    pub fn judged(&self, query: impl AsRef<[u8]>) -> Option<&Judged> {
        Some(self.query(query.as_ref())?.judged())
    }

    /// Returns the judgements of one query.
    pub(super) fn query(&self, id: &[u8]) -> Option<&QueryQrels> {
        let place = |index: u32| &self.queries[index as usize];
        let index = self.by_id.find(hash(id), |&index| self.bytes[place(index).id.clone()] == *id)?;
        Some(place(*index))
    }
}

impl QueryQrels {
    /// Returns the grade of the document `id`, whose hash is `hash`.
    #[inline]
    pub(super) fn grade(&self, hash: u64, id: &[u8], qrels: &Qrels) -> Option<i32> {
        let same = |judgement: &Judgement| judgement.hash == hash && qrels.bytes[judgement.id.clone()] == *id;
        self.documents.find(hash, same).map(|judgement| judgement.grade)
    }

    pub(super) fn judged(&self) -> &Judged {
        &self.judged
    }
}

/// Appends the judgements of one query to `text`, as lines of `query 0 document grade`.
///
/// # Errors
/// When an id is empty, holds a blank or, for a query, starts with `#`.
///
/// ```
/// use irgan::evaluation::qrels::write_qrels;
///
/// let mut text = String::new();
/// write_qrels(&mut text, "q1", [("d1", 2), ("d7", 0)])?;
/// assert_eq!(text, "q1 0 d1 2\nq1 0 d7 0\n");
/// # Ok::<(), irgan::Error>(())
/// ```
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
