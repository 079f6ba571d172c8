//! Judgements of a collection: graded documents of every topic.

use std::collections::HashMap;
use std::path::Path;

use rand::seq::SliceRandom as _;

use super::grades::GradeMap;
use super::{Topic, ids};
use crate::error::{Error, Result};
use crate::evaluation::Qrels;
use crate::evaluation::qrels::write_qrels;
use crate::files::atomic::write_atomically;
use crate::files::lines::utf8;
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
    guessed: Option<String>,
}

impl Judgements {
    /// Reads judgements as [`Qrels`] does, from a plain or compressed file.
    ///
    /// # Errors
    /// As [`Qrels::read`]; also when an id is not valid in a run, or a grade is not in the map.
    pub fn read(path: &Path, options: &JudgementOptions) -> Result<Self> {
        let qrels = Qrels::read(path)?;
        let mut judgements = Self { guessed: qrels.guessed(), ..Self::default() };
        for (offset, query, document, grade) in qrels.judgements() {
            let checked = |line| options.check(path, line, query, document, grade);
            // The number of a line is counted only for an error.
            let (query, document, grade) = checked(0).or_else(|_| checked(qrels.line(offset)))?;
            judgements.push(query, document.to_owned(), grade);
        }
        Ok(judgements)
    }

    /// Returns a sentence on what was guessed while reading, if anything was.
    pub fn guessed(&self) -> Option<&str> {
        self.guessed.as_deref()
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

impl JudgementOptions {
    /// Checks the ids of a judgement and maps its grade.
    fn check<'a>(
        &self,
        path: &Path,
        line: usize,
        query: &'a [u8],
        document: &'a [u8],
        grade: i32,
    ) -> Result<(&'a str, &'a str, i32)> {
        let (query, document) = (utf8(path, line, query)?, utf8(path, line, document)?);
        ids::check(path, line, "topic", query)?;
        ids::check(path, line, "document", document)?;
        let Some(map) = &self.grades else { return Ok((query, document, grade)) };
        let expected = || format!("a grade that `{map}` maps (add `{grade}=…`)");
        let mapped = map.get(grade);
        let mapped =
            mapped.ok_or_else(|| Error::parse(path, line, expected(), grade.to_string().as_bytes()))?;
        Ok((query, document, mapped))
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
