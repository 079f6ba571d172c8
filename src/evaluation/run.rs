//! Reader of runs in TREC's format, lines of `query Q0 document rank score tag`, and in MS MARCO's, `query document rank`.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashTable};

use super::layout::{count, record};
use super::qrels::hash;
use super::ranking::descending_key;
use super::run_names::short_name;
use super::table_ids::QueryScores;
use crate::files::bytes::{Columns, line_at, line_number, read_text};
use crate::{Error, Result};

/// Run file in TREC's format, which is read while it is evaluated, one query at a time.
///
/// The rank column is ignored: documents are ordered by descending score, ties by descending document id (byte by byte),
/// as in trec_eval. Scores are read as `f64`, as in trec_eval from version 10 on; earlier versions rounded to `f32` and
/// could find ties that the file does not have. A document that is retrieved twice for one query is an error, and so is a
/// score that is not finite. Lines of one query may be scattered over the file, which costs memory. Comments, blank lines,
/// line ends and packing are as for [`Qrels`](super::Qrels); columns after the tag are ignored.
///
/// A file whose first line has 3 columns is a run of MS MARCO, `query document rank`, with ranks from 1 on.
///
/// ```
/// use irgan::evaluation::{Measure, Options, Qrels, RunFile, evaluate};
///
/// let run = RunFile::from_bytes("runs/bm25.run", b"q1 Q0 d2 1 2.0 t\nq1 Q0 d1 2 1.0 t\n".to_vec());
/// assert_eq!(run.name(), "bm25");
///
/// let qrels = Qrels::from_bytes("qrels", b"q1 0 d1 1\n".to_vec())?;
/// let measures: Vec<Measure> = vec!["AP".parse()?];
/// assert_eq!(evaluate(&qrels, &run, &measures, &Options::default())?.mean(0), 0.5);
/// # Ok::<(), irgan::Error>(())
/// ```
///
/// A run from memory takes part as a file does: [`RunBuilder`](super::RunBuilder).
pub struct RunFile {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) in_memory: Option<Vec<QueryScores>>,
}

/// Retrieved document of a query.
#[derive(Clone, Copy)]
pub(super) struct Retrieved<'a> {
    pub(super) document: &'a [u8],
    pub(super) score: f64,
    pub(super) hash: u64,
}

/// Queries of a run, each with its documents and their scores, best first.
pub type Rankings = Vec<(String, Vec<(String, f64)>)>;

/// Id and result of each query.
pub(super) type Answers<'a, T> = Vec<(&'a [u8], T)>;

