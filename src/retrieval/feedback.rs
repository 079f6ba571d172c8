//! Pseudo-relevance feedback: a query grown by the terms of the documents it finds first (RM3; Lavrenko and
//! Croft, 2001; Abdul-Jaleel et al., 2004).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::analysis::for_each_term;
use super::{Hit, Query, TextIndex};
use crate::error::Result;

/// RM3's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Feedback {
    /// Documents that are taken for relevant.
    pub documents: usize,
    /// Terms taken from them.
    pub terms: usize,
    /// Share of the query itself in the grown one, in [0, 1].
    pub original: f32,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { documents: 10, terms: 20, original: 0.5 }
    }
}

impl Feedback {
    /// `query` grown by the first of `hits`: each term weighs
    /// `λ w(t)/Σw + (1 − λ) Σ_d P(t|d) s(d)`, its shares in the documents weighted by their scores.
    ///
    /// The query's terms stay first and in order; of the new terms the heaviest are kept, equal ones in
    /// alphabetical order.
    pub fn grow(&self, index: &TextIndex, query: &Query, hits: &[Hit]) -> Result<Query> {
        let hits = &hits[..hits.len().min(self.documents)];
        let total: f64 = hits.iter().map(|hit| f64::from(hit.score.max(0.0))).sum();
        let mut model: BTreeMap<String, f64> = BTreeMap::new();
        for hit in hits {
            let counts = counts(index, hit.document)?;
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
        let mut grown: Vec<(String, f64)> = own.collect();
        for (term, weight) in heaviest {
            let weight = (1.0 - original) * weight / mass;
            match grown.iter_mut().find(|(known, _)| *known == term) {
                Some((_, known)) => *known += weight,
                None => grown.push((term, weight)),
            }
        }
        Ok(Query::weighted(grown.into_iter().map(|(term, weight)| (term, weight as f32)).collect()))
    }
}

/// How often each term occurs in a document, by its stored texts.
fn counts(index: &TextIndex, document: u32) -> Result<BTreeMap<String, u32>> {
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
