//! Judgements of a collection: graded documents of every topic.

use std::collections::HashMap;
use std::path::Path;

use rand::seq::SliceRandom as _;

use super::grades::{GradeMap, parse_grade};
use super::{Topic, ids};
use crate::error::{Error, Result};
use crate::evaluation::qrels::{LARGEST_GRADE, write_qrels};
use crate::files::atomic::write_atomically;
use crate::files::lines::{for_each_line, utf8};
use crate::seed::Stream;

/// Options of reading judgements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JudgementOptions {
    /// Map of the file's grades; without it they are kept as written.
    pub grades: Option<GradeMap>,
}

/// Judged documents of every query: queries in order of first appearance, documents in order of the file.
///
/// ```
/// use irgan::data::documents::{JudgementOptions, Judgements};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("qrels");
/// std::fs::write(&path, "q1 0 d1 1\nq1 0 d2 5\n")?;
/// let options = JudgementOptions { grades: Some("1=4,5=0".parse()?) };
/// let judgements = Judgements::read(&path, &options)?;
/// assert_eq!(judgements.of("q1"), [("d1".to_owned(), 4), ("d2".to_owned(), 0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgements {
    queries: Vec<(String, Vec<(String, i32)>)>,
    places: HashMap<String, usize>, // in `queries`
}

impl Judgements {
    /// Reads lines of `query 0 document grade` (TREC) or `query document grade` (BEIR, below a header line
    /// `query-id<TAB>corpus-id<TAB>score`).
    ///
    /// Blank lines and lines that start with `#` are skipped; columns may be separated by spaces or tabs, and a grade may
    /// be written `3.0`.
    ///
    /// # Errors
    /// When the number of columns is not 3 or 4, or differs between lines; a grade is no integer or not in the map; a
    /// document is judged twice for a query; or there is no judgement.
    pub fn read(path: &Path, options: &JudgementOptions) -> Result<Self> {
        let mut reader =
            Reader { path, options, columns: None, lines: HashMap::new(), judgements: Self::default() };
        for_each_line(path, |number, bytes, _| reader.line(number, utf8(path, number, bytes)?))?;
        match reader.judgements.queries.is_empty() {
            true => Err(Error::data(path, "holds no judgement; expected lines of `query 0 document grade`")),
            false => Ok(reader.judgements),
        }
    }

    /// Adds a judgement after the present ones.
    pub fn push(&mut self, query: &str, document: String, grade: i32) {
        let place = self.place(query);
        self.queries[place].1.push((document, grade));
    }

    /// Returns the place of a query, which is added if it is new.
    fn place(&mut self, query: &str) -> usize {
        match self.places.get(query) {
            Some(&place) => place,
            None => {
                self.places.insert(query.to_owned(), self.queries.len());
                self.queries.push((query.to_owned(), vec![]));
                self.queries.len() - 1
            }
        }
    }

    /// Iterates over the queries with their judged documents and grades.
    pub fn queries(&self) -> impl ExactSizeIterator<Item = (&str, &[(String, i32)])> {
        self.queries.iter().map(|(query, documents)| (query.as_str(), documents.as_slice()))
    }

    /// Returns the judged documents of a query with their grades; empty when it was not judged.
    pub fn of(&self, query: &str) -> &[(String, i32)] {
        self.places.get(query).map_or(&[], |&place| &self.queries[place].1)
    }

    /// Returns judgements of which `topics` keep only a share of their positives, as in implicit feedback.
    ///
    /// round(`share` · positives) of all positives of `topics` are kept, chosen uniformly; their other judgements are
    /// dropped. Other topics keep all judgements.
    ///
    /// # Errors
    /// When `share` is not within [0, 1].
    pub fn observed(&self, topics: &[&Topic], share: f64, stream: Stream) -> Result<Self> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::Config(format!("the observed share must lie in [0, 1], not {share}")));
        }
        let mut positives: Vec<(usize, &(String, i32))> = vec![];
        let mut observed = self.clone();
        for &place in topics.iter().filter_map(|topic| self.places.get(&topic.id)) {
            positives
                .extend(self.queries[place].1.iter().filter(|(_, grade)| *grade > 0).map(|one| (place, one)));
            observed.queries[place].1.clear();
        }
        let keep = (share * positives.len() as f64).round() as usize;
        positives.shuffle(&mut stream.rng());
        for (place, judged) in &positives[..keep] {
            observed.queries[*place].1.push((*judged).clone());
        }
        Ok(observed)
    }

    /// Writes lines of `query 0 document grade` (TREC) to a file, atomically.
    ///
    /// # Errors
    /// When an id is empty, holds a blank or, for a query, starts with `#`, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = self.to_trec()?;
        write_atomically(path, |writer| writer.write_all(text.as_bytes()))
    }

    /// Returns lines of `query 0 document grade` (TREC).
    ///
    /// # Errors
    /// When an id is empty, holds a blank or, for a query, starts with `#`.
    pub fn to_trec(&self) -> Result<String> {
        let mut text = String::new();
        for (query, documents) in self.queries() {
            write_qrels(&mut text, query, documents.iter().map(|(id, grade)| (id.as_str(), *grade)))?;
        }
        Ok(text)
    }
}

