//! Shape of an encoder–decoder.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::nn::{AttentionKind, CellKind};

/// Most weights of a model, 1 GiB: training keeps ten copies.
const MOST_WEIGHTS: usize = 1 << 28;

/// Layers of a pyramid that halve the steps.
pub(super) const HALVINGS: usize = 2;

/// Way in which an encoder reads a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum EncoderKind {
    /// One recurrent layer over the tokens.
    #[default]
    Flat,
    /// A recurrent layer over the tokens and two more, each of which reads two outputs of the one below as one step, so
    /// that it has half of its steps (Chan et al., 2016).
    Pyramid,
    /// A recurrent layer over the tokens of every turn, and one over the turns (Li et al., 2015). Attention looks at turns.
    Hierarchical,
}

/// Shape of an encoder–decoder: everything besides its weights that reading a model file needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EncoderDecoderShape {
    /// Tokens of the vocabulary of both sides, V.
    pub vocabulary: usize,
    /// Values of a token's vector, E.
    pub embedding: usize,
    /// Values of the recurrent states of encoder and decoder, H; with two directions each has half of the encoder's.
    pub hidden: usize,
    /// Kind of the recurrent layers.
    pub cell: CellKind,
    /// Way in which a source is read.
    pub encoder: EncoderKind,
    /// Encoder in both directions.
    pub bidirectional: bool,
    /// Kind of the attention.
    pub attention: AttentionKind,
    /// Input feeding: the decoder's input includes what the attention made of the step before (Luong et al., 2015, section
    /// 3.3).
    pub input_feeding: bool,
    /// Sources, or each of their turns, are read from the last token to the first (Sutskever et al., 2014).
    pub reverse_source: bool,
    /// One table of vectors of tokens for encoder and decoder.
    pub shared_embeddings: bool,
    /// Tokens of the longest source of the training. A longer one is read as well: callers cut, and say so.
    pub source_steps: usize,
    /// Tokens of the longest answer, T.
    pub steps: usize,
    /// Token that is read before every answer, and as the whole of an empty source.
    pub start: u32,
    /// Token that ends an answer; without one, every answer has T tokens.
    pub end: Option<u32>,
    /// Tokens that are never written, such as padding.
    pub never: Vec<u32>,
    /// Token that ends a turn of a source; the hierarchical encoder needs it.
    pub turn_end: Option<u32>,
}

impl EncoderDecoderShape {
    /// Checks the shape before a network of that size is made.
    ///
    /// # Errors
    /// When a size is out of range, choices exclude each other, the network would have more than 2²⁸ weights, or a token
    /// lies beyond the vocabulary.
    pub fn validate(&self) -> Result<()> {
        self.check_sizes()?;
        let fail = |message: String| Err(Error::Config(message));
        if self.bidirectional && !self.hidden.is_multiple_of(2) {
            return fail(format!("hidden {}: two directions need an even number", self.hidden));
        }
        if self.input_feeding && self.attention == AttentionKind::None {
            return fail("input feeding feeds what the attention made: it needs an attention".into());
        }
        if self.encoder == EncoderKind::Hierarchical && self.turn_end.is_none() {
            return fail("the hierarchical encoder reads turns: it needs a token that ends a turn".into());
        }
        let special = self.never.iter().chain(&self.end).chain([&self.start]).chain(&self.turn_end);
        match special.max().filter(|&&token| token as usize >= self.vocabulary) {
            Some(token) => fail(format!("token {token} is beyond the vocabulary of {}", self.vocabulary)),
            None => Ok(()),
        }
    }

    fn check_sizes(&self) -> Result<()> {
        let fail = |message: String| Err(Error::Config(message));
        let Self { vocabulary, embedding, hidden, steps, source_steps, .. } = *self;
        if !(2..=1 << 24).contains(&vocabulary) {
            return fail(format!("a vocabulary of {vocabulary} tokens: expected 2 to {}", 1 << 24));
        }
        if !(1..=1 << 14).contains(&embedding) || !(1..=1 << 14).contains(&hidden) {
            return fail(format!("embedding {embedding}, hidden {hidden}: expected 1 to {}", 1 << 14));
        }
        if !(1..=1 << 20).contains(&steps) || !(1..=1 << 20).contains(&source_steps) {
            let most = 1 << 20;
            return fail(format!(
                "sources of {source_steps}, answers of {steps} tokens: expected 1 to {most}"
            ));
        }
        let tables = if self.shared_embeddings { 1 } else { 2 };
        // Two to four recurrent layers with at most 4 blocks of 3 H inputs, and four squares of attention.
        let weights = vocabulary * (tables * embedding + hidden) + 4 * hidden * (2 * embedding + 12 * hidden);
        if weights > MOST_WEIGHTS {
            return fail(format!(
                "a network of about {weights} weights ({vocabulary} tokens, embedding {embedding}, hidden {hidden}): \
                 expected at most {MOST_WEIGHTS}"
            ));
        }
        Ok(())
    }
}
