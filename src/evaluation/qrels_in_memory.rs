//! Judgements from memory, one by one.

use super::Qrels;
use super::layout::LARGEST_GRADE;
use super::table_ids::Ids;
use crate::{Error, Result};

/// Judgements that are being made, in any order; ids may hold blanks.
///
/// ```
/// use irgan::evaluation::QrelsBuilder;
///
/// let mut builder = QrelsBuilder::new("qrels");
/// builder.push("q1", "d1", 2)?;
/// let error = builder.push("q1", "d1", 0).unwrap_err();
/// assert_eq!(error.to_string(), "qrels: query q1: document d1 is judged twice");
/// assert_eq!(builder.finish()?.grade("q1", "d1"), Some(2));
/// # Ok::<(), irgan::Error>(())
/// ```
pub struct QrelsBuilder {
    name: String,
    ids: Ids,
    qrels: Qrels,
    current: Option<u32>, // the query of the last judgement
}

impl QrelsBuilder {
    /// Begins judgements that errors call `name`.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ids: Ids::default(), qrels: Qrels::empty(name.into()), current: None }
    }

    /// Adds the grade of a document for a query.
    ///
    /// # Errors
    /// When the document has a grade for the query already, or the grade is out of range.
    pub fn push(&mut self, query: &str, document: &str, grade: i32) -> Result<()> {
        let name = &self.name;
        let refuse = |what: &str| Error::data(name, format!("query {query}: document {document} {what}"));
        if !(-LARGEST_GRADE..=LARGEST_GRADE).contains(&grade) {
            let expected = format!("expected one between -{LARGEST_GRADE} and {LARGEST_GRADE}");
            return Err(refuse(&format!("has the grade {grade}; {expected}")));
        }
        let is_current = |&index: &u32| self.qrels.is_query(&self.ids.bytes, index, query.as_bytes());
        let index = match self.current.filter(is_current) {
            Some(index) => index,
            None => {
                let id = self.ids.push(query);
                self.qrels.query_index(&self.ids.bytes, id)
            }
        };
        self.current = Some(index);
        let id = self.ids.push(document);
        match self.qrels.insert(&self.ids.bytes, index, id, grade) {
            Some(_) => Err(refuse("is judged twice")),
            None => Ok(()),
        }
    }

    /// Returns the judgements.
    ///
    /// # Errors
    /// When there is none.
    pub fn finish(self) -> Result<Qrels> {
        let none = || Error::data(&self.name, "holds no judgement");
        self.qrels.completed(self.ids.bytes).ok_or_else(none)
    }
}