/// Columns of BEIR's header line.
const HEADER: [&str; 3] = ["query-id", "corpus-id", "score"];

/// State of reading one file.
struct Reader<'a> {
    path: &'a Path,
    options: &'a JudgementOptions,
    columns: Option<(usize, usize)>, // number of columns and number of the first line
    lines: HashMap<usize, HashMap<String, usize>>, // line of every judgement, by query and document
    judgements: Judgements,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) -> Result<()> {
        let columns: Vec<&str> =
            line.split(|char: char| char <= ' ').filter(|column| !column.is_empty()).collect();
        if columns.first().is_none_or(|first| first.starts_with('#'))
            || (self.columns.is_none() && columns == HEADER)
        {
            return Ok(());
        }
        let (query, document, written) = match columns[..] {
            [query, _, document, grade] | [query, document, grade] => (query, document, grade),
            _ => {
                let expected = "4 columns (query 0 document grade) or 3 (query document grade)";
                return Err(self.wrong(number, expected, line));
            }
        };
        let (count, first) = *self.columns.get_or_insert((columns.len(), number));
        if count != columns.len() {
            return Err(self.wrong(number, &format!("{count} columns, as on line {first}"), line));
        }
        ids::check(self.path, number, "topic", query)?;
        ids::check(self.path, number, "document", document)?;
        let grade = self.grade(number, written)?;
        self.insert(number, query, document, grade, line)
    }

    fn grade(&self, number: usize, written: &str) -> Result<i32> {
        let expected = || format!("an integer grade between -{LARGEST_GRADE} and {LARGEST_GRADE}");
        let grade = parse_grade(written).ok_or_else(|| self.wrong(number, &expected(), written))?;
        let Some(map) = &self.options.grades else { return Ok(grade) };
        let expected = || format!("a grade that `{map}` maps (add `{grade}=…`)");
        map.get(grade).ok_or_else(|| self.wrong(number, &expected(), written))
    }

    fn insert(&mut self, number: usize, query: &str, document: &str, grade: i32, line: &str) -> Result<()> {
        let place = self.judgements.place(query);
        let lines = self.lines.entry(place).or_default();
        if let Some(first) = lines.insert(document.to_owned(), number) {
            let expected = format!("one judgement a query and document (line {first} has it already)");
            return Err(self.wrong(number, &expected, line.trim()));
        }
        self.judgements.queries[place].1.push((document.to_owned(), grade));
        Ok(())
    }

    fn wrong(&self, number: usize, expected: &str, found: &str) -> Error {
        Error::parse(self.path, number, expected, found.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observed_topics_keep_a_share_of_their_positives_and_others_keep_all() {
        let mut all = Judgements::default();
        for (query, positives) in [("a", 6), ("b", 4), ("kept", 3)] {
            (0..5).for_each(|i| all.push(query, format!("bad{i}"), 0));
            (0..positives).for_each(|i| all.push(query, format!("good{i}"), 1 + i % 2));
        }
        let topics = ["a", "b", "unjudged"].map(|id| Topic { id: id.into(), text: String::new() });
        let topics: Vec<&Topic> = topics.iter().collect();
        let seen = all.observed(&topics, 0.3, Stream::new(1)).expect("a share");
        let left: Vec<_> =
            ["a", "b"].iter().flat_map(|id| seen.of(id).iter().map(move |one| (id, one))).collect();
        assert_eq!(left.len(), 3); // of 6 + 4 positives
        assert!(left.iter().all(|(id, one)| one.1 > 0 && all.of(id).contains(one)));
        assert_eq!(seen.of("kept"), all.of("kept"));
        assert!(seen.of("unjudged").is_empty());
        assert!(all.observed(&topics, 1.5, Stream::new(1)).is_err());
    }
}
