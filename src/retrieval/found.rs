//! Hits with the parts of their texts to show.

use serde::Serialize;

use super::{Hit, Snippet, TextIndex, WeightedQuery};
use crate::error::Result;

/// Longest title of a [`FoundDocument`], in characters.
const TITLE_WIDTH: usize = 100;
/// Longest passage of a [`FoundDocument`], in characters.
const PASSAGE_WIDTH: usize = 200;

/// A hit with the parts of its texts to show.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundDocument {
    /// Id of the document.
    pub id: String,
    /// Score of the document.
    pub score: f32,
    /// Beginning or best part of the title; empty for a document without one.
    pub title: Snippet,
    /// Part of the other fields with the most words of the query; `None` where those are
    /// empty.
    pub passage: Option<Snippet>,
}

/// Hit as programs read it, in JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitRecord<'a> {
    /// Rank, from 1.
    pub rank: usize,
    /// Id of the document.
    pub id: &'a str,
    /// Score of the document.
    pub score: f32,
    /// Beginning or best part of the title; empty for a document without one.
    pub title: &'a str,
    /// Best part of the other fields.
    pub passage: Option<&'a str>,
    /// Words of the query in title and passage, as they stand there.
    pub words: Vec<&'a str>,
}

impl<'a> HitRecord<'a> {
    /// Describes the hit at `rank`, counted from 1.
    pub fn new(rank: usize, found: &'a FoundDocument) -> Self {
        let parts = std::iter::once(&found.title).chain(&found.passage);
        let words = parts.flat_map(|part| part.words.iter().map(|word| &part.text[word.clone()]));
        Self {
            rank,
            id: &found.id,
            score: found.score,
            title: &found.title.text,
            passage: found.passage.as_ref().map(|passage| passage.text.as_str()),
            words: words.collect(),
        }
    }
}

impl TextIndex {
    /// Adds id, title and passage to a hit of `query`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn present(&self, query: &WeightedQuery, hit: Hit) -> Result<FoundDocument> {
        let texts = self.texts(hit.document)?;
        let title = texts.iter().find(|(name, _)| *name == "title").map_or("", |(_, text)| text.as_str());
        let others: Vec<&str> =
            texts.iter().filter(|(name, _)| *name != "title").map(|(_, text)| text.as_str()).collect();
        let title = self.snippets(query, &[title], TITLE_WIDTH)?.swap_remove(0);
        let passages = self.snippets(query, &others, PASSAGE_WIDTH)?;
        let passage = passages.into_iter().max_by_key(|passage| passage.words.len());
        let passage = passage.filter(|passage| !passage.text.trim().is_empty());
        Ok(FoundDocument { id: self.id(hit.document).to_owned(), score: hit.score, title, passage })
    }
}
