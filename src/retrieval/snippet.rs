//! Snippets: the parts of texts that match a query best.

use std::collections::BTreeMap;

use tantivy::snippet::SnippetGenerator;

use super::postings::FieldTerms;
use super::{TextIndex, WeightedQuery};
use crate::error::Result;

/// Part of a text with the places of the query's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Part of the text.
    pub text: String,
    /// Byte ranges of the query's words in the part, ascending and disjoint.
    pub words: Vec<std::ops::Range<usize>>,
}

impl TextIndex {
    /// Returns the part of each of `texts` that matches the query best, of about `width` characters at most.
    ///
    /// A text without a word of the query gives its beginning.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn snippets(&self, query: &WeightedQuery, texts: &[&str], width: usize) -> Result<Vec<Snippet>> {
        let terms = FieldTerms::look_up(self, query, 0)?;
        let known = query.terms().iter().zip(&terms.terms).filter(|(_, found)| found.documents > 0);
        let weights: BTreeMap<String, f32> =
            known.map(|(term, found)| (term.clone(), 1.0 / (1.0 + found.documents as f32))).collect();
        let generator = SnippetGenerator::new(weights, self.analyzer(), self.field(0), width);
        let cut = |text: &&str| {
            let found = generator.snippet(text);
            if found.is_empty() {
                let text: String = text.chars().take(width).collect();
                return Snippet { text, words: vec![] };
            }
            Snippet { text: found.fragment().to_owned(), words: found.highlighted().to_vec() }
        };
        Ok(texts.iter().map(cut).collect())
    }
}
