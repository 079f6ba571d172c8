//! LETOR reader: one pass over the file, into the matrix itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use ndarray::Array2;

use super::line::{Line, feature_name, for_each_feature, split_comment};
use crate::data::features::ranking_set::DocumentIds;
use crate::data::features::{Query, RankingSet, check_width};
use crate::error::{Error, Result};
use crate::files::lines::for_each_line;

/// Limits of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetorOptions {
    /// Largest feature number; a larger one is an error, as the matrix is dense: 4 bytes a document and feature.
    pub max_features: usize,
}

impl Default for LetorOptions {
    fn default() -> Self {
        Self { max_features: 10_000 }
    }
}

/// Reads a LETOR file, plain, gzip or zstandard.
///
/// # Errors
/// When a line is malformed (the error says its number, what was expected and what was found), the file has no
/// document, or a document stands twice in its query.
///
/// ```
/// use irgan::data::features::RankingSet;
/// use irgan::data::features::letor::{self, LetorOptions};
/// use ndarray::array;
///
/// let folder = tempfile::tempdir().expect("a temporary folder");
/// let path = folder.path().join("data.txt");
/// let set = RankingSet::from_rows(array![[0.5, 0.0], [0.25, 1.0]].view(), &[2, 0], &[2])?;
/// letor::write(&path, &set)?;
/// assert_eq!(letor::read(&path, &LetorOptions::default())?, set);
///
/// std::fs::write(&path, "2 qid:1 1:0.5\n0 qid:1 1:x\n").expect("a writable folder");
/// let error = letor::read(&path, &LetorOptions::default()).unwrap_err();
/// assert!(error.to_string().ends_with(":2: expected FEATURE:VALUE with a finite number or NULL, found `1:x`"));
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn read(path: impl AsRef<Path>, options: &LetorOptions) -> Result<RankingSet> {
    let path = path.as_ref();
    let mut reader = Reader::new(path, options.max_features);
    for_each_line(path, |number, line, complete| reader.line(number, line, complete))?;
    reader.finish()
}

/// Reads a LETOR file of documents that are to have `width` features, as the training data or the model have.
///
/// A sparse file leaves out features that are 0; where it leaves out the last ones of every document, it seems to have
/// fewer features. They are added as 0, and their number is returned beside the set.
///
/// # Errors
/// As [`read`]; also when a document has a feature beyond `width`.
///
/// ```
/// use irgan::data::features::letor::{LetorOptions, read_with_width};
///
/// let folder = tempfile::tempdir().expect("a temporary folder");
/// let path = folder.path().join("data.txt");
/// std::fs::write(&path, "1 qid:7 1:0.5 # docid = D1\n0 qid:7 2:0.25 # docid = D2\n").expect("a writable folder");
/// let (set, absent) = read_with_width(&path, &LetorOptions::default(), 4)?;
/// assert_eq!((set.feature_count(), absent), (4, 2));
/// assert!(read_with_width(&path, &LetorOptions::default(), 1).is_err());
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn read_with_width(
    path: impl AsRef<Path>,
    options: &LetorOptions,
    width: usize,
) -> Result<(RankingSet, usize)> {
    let path = path.as_ref();
    let set = read(path, options)?;
    let found = set.feature_count();
    if found > width {
        check_width(found, width).map_err(|error| error.in_file(path))?;
    }
    Ok((set.padded(width), width - found))
}

struct Reader<'p> {
    path: &'p Path,
    max_features: usize,
    values: Vec<f32>, // [D, stride]
    stride: usize,    // room for features in a row
    width: usize,     // features seen
    uniform: bool,    // every row so far has had all features
    grades: Vec<i8>,
    documents: DocumentIds,
    queries: Vec<(String, usize)>, // id and number of documents, in order of appearance
    places: HashMap<Vec<u8>, usize>,
    runs: Vec<(u32, u32)>, // query and number of consecutive lines; small, as an unsorted file has many
    names: BTreeMap<usize, String>,
    groups: Option<Groups>,
    seen: Vec<usize>, // the features of the present line
    last_query: Vec<u8>,
}

