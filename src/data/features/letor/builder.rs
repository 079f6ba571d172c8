//! Builder of a set of judged feature vectors, row by row, into the matrix itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use ndarray::Array2;

use super::line::DocumentName;
use crate::data::features::ranking_set::DocumentIds;
use crate::data::features::{Query, RankingSet};
use crate::error::{Error, Result};

/// Content of a file, and what its reader had to guess.
#[derive(Clone, Debug)]
pub struct LetorFile {
    /// Documents of the file.
    pub set: RankingSet,
    /// Sentences on what was not used, or guessed, for the user.
    pub warnings: Vec<String>,
}

/// Rows read so far, and the queries that they belong to.
pub(super) struct Builder<'p> {
    path: &'p Path,
    values: Vec<f32>, // [D, stride]
    stride: usize,    // room for features in a row
    width: usize,     // features seen
    grades: Vec<i8>,
    documents: DocumentIds,
    naming: Naming,
    queries: Vec<(String, usize)>, // id and number of documents, in order of appearance
    places: HashMap<Vec<u8>, usize>,
    runs: Vec<(u32, u32)>, // query and number of consecutive lines; small, as an unsorted file has many
    names: BTreeMap<usize, String>,
    last_query: Vec<u8>,
}

/// Numbers of documents by the way that their lines name them.
#[derive(Debug, Default)]
struct Naming {
    told: usize,
    first_words: usize,
    unnamed: usize, // with a comment that holds no name
    without: usize, // without a comment
}

impl<'p> Builder<'p> {
    pub(super) fn new(path: &'p Path) -> Self {
        Self {
            path,
            values: vec![],
            stride: 0,
            width: 0,
            grades: vec![],
            documents: DocumentIds::default(),
            naming: Naming::default(),
            queries: vec![],
            places: HashMap::new(),
            runs: vec![],
            names: BTreeMap::new(),
            last_query: vec![],
        }
    }

    /// Number of whole rows.
    pub(super) fn rows(&self) -> usize {
        self.grades.len()
    }

    /// Number of features seen.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Names the feature of a number, from 1.
    pub(super) fn name_feature(&mut self, number: usize, name: String) {
        self.names.insert(number, name);
    }

    /// Counts a document of `query`, which stands on line `number`.
    pub(super) fn enter(&mut self, number: usize, query: &[u8]) -> Result<()> {
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

    /// Begins the row of the document entered last, with all features 0.
    pub(super) fn begin_row(&mut self) -> Result<()> {
        if self.values.try_reserve(self.stride).is_err() {
            let gigabytes = (4 * self.stride * (self.grades.len() + 1)) as f64 / 1e9;
            let message = format!(
                "needs more than {gigabytes:.1} GB as a dense matrix, which is not to be had; split it"
            );
            return Err(Error::data(self.path, message));
        }
        self.values.resize(self.values.len() + self.stride, 0.0);
        Ok(())
    }

    /// Sets a feature, counted from 1, of the row begun last.
    #[inline]
    pub(super) fn set(&mut self, feature: usize, value: f32) {
        let row = self.grades.len();
        if feature > self.stride {
            widen(&mut self.values, row + 1, &mut self.stride, feature);
        }
        self.values[row * self.stride + feature - 1] = value;
    }

    /// Ends the row begun last, whose last feature is `largest`.
    pub(super) fn end_row(
        &mut self,
        number: usize,
        largest: usize,
        grade: i8,
        document: DocumentName<'_>,
    ) -> Result<()> {
        self.width = self.width.max(largest);
        self.grades.push(grade);
        let (count, id) = match document {
            DocumentName::Told(id) => (&mut self.naming.told, Some(id)),
            DocumentName::FirstWord(id) => (&mut self.naming.first_words, Some(id)),
            DocumentName::Unnamed => (&mut self.naming.unnamed, None),
            DocumentName::None => (&mut self.naming.without, None),
        };
        *count += 1;
        let &(place, _) = self.runs.last().expect("the row's query was entered");
        match id.map(|id| (id, std::str::from_utf8(id))) {
            None => {
                let (query, count) = &self.queries[place as usize];
                self.documents.push(&by_place(query, *count));
            }
            Some((_, Ok(id))) => self.documents.push(id),
            Some((id, Err(_))) => {
                return Err(Error::parse(self.path, number, "a document id in UTF-8", id));
            }
        }
        Ok(())
    }

    /// Returns the set, its queries in order of appearance.
    pub(super) fn finish(mut self) -> Result<LetorFile> {
        if self.grades.is_empty() {
            let message = "holds no document; expected lines such as `2 qid:7 1:0.5 2:0.1 # docid = D1`";
            return Err(Error::data(self.path, message));
        }
        if self.width == 0 {
            return Err(Error::data(self.path, "no line has a feature"));
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
        let mut warnings = vec![];
        let documents = self.naming.checked(self.path, &queries, self.documents, &mut warnings)?;
        let names = feature_names(self.path, &self.names, self.width)?;
        let features = Array2::from_shape_vec((rows, self.width), self.values).expect("rows of one width");
        let set = RankingSet::from_parts(features, self.grades, queries, documents, names);
        Ok(LetorFile { set, warnings })
    }
}

impl Naming {
    /// Returns the ids of the documents, of which none stands twice in a query, and tells where they are not in the file.
    ///
    /// First words of comments that stand twice in a query are no ids: the documents are called by their places.
    fn checked(
        &self,
        path: &Path,
        queries: &[Query],
        documents: DocumentIds,
        warnings: &mut Vec<String>,
    ) -> Result<DocumentIds> {
        let Self { told, first_words, unnamed, without } = *self;
        if unnamed > 0 || (without > 0 && told + first_words > 0) {
            let (count, all) = (unnamed + without, unnamed + without + told + first_words);
            warnings.push(format!(
                "{count} of {all} documents have no id behind `#`: they are called QUERY-1, QUERY-2, …"
            ));
        }
        let Some((document, query)) = repeated(queries, &documents) else { return Ok(documents) };
        if first_words == 0 || told > 0 {
            let message = format!("document `{document}` stands twice in query `{query}`");
            return Err(Error::data(path, message));
        }
        warnings.push(format!(
            "the first words behind `#` are no ids, as `{document}` stands twice in query `{query}`: documents are \
             called QUERY-1, QUERY-2, …"
        ));
        let mut ids = DocumentIds::default();
        for query in queries {
            (1..=query.rows.len()).for_each(|place| ids.push(&by_place(&query.id, place)));
        }
        Ok(ids)
    }
}

/// Id of the document at a place, from 1, of a query.
fn by_place(query: &str, place: usize) -> String {
    format!("{query}-{place}")
}

/// A document that stands twice in a query, and the query.
fn repeated<'a>(queries: &'a [Query], documents: &'a DocumentIds) -> Option<(&'a str, &'a str)> {
    let mut seen = HashSet::with_hasher(foldhash::fast::FixedState::default());
    queries.iter().find_map(|query| {
        seen.clear();
        let row = query.rows.clone().find(|&row| !seen.insert(documents.get(row)))?;
        Some((documents.get(row), query.id.as_str()))
    })
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
