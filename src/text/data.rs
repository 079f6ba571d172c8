//! What a generator is trained on and measured by.

use std::sync::Arc;

use super::models::{RecurrentModel, RecurrentShape};
use crate::data::sentences::{Corpus, Sequences};
use crate::data::words::{END, PAD, START, Vocabulary};
use crate::error::{Error, Result};
use crate::nn::CellKind;
use crate::seed::Stream;

/// The most tokens drawn from an oracle: 4 GiB.
const MOST_CELLS: usize = 1 << 30;

/// Sentences to learn from and sentences held out, of one vocabulary.
#[derive(Clone, Debug)]
pub struct TextData {
    /// The sentences learnt from.
    pub train: Sequences,
    /// Held-out sentences: they choose epochs.
    pub valid: Sequences,
    /// Tokens, V.
    pub vocabulary_size: usize,
    /// The longest sentence, T.
    pub steps: usize,
    /// The token before every sentence.
    pub start: u32,
    /// The token after every sentence, where sentences end by themselves.
    pub end: Option<u32>,
    /// Tokens that are never written.
    pub never: Vec<u32>,
    /// What real sentences are drawn from, where that is known.
    pub oracle: Option<Oracle>,
    /// The tokens' names, for text.
    pub vocabulary: Option<Arc<Vocabulary>>,
}

/// The oracle and its own negative log-likelihood, the floor of every other's.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// The language model.
    pub model: RecurrentModel,
    /// Mean negative log-likelihood of a token of its own sentences, in nats.
    pub floor: f64,
    /// More held-out sentences, which choose nothing: NLL_test is measured on them.
    pub test: Sequences,
}

impl TextData {
    /// `train_sentences` and `held_out` sentences (twice) drawn from `oracle`; given `real` sentences take
    /// the place of the drawn training sentences.
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
            never: shape.never,
            oracle: Some(Oracle { model: oracle, floor, test }),
            vocabulary: None,
        })
    }

    /// Two corpora of one vocabulary.
    pub fn from_corpora(train: Corpus, valid: Corpus) -> Self {
        let steps = train.sequences.steps().max(valid.sequences.steps());
        Self {
            train: train.sequences.with_steps(steps),
            valid: valid.sequences.with_steps(steps),
            vocabulary_size: train.vocabulary.len(),
            steps,
            start: START,
            end: Some(END),
            never: vec![PAD, START],
            oracle: None,
            vocabulary: Some(train.vocabulary),
        }
    }

    /// The shape of a generator of these sentences.
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
