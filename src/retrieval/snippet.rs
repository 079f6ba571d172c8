//! Snippets: the parts of texts that match a query best.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::TokenStream as _;

use super::postings::FieldTerms;
use super::{TextIndex, WeightedQuery};
use crate::error::Result;

/// Part of a text with the places of the query's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Part of the text.
    pub text: String,
    /// Byte ranges of the query's words in the part, ascending and disjoint.
    pub words: Vec<Range<usize>>,
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
            Snippet { text: found.fragment().to_owned(), words: disjoint(found.highlighted().to_vec()) }
        };
        Ok(texts.iter().map(cut).collect())
    }
    /// Returns the whole of `text` with the places of the query's words.
    pub fn marked(&self, query: &WeightedQuery, text: &str) -> Snippet {
        let terms: HashSet<&str> = query.terms().iter().map(String::as_str).collect();
        let mut words = vec![];
        self.analyzer().token_stream(text).process(&mut |token| {
            if terms.contains(token.text.as_str()) {
                words.push(token.offset_from..token.offset_to);
            }
        });
        Snippet { text: text.to_owned(), words: disjoint(words) }
    }
}

impl Snippet {
    /// Returns the parts of the text in order, each with whether it is a word of the query.
    pub fn parts(&self) -> Vec<(&str, bool)> {
        let (mut parts, mut end) = (vec![], 0);
        for word in &self.words {
            parts.extend([(&self.text[end..word.start], false), (&self.text[word.clone()], true)]);
            end = word.end;
        }
        parts.push((&self.text[end..], false));
        parts.retain(|(text, _)| !text.is_empty());
        parts
    }
}

/// Returns `ranges` in ascending order, with those that overlap joined: neighbouring pairs of characters share one.
fn disjoint(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = vec![];
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::documents::Document;
    use crate::event::Silent;
    use crate::retrieval::{BuildOptions, build};

    #[test]
    fn ranges_that_overlap_are_joined_and_neighbours_stay_apart() {
        let joined = disjoint(vec![3..9, 0..6, 12..15, 9..12, 13..14]);
        assert_eq!(joined, [0..9, 9..12, 12..15]);
        assert!(disjoint(vec![]).is_empty());
    }

    #[test]
    fn the_words_of_a_query_are_marked_in_the_whole_of_a_text() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("idx");
        let document = Document { id: "d1".into(), fields: vec![("body".into(), "x".into())] };
        build(&path, &BuildOptions::default(), [Ok(document)].into_iter(), &mut Silent).expect("an index");
        let index = TextIndex::open(&path).expect("an index");
        let query = WeightedQuery::parse(&index, "layers flying");
        let marked = index.marked(&query, "(The layered wing flies.)");
        let parts = [("(The ", false), ("layered", true), (" wing ", false), ("flies", true), (".)", false)];
        assert_eq!(marked.parts(), parts);
        assert!(index.marked(&query, "").parts().is_empty());
    }
}
