//! Runs from memory, one score by one.

use hashbrown::HashMap;

use super::RunFile;
use super::qrels::hash;
use super::table_ids::{Ids, QueryScores};
use crate::{Error, Result};

/// Run that is being made of scores in any order; ids may hold blanks.
///
/// Documents will be ordered by their scores as those of a file are. That none occurs twice for a query is checked when the run is
/// evaluated.
///
/// ```
/// use irgan::evaluation::{Measure, Options, QrelsBuilder, RunBuilder, evaluate};
///
/// let mut qrels = QrelsBuilder::new("qrels");
/// qrels.push("q1", "d1", 1)?;
/// let mut run = RunBuilder::new("mine");
/// run.push("q1", "d2", 2.0)?;
/// run.push("q1", "d1", 1.0)?;
/// let measures: Vec<Measure> = vec!["RR".parse()?];
/// assert_eq!(evaluate(&qrels.finish()?, &run.finish()?, &measures, &Options::default())?.mean(0), 0.5);
/// # Ok::<(), irgan::Error>(())
/// ```
pub struct RunBuilder {
    name: String,
    ids: Ids,
    queries: Vec<QueryScores>,
    places: HashMap<String, usize, foldhash::fast::FixedState>,
    current: Option<usize>, // the query of the last score
}

impl RunBuilder {
    /// Begins a run that tables and errors call `name`.
    pub fn new(name: &str) -> Self {
        let (ids, queries, places) = (Ids::default(), vec![], HashMap::default());
        Self { name: name.to_owned(), ids, queries, places, current: None }
    }

    /// Adds a document of a query.
    ///
    /// # Errors
    /// When the score is not finite.
    pub fn push(&mut self, query: &str, document: &str, score: f64) -> Result<()> {
        if !score.is_finite() {
            let message =
                format!("query {query}, document {document}: expected a finite score, found {score}");
            return Err(Error::data(&self.name, message));
        }
        let Self { ids, queries, places, .. } = self;
        let is_current = |&place: &usize| ids.bytes[queries[place].id.clone()] == *query.as_bytes();
        let place = match self.current.filter(is_current) {
            Some(place) => place,
            None => *places.entry_ref(query).or_insert_with(|| {
                queries.push(QueryScores { id: ids.push(query), documents: vec![] });
                queries.len() - 1
            }),
        };
        self.current = Some(place);
        let hash = hash(document.as_bytes());
        queries[place].documents.push((ids.push(document), score, hash));
        Ok(())
    }

    /// Returns the run.
    ///
    /// # Errors
    /// When it holds no document.
    pub fn finish(self) -> Result<RunFile> {
        let Self { name, ids, queries, .. } = self;
        match queries.is_empty() {
            true => Err(Error::data(name, "holds no ranking")),
            false => Ok(RunFile { path: name.into(), bytes: ids.bytes, in_memory: Some(queries) }),
        }
    }
}
