//! Pseudo-relevance feedback: expansion of a query by terms of the documents that it finds first (RM3; Lavrenko and
//! Croft, 2001; Abdul-Jaleel et al., 2004).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::analysis::for_each_term;
use super::scoring::within;
use super::{Hit, TextIndex, WeightedQuery};
use crate::error::Result;

/// Parameters of pseudo-relevance feedback by RM3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Feedback {
    /// Number of first documents that are taken for relevant.
    pub documents: usize,
    /// Number of terms taken from those documents.
    pub terms: usize,
    /// Share λ of the original query in the expanded one, in [0, 1].
    pub original: f32,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { documents: 10, terms: 20, original: 0.5 }
    }
}

impl Feedback {
    /// Checks that the share of the original query lies within [0, 1].
    ///
    /// # Errors
    /// When it does not.
    pub fn validate(&self) -> Result<()> {
        within("feedback.original", self.original, 0.0, 1.0)
    }

    /// Expands `query` by terms of the first of `hits`.
    ///
    /// A term weighs `λ w(t)/Σw + (1 − λ) Σ_d P(t|d) s(d)`: its share of the query, and its shares of the documents
    /// weighted by their normalised scores `s(d)`. The query's terms come first, in order, then the new terms by falling
    /// weight, and alphabetically among equals.
    ///
    /// # Errors
    /// When the index cannot be read.
    ///
    /// ```
    /// use irgan::data::documents::Document;
    /// use irgan::event::Silent;
    /// use irgan::retrieval::{BuildOptions, Feedback, WeightedQuery, Scoring, TextIndex, build};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("index");
    /// let document = |id: &str, text: &str| Document { id: id.into(), fields: vec![("body".into(), text.into())] };
    /// let documents = [document("d1", "salt salt wind"), document("d2", "boundary layer")];
    /// build(&path, &BuildOptions::default(), documents.into_iter().map(Ok), &mut Silent)?;
    ///
    /// let index = TextIndex::open(&path)?;
    /// let query = WeightedQuery::parse(&index, "salt");
    /// let hits = index.search(&query, 0, Scoring::default(), 10)?;
    /// let expanded = Feedback::default().expand(&index, &query, &hits)?;
    /// assert_eq!(expanded.terms(), ["salt", "wind"]);
    /// assert!((expanded.weights()[1] - 0.5 / 3.0).abs() < 1e-6); // (1 − λ) · 1/3
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expand(&self, index: &TextIndex, query: &WeightedQuery, hits: &[Hit]) -> Result<WeightedQuery> {
        self.expand_by(query, hits, |document| counts(index, document))
    }

    /// Expands `query` as [`expand`](Self::expand) does, by the `counts` of the terms of a document.
    pub(super) fn expand_by(
        &self,
        query: &WeightedQuery,
        hits: &[Hit],
        counts: impl Fn(u32) -> Result<BTreeMap<String, u32>>,
    ) -> Result<WeightedQuery> {
        let hits = &hits[..hits.len().min(self.documents)];
        let total: f64 = hits.iter().map(|hit| f64::from(hit.score.max(0.0))).sum();
        let mut model: BTreeMap<String, f64> = BTreeMap::new();
        for hit in hits {
            let counts = counts(hit.document)?;
            let length: f64 = counts.values().map(|&count| f64::from(count)).sum();
            let belief =
                if total > 0.0 { f64::from(hit.score.max(0.0)) / total } else { 1.0 / hits.len() as f64 };
            for (term, count) in counts {
                *model.entry(term).or_insert(0.0) += belief * f64::from(count) / length;
            }
        }
        let mut heaviest: Vec<(String, f64)> = model.into_iter().collect();
        heaviest.sort_by(|a, b| b.1.total_cmp(&a.1)); // stable: the terms were in alphabetical order
        heaviest.truncate(self.terms);
        let mass: f64 = heaviest.iter().map(|(_, weight)| weight).sum();
        let original = f64::from(self.original);
        let length = f64::from(query.length()).max(f64::MIN_POSITIVE);
        let own = query
            .terms()
            .iter()
            .zip(query.weights())
            .map(|(t, &w)| (t.clone(), original * f64::from(w) / length));
        let mut expanded: Vec<(String, f64)> = own.collect();
        for (term, weight) in heaviest {
            let weight = (1.0 - original) * weight / mass;
            match expanded.iter_mut().find(|(known, _)| *known == term) {
                Some((_, known)) => *known += weight,
                None => expanded.push((term, weight)),
            }
        }
        Ok(WeightedQuery::weighted(
            expanded.into_iter().map(|(term, weight)| (term, weight as f32)).collect(),
        ))
    }
}

/// Counts the terms of a document's stored texts.
pub(super) fn counts(index: &TextIndex, document: u32) -> Result<BTreeMap<String, u32>> {
    let mut counts = BTreeMap::new();
    let mut analyzer = index.analyzer();
    for (_, text) in index.texts(document)? {
        for_each_term(&mut analyzer, &text, |term| match counts.get_mut(term) {
            Some(count) => *count += 1,
            None => {
                counts.insert(term.to_owned(), 1);
            }
        });
    }
    Ok(counts)
}
