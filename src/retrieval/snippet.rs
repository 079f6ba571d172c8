//! The part of a text that answers a query best.

use std::collections::BTreeMap;

use tantivy::snippet::SnippetGenerator;

use super::postings::FieldTerms;
use super::{Query, TextIndex};
use crate::error::Result;

/// A piece of text with the places of the query's words in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The piece.
    pub text: String,
    /// Byte ranges of the words, ascending and apart.
    pub words: Vec<std::ops::Range<usize>>,
}

impl TextIndex {
    /// The best piece of `text`, of at most about `width` characters, for each of `texts`.
    pub fn snippets(&self, query: &Query, texts: &[&str], width: usize) -> Result<Vec<Snippet>> {
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
