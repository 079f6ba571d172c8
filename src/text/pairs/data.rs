//! Pairs that an encoder–decoder learns from and is measured by.

use std::sync::Arc;

use super::self_play::Talk;
use crate::data::pairs::{PairCorpus, Pairs};
use crate::data::sentences::{Sequences, as_words};
use crate::data::words::{END, PAD, START, UNKNOWN, Vocabulary};

/// Pairs to learn from and held-out pairs, of one vocabulary.
#[derive(Clone, Debug)]
pub struct PairData {
    /// Pairs to learn from.
    pub train: Pairs,
    /// Held-out pairs, by which epochs are chosen.
    pub valid: Pairs,
    /// Vocabulary of both sides.
    pub vocabulary: Arc<Vocabulary>,
    /// Tokens of the longest source.
    pub source_steps: usize,
    /// Tokens of the longest answer with its end, T.
    pub steps: usize,
}

impl PairData {
    /// Joins two corpora of one vocabulary.
    pub fn new(train: PairCorpus, valid: PairCorpus) -> Self {
        Self::of_pairs(train.pairs, valid.pairs, train.vocabulary)
    }

    /// Gives pairs of both kinds room for the longest of their answers.
    fn of_pairs(train: Pairs, valid: Pairs, vocabulary: Arc<Vocabulary>) -> Self {
        let steps = train.steps().max(valid.steps());
        let source_steps = train.source_steps().max(valid.source_steps());
        let wide = |pairs: Pairs| Pairs { answers: pairs.answers.with_steps(steps), ..pairs };
        Self { train: wide(train), valid: wide(valid), vocabulary, source_steps, steps }
    }

    /// Returns the data that teach a model of sources given answers.
    pub fn reversed(&self) -> Self {
        let turn_end = self.vocabulary.turn_end();
        let (train, valid) = (self.train.reversed(turn_end), self.valid.reversed(turn_end));
        Self::of_pairs(train, valid, self.vocabulary.clone())
    }

    /// Returns the rules of a conversation.
    pub fn talk(&self) -> Talk {
        Talk { turn_end: self.vocabulary.turn_end(), longest: self.source_steps }
    }

    /// Returns the tokens that are never written.
    pub fn never(&self) -> Vec<u32> {
        [PAD, START].into_iter().chain(self.vocabulary.turn_end()).collect()
    }

    /// Returns the number of tokens of the training answers.
    pub fn token_count(&self) -> usize {
        self.train.answers.token_count()
    }
}

/// Returns answers as measures of text read them.
pub fn words(answers: &Sequences) -> Vec<Vec<u32>> {
    as_words(answers, Some(END), Some(UNKNOWN))
}