impl<'p> Reader<'p> {
    fn new(path: &'p Path, max_features: usize) -> Self {
        Self {
            path,
            max_features,
            values: vec![],
            stride: 0,
            width: 0,
            uniform: true,
            grades: vec![],
            documents: DocumentIds::default(),
            queries: vec![],
            places: HashMap::new(),
            runs: vec![],
            names: BTreeMap::new(),
            groups: None,
            seen: vec![],
            last_query: vec![],
        }
    }

    fn line(&mut self, number: usize, bytes: &[u8], complete: bool) -> Result<()> {
        let (body, comment) = split_comment(bytes);
        if body.iter().all(u8::is_ascii_whitespace) {
            if let Some((feature, name)) = comment.and_then(feature_name) {
                self.names.insert(feature, String::from_utf8_lossy(name).into_owned());
            }
            return Ok(());
        }
        let refuse = |(expected, found): (&str, &[u8])| Error::parse(self.path, number, expected, found);
        let line = Line::parse(bytes).map_err(refuse)?;
        match (line.query, &mut self.groups) {
            (Some(query), None) => self.enter(number, query)?,
            (None, None) if self.grades.is_empty() => {
                self.groups = Some(Groups::open(self.path, number, body)?);
            }
            (None, Some(_)) => {}
            (query, _) => return Err(refuse(("qid:QUERY on every line or on none", query.unwrap_or(body)))),
        }
        if let Some(groups) = &mut self.groups {
            let query = groups.next(self.path)?;
            self.enter(number, query.to_string().as_bytes())?;
        }
        self.row(number, &line, complete)
    }

    /// Counts a document of `query`.
    fn enter(&mut self, number: usize, query: &[u8]) -> Result<()> {
        if self.grades.len() >= u32::MAX as usize {
            return Err(Error::data(self.path, "has more than 4,294,967,294 documents; split it"));
        }
        if let Some((place, lines)) = self.runs.last_mut().filter(|_| self.last_query == query) {
            *lines += 1;
            self.queries[*place as usize].1 += 1;
            return Ok(());
        }
        let place = match self.places.get(query) {
            Some(&place) => place,
            None => {
                let id = std::str::from_utf8(query)
                    .map_err(|_| Error::parse(self.path, number, "qid:QUERY in UTF-8", query))?;
                self.queries.push((id.to_owned(), 0));
                self.places.insert(query.to_vec(), self.queries.len() - 1);
                self.queries.len() - 1
            }
        };
        self.queries[place].1 += 1;
        self.runs.push((place as u32, 1));
        self.last_query.clear();
        self.last_query.extend_from_slice(query);
        Ok(())
    }

    /// Reads the features of a line into a new row.
    fn row(&mut self, number: usize, line: &Line<'_>, complete: bool) -> Result<()> {
        let start = self.values.len();
        if self.values.try_reserve(self.stride).is_err() {
            return Err(self.too_large(self.stride));
        }
        self.values.resize(start + self.stride, 0.0);
        self.seen.clear();
        let (mut largest, mut ascending, row) = (0, true, self.grades.len());
        for_each_feature(line.features, |feature, value| {
            if feature == 0 || feature > self.max_features {
                return Err(if feature == 0 {
                    "features counted from 1"
                } else {
                    "a feature number within the limit"
                });
            }
            ascending &= feature > largest;
            largest = largest.max(feature);
            if feature > self.stride {
                widen(&mut self.values, row + 1, &mut self.stride, feature);
            }
            self.values[row * self.stride + feature - 1] = value;
            self.seen.push(feature);
            Ok(())
        })
        .map_err(|(expected, found)| match expected {
            "a feature number within the limit" => {
                let limit = format!("at most {} features (the matrix is dense)", self.max_features);
                Error::parse(self.path, number, limit, found)
            }
            _ => Error::parse(self.path, number, expected, found),
        })?;
        self.check_features(number, line, complete, ascending)?;
        self.width = self.width.max(largest);
        self.uniform &= self.seen.len() == self.width;
        self.grades.push(line.grade);
        self.name_document(number, line)
    }

