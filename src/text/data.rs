//! Sentences that a generator is trained on and measured by.

use std::sync::Arc;

use super::models::{RecurrentModel, RecurrentShape};
use crate::data::grammar::Grammar;
use crate::data::sentences::{Corpus, CorpusOptions, Sequences, as_words};
use crate::data::words::{END, PAD, START, UNKNOWN, Vocabulary};
use crate::error::{Error, Result};
use crate::nn::CellKind;
use crate::seed::Stream;

/// Most tokens that are drawn from an oracle: 4 GiB.
const MOST_CELLS: usize = 1 << 30;

/// Sentences to learn from and held-out sentences, of one vocabulary.
#[derive(Clone, Debug)]
pub struct TextData {
    /// Sentences to learn from.
    pub train: Sequences,
    /// Held-out sentences, by which epochs are chosen.
    pub valid: Sequences,
    /// Tokens of the vocabulary, V.
    pub vocabulary_size: usize,
    /// Tokens of the longest sentence, T.
    pub steps: usize,
    /// Token before every sentence.
    pub start: u32,
    /// Token that ends a sentence, where sentences end by themselves.
    pub end: Option<u32>,
    /// Token that stands for every word beyond the vocabulary, where tokens are words.
    pub unknown: Option<u32>,
    /// Tokens that are never written.
    pub never: Vec<u32>,
    /// Language model that real sentences are drawn from, where it is known.
    pub oracle: Option<Oracle>,
    /// Grammar that real sentences follow, where it is known.
    pub grammar: Option<Arc<Grammar>>,
    /// Names of the tokens, for text.
    pub vocabulary: Option<Arc<Vocabulary>>,
}

/// Language model that real sentences are drawn from, and its own negative log-likelihood, the floor of every other's.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// Language model.
    pub model: RecurrentModel,
    /// Mean negative log-likelihood of a token of the oracle's own sentences, in nats.
    pub floor: f64,
    /// Held-out sentences that choose nothing: NLL_test is measured on them.
    pub test: Sequences,
}

impl TextData {
    /// Draws `train_sentences` sentences to learn from, `held_out` to choose epochs by and `held_out` to test from
    /// `oracle`; given `real` sentences take the place of those to learn from.
    ///
    /// # Errors
    /// When no sentence is asked for, or more tokens than there is room for.
    pub fn from_oracle(
        oracle: RecurrentModel,
        real: Option<Sequences>,
        train_sentences: usize,
        held_out: usize,
        seed: u64,
    ) -> Result<Self> {
        if train_sentences == 0 || held_out == 0 {
            return Err(Error::Config("an oracle must draw at least 1 sentence of each kind".into()));
        }
        let steps = oracle.shape().steps;
        let cells = train_sentences.saturating_add(held_out.saturating_mul(2)).saturating_mul(steps);
        if cells > MOST_CELLS {
            return Err(Error::Config(format!(
                "{train_sentences} and twice {held_out} sentences of {steps} tokens: expected at most {MOST_CELLS} \
                 tokens; draw fewer (`oracle.sentences`, `oracle.held-out`) or shorter ones (`oracle.steps`)"
            )));
        }
        let stream = Stream::new(seed).named("oracle data");
        let train = real.unwrap_or_else(|| oracle.draw(train_sentences, stream.named("train")));
        let valid = oracle.draw(held_out, stream.named("valid"));
        let test = oracle.draw(held_out, stream.named("test"));
        let shape = oracle.shape().clone();
        let floor = oracle.nll(&test);
        Ok(Self {
            train,
            valid,
            vocabulary_size: shape.vocabulary,
            steps: shape.steps,
            start: shape.start,
            end: shape.end,
            unknown: None,
            never: shape.never,
            oracle: Some(Oracle { model: oracle, floor, test }),
            grammar: None,
            vocabulary: None,
        })
    }

    /// Draws `train_sentences` sentences to learn from and `held_out` to choose epochs by from `grammar`, each of at most
    /// `longest` tokens ([`Grammar::draw`]).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use irgan::data::grammar::Grammar;
    /// use irgan::text::TextData;
    ///
    /// let data = TextData::from_grammar(Arc::new(Grammar::arithmetic()), 50, 10, 12, 1)?;
    /// assert_eq!((data.train.len(), data.valid.len()), (50, 10));
    /// assert_eq!(data.grammatical(&data.valid).expect("there is a grammar").share, 1.0);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    ///
    /// # Errors
    /// When no sentence is asked for, the grammar has none of such a length, or a token of it is no word.
    pub fn from_grammar(
        grammar: Arc<Grammar>,
        train_sentences: usize,
        held_out: usize,
        longest: usize,
        seed: u64,
    ) -> Result<Self> {
        if train_sentences == 0 || held_out == 0 {
            return Err(Error::Config("a grammar must draw at least 1 sentence of each kind".into()));
        }
        let options = CorpusOptions { max_len: longest, ..CorpusOptions::default() };
        for token in grammar.tokens() {
            if options.tokenizer.split(token)? != [token.as_str()] {
                return Err(Error::Unfit(format!("the token `{token}` is not one word: rename it")));
            }
        }
        let stream = Stream::new(seed).named("grammar data");
        let sentences = grammar.draw(train_sentences.saturating_add(held_out), longest, stream)?;
        let corpus = Corpus::from_sentences(sentences, &options)?;
        let part = |places: std::ops::Range<usize>| Corpus {
            sequences: corpus.sequences.select(&places.collect::<Vec<_>>()),
            ..corpus.clone()
        };
        let all = train_sentences + held_out;
        let data = Self::from_corpora(part(0..train_sentences), part(train_sentences..all));
        Ok(Self { grammar: Some(grammar), ..data })
    }

    /// Joins two corpora of one vocabulary.
    pub fn from_corpora(train: Corpus, valid: Corpus) -> Self {
        let steps = train.sequences.steps().max(valid.sequences.steps());
        Self {
            train: train.sequences.with_steps(steps),
            valid: valid.sequences.with_steps(steps),
            vocabulary_size: train.vocabulary.len(),
            steps,
            start: START,
            end: Some(END),
            unknown: Some(UNKNOWN),
            never: vec![PAD, START],
            oracle: None,
            grammar: None,
            vocabulary: Some(train.vocabulary),
        }
    }

    /// Returns sentences of this vocabulary as measures of text read them ([`as_words`]).
    pub fn words(&self, sentences: &Sequences) -> Vec<Vec<u32>> {
        as_words(sentences, self.end, self.unknown)
    }

    /// Returns the shape of a generator of these sentences.
    pub fn shape(&self, cell: CellKind, embedding: usize, hidden: usize) -> RecurrentShape {
        RecurrentShape {
            vocabulary: self.vocabulary_size,
            embedding,
            hidden,
            cell,
            steps: self.steps,
            start: self.start,
            end: self.end,
            never: self.never.clone(),
        }
    }
}