impl RunFile {
    /// Opens a run file, plain or compressed; its lines are checked when it is evaluated.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Ok(Self { path: path.to_owned(), bytes: read_text(path)?, in_memory: None })
    }

    /// Makes a run of bytes in memory, which errors call `path`.
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        Self { path: path.into(), bytes, in_memory: None }
    }

    /// Returns the path of the run.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the name of the run in tables: the file's name without folder and ending.
    pub fn name(&self) -> String {
        short_name(&self.path)
    }

    /// Returns the check sum of the content (CRC-32C), after unpacking.
    pub fn check_sum(&self) -> u32 {
        crc32c::crc32c(&self.bytes)
    }

    /// Returns every query with its documents and their scores, best first: `[Q]`. Bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// When a line is malformed, or a document occurs twice for a query.
    pub fn rankings(&self) -> Result<Rankings> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let answers = self.map_queries(|_, documents| {
            documents.iter().map(|found| (text(found.document), found.score)).collect()
        })?;
        Ok(answers.into_iter().map(|(query, documents)| (text(query), documents)).collect())
    }

    /// Calls `map` once for each query with its documents in rank order, and returns the ids with the results.
    ///
    /// A file whose queries are grouped is read in one pass, one query in memory at a time.
    pub(super) fn map_queries<'a, T>(
        &'a self,
        mut map: impl FnMut(&'a [u8], &[Retrieved<'a>]) -> T,
    ) -> Result<Answers<'a, T>> {
        if let Some(queries) = &self.in_memory {
            return self.map_in_memory(queries, &mut map);
        }
        match self.map_grouped(&mut map)? {
            Some(answers) => Ok(answers),
            None => self.map_scattered(&mut map),
        }
    }

    /// Calls `map` once for each of `queries` with its documents in rank order, and returns the ids with the results.
    fn map_in_memory<'a, T>(
        &'a self,
        queries: &'a [QueryScores],
        map: &mut impl FnMut(&'a [u8], &[Retrieved<'a>]) -> T,
    ) -> Result<Answers<'a, T>> {
        let (mut ranker, mut documents) = (Ranker::default(), vec![]);
        let of_query = |query: &'a QueryScores| {
            documents.clear();
            let retrieved = |(id, score, hash): &(Range<usize>, f64, u64)| Retrieved {
                document: &self.bytes[id.clone()],
                score: *score,
                hash: *hash,
            };
            documents.extend(query.documents.iter().map(retrieved));
            let id = &self.bytes[query.id.clone()];
            Ok((id, map(id, ranker.rank(self, &mut documents)?)))
        };
        queries.iter().map(of_query).collect()
    }

    /// Returns true when the first line has the 3 columns of MS MARCO.
    fn is_ranked(&self) -> bool {
        let mut columns = Columns::new(&self.bytes);
        let first = columns.next_record().map(|_| record(&mut columns));
        self.in_memory.is_none() && first.is_some_and(|first| count(&first) == 3)
    }

    /// Maps a grouped file in one pass; `None` when a query comes back after another one.
    fn map_grouped<'a, T>(
        &'a self,
        map: &mut impl FnMut(&'a [u8], &[Retrieved<'a>]) -> T,
    ) -> Result<Option<Answers<'a, T>>> {
        let mut answers: Answers<T> = Vec::new();
        let mut seen: HashTable<u32> = HashTable::new();
        let mut ranker = Ranker::default();
        let mut documents = Vec::new();
        let mut current: &[u8] = b"";
        let mut lines = Lines::new(self);
        while let Some((query, document)) = lines.next()? {
            if query != current {
                if !documents.is_empty() {
                    answers.push((current, map(current, ranker.rank(self, &mut documents)?)));
                }
                documents.clear();
                let hashed = hash(query);
                let index = answers.len() as u32;
                if !answers.is_empty() && seen.find(hashed, |&i| answers[i as usize].0 == query).is_some() {
                    return Ok(None);
                }
                // The entry is filled when the query ends; until then no other query is looked up.
                seen.insert_unique(hashed, index, |&i| {
                    hash(answers.get(i as usize).map_or(query, |(id, _)| id))
                });
                current = query;
            }
            documents.push(document);
        }
        if documents.is_empty() {
            let message = "holds no ranking; expected lines of `query Q0 document rank score tag`";
            return Err(Error::data(&self.path, message));
        }
        answers.push((current, map(current, ranker.rank(self, &mut documents)?)));
        ranker.refuse_scores(self)?;
        Ok(Some(answers))
    }

    /// Maps any file after collecting all its lines by query.
    fn map_scattered<'a, T>(
        &'a self,
        map: &mut impl FnMut(&'a [u8], &[Retrieved<'a>]) -> T,
    ) -> Result<Answers<'a, T>> {
        let mut places: HashMap<&[u8], usize, foldhash::fast::FixedState> = HashMap::default();
        let mut queries: Vec<(&[u8], Vec<Retrieved>)> = Vec::new();
        let mut lines = Lines::new(self);
        while let Some((query, document)) = lines.next()? {
            let place = *places.entry(query).or_insert(queries.len());
            if place == queries.len() {
                queries.push((query, Vec::new()));
            }
            queries[place].1.push(document);
        }
        let mut ranker = Ranker::default();
        let mut answers = Vec::with_capacity(queries.len());
        for (query, mut documents) in queries {
            answers.push((query, map(query, ranker.rank(self, &mut documents)?)));
        }
        ranker.refuse_scores(self)?;
        Ok(answers)
    }
}

/// Score of the document at rank 1 of a run of MS MARCO; that at rank r has r times as much.
const FIRST: f64 = -1.0;

/// Iterator over the lines of a run, which checks them.
struct Lines<'a> {
    run: &'a RunFile,
    columns: Columns<'a>,
    ranked: bool, // lines of `query document rank`
}

impl<'a> Lines<'a> {
    fn new(run: &'a RunFile) -> Self {
        Self { run, columns: Columns::new(&run.bytes), ranked: run.is_ranked() }
    }

    #[inline]
    fn next(&mut self) -> Result<Option<(&'a [u8], Retrieved<'a>)>> {
        let Some(start) = self.columns.next_record() else { return Ok(None) };
        if self.ranked {
            return self.next_ranked(start).map(Some);
        }
        let bytes: &'a [u8] = &self.run.bytes;
        let [query, _, document, _, score, tag] = std::array::from_fn(|_| self.columns.column());
        if tag.is_empty() {
            let expected = "6 columns (query Q0 document rank score tag)";
            return Err(self.malformed(start, expected, line_at(bytes, start)));
        }
        let (query, document, score) = (&bytes[query], &bytes[document], &bytes[score]);
        match fast_float2::parse::<f64, _>(score) {
            Ok(value) if value.is_finite() => {
                self.columns.skip_line();
                Ok(Some((query, Retrieved { document, score: value, hash: hash(document) })))
            }
            _ => Err(self.malformed(start, "a finite score", score)),
        }
    }

