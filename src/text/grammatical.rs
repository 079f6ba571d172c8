//! Sentences of a generator in a language whose grammar is known.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::TextData;
use crate::data::grammar::Grammar;
use crate::data::sentences::Sequences;
use crate::data::words::{END, Vocabulary};
use crate::files::json_file;

/// Shares of sentences in a language.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grammatical {
    /// Share of grammatical sentences.
    #[serde(deserialize_with = "json_file::number")]
    pub share: f64,
    /// Entropy of the grammatical sentences among each other, `−Σ p log p` of their frequencies, in nats: 0 for a generator
    /// that always writes the same one.
    #[serde(deserialize_with = "json_file::number")]
    pub entropy: f64,
}

impl Grammatical {
    /// Measures how many of `sentences`, as ids of `vocabulary` with or without the end, `grammar` accepts, and how varied those are.
    pub fn of<'a>(
        sentences: impl IntoIterator<Item = &'a [u32]>,
        grammar: &Grammar,
        vocabulary: &Vocabulary,
    ) -> Self {
        let (mut counts, mut all): (HashMap<&[u32], usize>, usize) = (HashMap::new(), 0);
        for sentence in sentences {
            *counts.entry(sentence.strip_suffix(&[END]).unwrap_or(sentence)).or_default() += 1;
            all += 1;
        }
        counts.retain(|sentence, _| {
            grammar.accepts(sentence.iter().map(|&token| vocabulary.token(token).unwrap_or_default()))
        });
        let mut counts: Vec<usize> = counts.into_values().collect();
        counts.sort_unstable(); // the sum has one order
        let accepted: usize = counts.iter().sum();
        let surprise = |&count: &usize| {
            let p = count as f64 / accepted as f64;
            -p * p.ln()
        };
        Self { share: accepted as f64 / all.max(1) as f64, entropy: counts.iter().map(surprise).sum() }
    }
}

impl TextData {
    /// Measures how many of `sentences` the grammar accepts, and how varied those are; `None` without a grammar.
    pub fn grammatical(&self, sentences: &Sequences) -> Option<Grammatical> {
        let (grammar, vocabulary) = (self.grammar.as_ref()?, self.vocabulary.as_ref()?);
        Some(Grammatical::of(sentences.iter(), grammar, vocabulary))
    }
}
