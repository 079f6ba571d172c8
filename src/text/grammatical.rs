//! Sentences of a generator in a language whose grammar is known.

use std::collections::HashMap;

use super::TextData;
use crate::data::sentences::Sequences;
use crate::data::words::END;

/// Shares of sentences in a language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grammatical {
    /// Share of grammatical sentences.
    pub share: f64,
    /// Entropy of the grammatical sentences among each other, `−Σ p log p` of their frequencies, in nats: 0 for a generator
    /// that always writes the same one.
    pub entropy: f64,
}

impl TextData {
    /// Measures how many of `sentences` the grammar accepts, and how varied those are; `None` without a grammar.
    pub fn grammatical(&self, sentences: &Sequences) -> Option<Grammatical> {
        let (grammar, vocabulary) = (self.grammar.as_ref()?, self.vocabulary.as_ref()?);
        let mut counts: HashMap<&[u32], usize> = HashMap::new();
        for sentence in sentences.iter() {
            *counts.entry(sentence.strip_suffix(&[END]).unwrap_or(sentence)).or_default() += 1;
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
        Some(Grammatical {
            share: accepted as f64 / sentences.len().max(1) as f64,
            entropy: counts.iter().map(surprise).sum(),
        })
    }
}
