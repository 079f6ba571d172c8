//! Judgements of a collection: which documents answer which topic.

use std::collections::HashMap;
use std::path::Path;

use rand::seq::SliceRandom as _;

use super::{GradeMap, Topic, ids};
use crate::error::{Error, Result};
use crate::evaluation::qrels::{LARGEST_GRADE, write_qrels};
use crate::files::atomic::write_atomically;
use crate::files::lines::{for_each_line, utf8};
use crate::seed::Stream;

/// How judgements are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JudgementOptions {
    /// What the grades of the file mean; as they are written, without it.
    pub grades: Option<GradeMap>,
}

/// Judged documents of every query: queries in order of first appearance, documents in order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgements {
    queries: Vec<(String, Vec<(String, i32)>)>,
    places: HashMap<String, usize>, // of `queries`
}

impl Judgements {
    /// Reads TREC's `query 0 document grade`, three columns `query document grade`, or BEIR's
    /// `query-id<TAB>corpus-id<TAB>score` under that header. Blank lines and lines that start with `#`
    /// are skipped; columns may be separated by spaces or tabs, and a grade may be written `3.0`.
    ///
    /// # Errors
    /// Another number of columns, or not the same on every line; a grade that is no integer or not in
    /// the map; a document judged twice for a query; no judgement at all.
    pub fn read(path: &Path, options: &JudgementOptions) -> Result<Self> {
        let mut reader =
            Reader { path, options, columns: None, lines: HashMap::new(), judgements: Self::default() };
        for_each_line(path, |number, bytes, _| reader.line(number, utf8(path, number, bytes)?))?;
        match reader.judgements.queries.is_empty() {
            true => Err(Error::data(path, "holds no judgement; expected lines of `query 0 document grade`")),
            false => Ok(reader.judgements),
        }
    }

    /// Adds a judgement behind those that are there.
    pub fn push(&mut self, query: &str, document: String, grade: i32) {
        let place = self.place(query);
        self.queries[place].1.push((document, grade));
    }

    /// The place of a query, which is added when it is new.
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

    /// Queries with their judged documents.
    pub fn queries(&self) -> impl ExactSizeIterator<Item = (&str, &[(String, i32)])> {
        self.queries.iter().map(|(query, documents)| (query.as_str(), documents.as_slice()))
    }

    /// The judged documents of one query; none when it was not judged.
    pub fn of(&self, query: &str) -> &[(String, i32)] {
        self.places.get(query).map_or(&[], |&place| &self.queries[place].1)
    }

    /// The same with only round(`share` · positives) of the positives of `topics`, chosen uniformly over them; nothing else
    /// is judged for these topics, as in implicit feedback. Other topics keep all.
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

    /// Writes TREC judgements; a crash leaves the old file or the new one, whole.
    ///
    /// # Errors
    /// When an id would not be read back as one column, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = self.to_trec()?;
        write_atomically(path, |writer| writer.write_all(text.as_bytes()))
    }

    /// Lines of `query 0 document grade`.
    ///
    /// # Errors
    /// When an id would not be read back as one column.
    pub fn to_trec(&self) -> Result<String> {
        let mut text = String::new();
        for (query, documents) in self.queries() {
            write_qrels(&mut text, query, documents.iter().map(|(id, grade)| (id.as_str(), *grade)))?;
        }
        Ok(text)
    }
}

/// BEIR's first line, in columns.
const HEADER: [&str; 3] = ["query-id", "corpus-id", "score"];

struct Reader<'a> {
    path: &'a Path,
    options: &'a JudgementOptions,
    columns: Option<(usize, usize)>, // of the first record, and its line
    lines: HashMap<usize, HashMap<String, usize>>, // query and document: where they were judged
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
        let grade = grade(written).ok_or_else(|| self.wrong(number, &expected(), written))?;
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

/// A whole number, also written `3.0`, that is no mistake.
pub(super) fn grade(text: &str) -> Option<i32> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    whole.parse().ok().filter(|grade| (-LARGEST_GRADE..=LARGEST_GRADE).contains(grade))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_positives_of_some_topics_stays_and_others_keep_all() {
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