    /// Reads `query document rank` as a document whose score falls with its rank.
    fn next_ranked(&mut self, start: usize) -> Result<(&'a [u8], Retrieved<'a>)> {
        let bytes: &'a [u8] = &self.run.bytes;
        let [query, document, rank, more] = std::array::from_fn(|_| self.columns.column());
        if rank.is_empty() || !more.is_empty() {
            let expected = "3 columns (query document rank), as on the first line";
            return Err(self.malformed(start, expected, line_at(bytes, start)));
        }
        let (query, document, text) = (&bytes[query], &bytes[document], &bytes[rank]);
        let read = std::str::from_utf8(text).ok().and_then(|text| text.parse::<u32>().ok());
        let rank = read.filter(|&rank| rank > 0).ok_or_else(|| {
            self.malformed(start, "a rank from 1 on (a run with scores has 6 columns)", text)
        })?;
        self.columns.skip_line();
        Ok((query, Retrieved { document, score: FIRST * f64::from(rank), hash: hash(document) }))
    }

    #[cold]
    fn malformed(&self, offset: usize, expected: &str, found: &[u8]) -> Error {
        Error::parse(&self.run.path, line_number(&self.run.bytes, offset), expected, found)
    }
}

/// Sorter of one query's documents, which keeps its buffers between queries.
#[derive(Default)]
struct Ranker {
    seen: HashTable<u32>,
    keys: Vec<(u64, u32)>,
    unranked: Option<usize>, // offset of the best document of a query that has no rank 1
}

impl Ranker {
    /// Puts documents in rank order after a check that none occurs twice.
    fn rank<'d, 'a>(
        &mut self,
        run: &RunFile,
        documents: &'d mut Vec<Retrieved<'a>>,
    ) -> Result<&'d [Retrieved<'a>]> {
        self.refuse_duplicates(run, documents)?;
        if !documents.is_sorted_by(|a, b| rank_order(a, b).is_le()) {
            self.keys.clear();
            self.keys
                .extend((0..).zip(documents.iter()).map(|(i, document)| (descending_key(document.score), i)));
            let id = |&(_, index): &(u64, u32)| documents[index as usize].document;
            self.keys.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(b).cmp(id(a))));
            *documents = self.keys.iter().map(|&(_, index)| documents[index as usize]).collect();
        }
        if let Some(best) = documents.first().filter(|best| best.score != FIRST) {
            self.unranked.get_or_insert_with(|| offset(run, best.document));
        }
        Ok(documents)
    }

    /// Refuses whole numbers in the third of three columns that are no ranks: of some query none is 1.
    fn refuse_scores(&self, run: &RunFile) -> Result<()> {
        let Some(at) = self.unranked.filter(|_| run.is_ranked()) else { return Ok(()) };
        let expected = "ranks of a query that begin at 1 (a run with scores has 6 columns: \
                        query Q0 document rank score tag)";
        Err(Error::parse(&run.path, line_number(&run.bytes, at), expected, line_at(&run.bytes, at)))
    }

    fn refuse_duplicates(&mut self, run: &RunFile, documents: &[Retrieved]) -> Result<()> {
        self.seen.clear();
        self.seen.reserve(documents.len(), |&index| documents[index as usize].hash);
        for (index, document) in documents.iter().enumerate() {
            let same = |&other: &u32| {
                let other = &documents[other as usize];
                other.hash == document.hash && other.document == document.document
            };
            if let Some(&first) = self.seen.find(document.hash, same) {
                return Err(duplicate(run, documents[first as usize].document, document.document));
            }
            self.seen.insert_unique(document.hash, index as u32, |&index| documents[index as usize].hash);
        }
        Ok(())
    }
}

/// Orders by descending score, then by descending document id.
#[inline]
fn rank_order(a: &Retrieved, b: &Retrieved) -> Ordering {
    match b.score.partial_cmp(&a.score) {
        Some(Ordering::Equal) | None => b.document.cmp(a.document),
        Some(order) => order,
    }
}

/// Returns the place in the run's bytes of a document id, which is a slice of them.
fn offset(run: &RunFile, document: &[u8]) -> usize {
    document.as_ptr() as usize - run.bytes.as_ptr() as usize
}

/// Returns the error of a document that is retrieved twice; both ids are slices of the run's bytes.
#[cold]
fn duplicate(run: &RunFile, first: &[u8], second: &[u8]) -> Error {
    if run.in_memory.is_some() {
        return Error::data(
            &run.path,
            format!("document {} occurs twice for a query", String::from_utf8_lossy(second)),
        );
    }
    let (first, second) = (offset(run, first), offset(run, second));
    let line = line_number(&run.bytes, first);
    let expected = format!("a document once a query (line {line} has it already)");
    Error::parse(&run.path, line_number(&run.bytes, second), expected, line_at(&run.bytes, second))
}