    fn too_large(&self, width: usize) -> Error {
        let gigabytes = (4 * width * (self.grades.len() + 1)) as f64 / 1e9;
        let message =
            format!("needs more than {gigabytes:.1} GB as a dense matrix, which is not to be had; split it");
        Error::data(self.path, message)
    }

    fn check_features(
        &mut self,
        number: usize,
        line: &Line<'_>,
        complete: bool,
        ascending: bool,
    ) -> Result<()> {
        if !ascending {
            self.seen.sort_unstable();
            if let Some(pair) = self.seen.windows(2).find(|pair| pair[0] == pair[1]) {
                let found = pair[0].to_string();
                return Err(Error::parse(self.path, number, "every feature once", found.as_bytes()));
            }
        }
        let cut = !complete && self.uniform && !self.grades.is_empty() && self.seen.len() < self.width;
        if cut {
            let expected = format!("{} features, as on every line before; the file seems cut", self.width);
            return Err(Error::parse(self.path, number, expected, line.features.trim_ascii()));
        }
        Ok(())
    }

    fn name_document(&mut self, number: usize, line: &Line<'_>) -> Result<()> {
        let &(place, _) = self.runs.last().expect("the line's query was entered");
        match line.document {
            None => {
                let (query, count) = &self.queries[place as usize];
                self.documents.push(&format!("{query}-{count}"));
            }
            Some(id) => match std::str::from_utf8(id) {
                Ok(id) => self.documents.push(id),
                Err(_) => return Err(Error::parse(self.path, number, "a document id in UTF-8", id)),
            },
        }
        Ok(())
    }

    fn finish(mut self) -> Result<RankingSet> {
        if self.grades.is_empty() {
            let message = "holds no document; expected lines such as `2 qid:7 1:0.5 2:0.1 # docid = D1`";
            return Err(Error::data(self.path, message));
        }
        if self.width == 0 {
            return Err(Error::data(self.path, "no line has a feature"));
        }
        if let Some(groups) = &self.groups {
            groups.check_end()?;
        }
        compact(&mut self.values, self.stride, self.width);
        let rows = self.grades.len();
        if self.runs.len() > self.queries.len() {
            let order = grouped_order(&self.runs, &self.queries);
            self.runs = vec![];
            permute_rows(&mut self.values, self.width, &order);
            self.grades = order.iter().map(|&row| self.grades[row as usize]).collect();
            self.documents = self.documents.permuted(order);
        }
        let mut end = 0;
        let query = |(id, count): (String, usize)| {
            end += count;
            Query { id, rows: end - count..end }
        };
        let queries: Vec<_> = self.queries.into_iter().map(query).collect();
        check_documents(self.path, &queries, &self.documents)?;
        let names = feature_names(self.path, &self.names, self.width)?;
        let features = Array2::from_shape_vec((rows, self.width), self.values).expect("rows of one width");
        Ok(RankingSet::from_parts(features, self.grades, queries, self.documents, names))
    }
}

/// Widens `rows` rows to hold feature `feature`, and some more.
fn widen(values: &mut Vec<f32>, rows: usize, stride: &mut usize, feature: usize) {
    let wider = if rows == 1 { feature } else { feature.max(*stride + *stride / 2) };
    values.resize(rows * wider, 0.0);
    for row in (1..rows).rev() {
        values.copy_within(row * *stride..(row + 1) * *stride, row * wider);
        values[row * wider + *stride..(row + 1) * wider].fill(0.0);
    }
    let first = (*stride).min(wider);
    values[first..wider].fill(0.0);
    *stride = wider;
}

/// Drops the room behind the last feature.
fn compact(values: &mut Vec<f32>, stride: usize, width: usize) {
    if stride > width {
        let rows = values.len() / stride;
        for row in 1..rows {
            values.copy_within(row * stride..row * stride + width, row * width);
        }
        values.truncate(rows * width);
    }
    values.shrink_to_fit();
}

