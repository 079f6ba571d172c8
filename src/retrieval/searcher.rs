//! Searches of an open index with fixed settings: hits of one query or of many, with snippets and feedback.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::{Feedback, FoundDocument, Hit, Scoring, TextIndex, WeightedQuery};
use crate::error::{Error, Result};

/// Settings of a [`Searcher`].
#[derive(Clone, Debug, PartialEq)]
pub struct SearchConfig {
    /// Name of the field to search; `None` searches all texts together.
    pub field: Option<String>,
    /// Score that orders the hits.
    pub scoring: Scoring,
    /// Pseudo-relevance feedback (RM3); `None` searches once.
    pub feedback: Option<Feedback>,
    /// Most hits of a query.
    pub k: usize,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self { field: None, scoring: Scoring::default(), feedback: None, k: 10 }
    }
}

/// An open index together with the settings of its searches.
///
/// ```
/// use irgan::data::documents::Document;
/// use irgan::event::Silent;
/// use irgan::retrieval::{BuildOptions, SearchConfig, Searcher, build};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("index");
/// let document = |id: &str, text: &str| Document { id: id.into(), fields: vec![("body".into(), text.into())] };
/// let documents = [document("d1", "Salt and wind."), document("d2", "A boundary layer.")];
/// build(&path, &BuildOptions::default(), documents.into_iter().map(Ok), &mut Silent)?;
///
/// let searcher = Searcher::open(&path, &SearchConfig::default())?;
/// let found = searcher.find("layers")?; // English texts are stemmed
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].id, "d2");
/// assert_eq!(found[0].passage.as_ref().map(|passage| passage.text.as_str()), Some("A boundary layer"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Searcher {
    pub(super) index: Arc<TextIndex>,
    pub(super) field: usize,
    pub(super) scoring: Scoring,
    pub(super) feedback: Option<Feedback>,
    pub(super) k: usize,
}

impl Searcher {
    /// Opens the index in `folder` for searches by `config`.
    ///
    /// # Errors
    /// As [`TextIndex::open`] and [`Searcher::new`].
    pub fn open(folder: &Path, config: &SearchConfig) -> Result<Self> {
        config.validate()?;
        Self::new(TextIndex::open(folder)?, config)
    }

    /// Joins an open index, which others may share, and the settings of its searches.
    ///
    /// # Errors
    /// When a parameter is out of its range or the index has no field of the given name.
    pub fn new(index: impl Into<Arc<TextIndex>>, config: &SearchConfig) -> Result<Self> {
        config.validate()?;
        let index = index.into();
        let field = match &config.field {
            None => 0,
            Some(name) => index.fields().iter().position(|field| field == name).ok_or_else(|| {
                Error::Config(format!("`search.field` {name}: the index has {}", index.fields().join(", ")))
            })?,
        };
        Ok(Self { index, field, scoring: config.scoring, feedback: config.feedback, k: config.k })
    }

    /// Returns the index.
    pub fn index(&self) -> &TextIndex {
        &self.index
    }

    /// Returns the best hits of a query, best first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&self, query: &WeightedQuery) -> Result<Vec<Hit>> {
        let Some(feedback) = &self.feedback else {
            return self.index.search(query, self.field, self.scoring, self.k);
        };
        let first = self.index.search(query, self.field, self.scoring, feedback.documents)?;
        let expanded = feedback.expand(&self.index, query, &first)?;
        self.index.search(&expanded, self.field, self.scoring, self.k)
    }

    /// Returns the best documents for the words of `text`, with snippets.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn find(&self, text: &str) -> Result<Vec<FoundDocument>> {
        let query = WeightedQuery::parse(&self.index, text);
        self.search(&query)?.into_iter().map(|hit| self.index.present(&query, hit)).collect()
    }
}

/// Writes the name of the method, such as `bm25` or, with feedback, `bm25-rm3`.
impl fmt::Display for Searcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.scoring, if self.feedback.is_some() { "-rm3" } else { "" })
    }
}

impl SearchConfig {
    /// Checks the parameters of the score and of feedback.
    fn validate(&self) -> Result<()> {
        self.scoring.validate()?;
        self.feedback.map_or(Ok(()), |feedback| feedback.validate())
    }
}