/// Rows in the order of their queries' first appearance.
fn grouped_order(runs: &[(u32, u32)], queries: &[(String, usize)]) -> Vec<u32> {
    let mut rows = 0;
    let mut next: Vec<usize> = queries.iter().map(|(_, count)| (rows, rows += count).0).collect();
    let mut order = vec![0; rows];
    let mut row = 0;
    for &(query, lines) in runs {
        let place = &mut next[query as usize];
        for slot in &mut order[*place..*place + lines as usize] {
            (*slot, row) = (row, row + 1);
        }
        *place += lines as usize;
    }
    order
}

/// Row `i` becomes what row `order[i]` was, in place, one cycle after the other.
fn permute_rows(values: &mut [f32], width: usize, order: &[u32]) {
    let mut done = vec![false; order.len()];
    for first in 0..order.len() {
        if done[first] {
            continue;
        }
        let saved = values[first * width..(first + 1) * width].to_vec();
        let mut row = first;
        while !done[row] {
            done[row] = true;
            let source = order[row] as usize;
            if source == first {
                values[row * width..(row + 1) * width].copy_from_slice(&saved);
            } else {
                values.copy_within(source * width..(source + 1) * width, row * width);
            }
            row = source;
        }
    }
}

fn check_documents(path: &Path, queries: &[Query], documents: &DocumentIds) -> Result<()> {
    let mut seen = HashSet::with_hasher(foldhash::fast::FixedState::default());
    for query in queries {
        seen.clear();
        if let Some(row) = query.rows.clone().find(|&row| !seen.insert(documents.get(row))) {
            let (document, query) = (documents.get(row), &query.id);
            return Err(Error::data(path, format!("document `{document}` stands twice in query `{query}`")));
        }
    }
    Ok(())
}

/// One name a feature when any is named; a feature without a name is called by its number.
fn feature_names(path: &Path, names: &BTreeMap<usize, String>, width: usize) -> Result<Vec<String>> {
    match names.last_key_value() {
        None => Ok(vec![]),
        Some((&last, name)) if last > width => {
            Err(Error::data(path, format!("feature {last} is named `{name}`, but no line has it")))
        }
        Some(_) => Ok((1..=width).map(|f| names.get(&f).cloned().unwrap_or_else(|| f.to_string())).collect()),
    }
}

/// LightGBM's group file: documents per query, a number a line.
struct Groups {
    path: PathBuf,
    counts: Vec<usize>,
    query: usize, // queries begun
    left: usize,  // documents still to come in the present one
}

impl Groups {
    fn open(data: &Path, line: usize, body: &[u8]) -> Result<Self> {
        let mut path = data.as_os_str().to_owned();
        path.push(".query");
        let path = PathBuf::from(path);
        if !path.exists() {
            let expected = format!("qid:QUERY (there is no {} either)", path.display());
            return Err(Error::parse(data, line, expected, body));
        }
        let mut counts = vec![];
        for_each_line(&path, |number, line, _| {
            let count = std::str::from_utf8(line).ok().map(str::trim);
            match count.map(str::parse::<u32>) {
                Some(Ok(count)) if count > 0 => counts.push(count as usize),
                _ if line.trim_ascii().is_empty() => {}
                _ => return Err(Error::parse(&path, number, "the number of a query's documents", line)),
            }
            Ok(())
        })?;
        Ok(Self { path, counts, query: 0, left: 0 })
    }

    /// The number of the query that the next document belongs to, from 1.
    fn next(&mut self, data: &Path) -> Result<usize> {
        if self.left == 0 {
            self.left = *self.counts.get(self.query).ok_or_else(|| {
                let total: usize = self.counts.iter().sum();
                Error::data(&self.path, format!("counts {total} documents, but {} has more", data.display()))
            })?;
            self.query += 1;
        }
        self.left -= 1;
        Ok(self.query)
    }

    fn check_end(&self) -> Result<()> {
        let missing = self.left + self.counts[self.query.min(self.counts.len())..].iter().sum::<usize>();
        match missing {
            0 => Ok(()),
            _ => Err(Error::data(
                &self.path,
                format!("counts {missing} documents more than the data file has"),
            )),
        }
    }
}
