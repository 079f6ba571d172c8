//! Shape of a recurrent language model.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::nn::CellKind;

/// Most weights of a model, 1 GiB: training keeps ten copies.
const MOST_WEIGHTS: usize = 1 << 28;

/// Shape of a recurrent language model: everything besides its weights that reading a model file needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RecurrentShape {
    /// Tokens of the vocabulary, V.
    pub vocabulary: usize,
    /// Values of a token's vector, E.
    pub embedding: usize,
    /// Values of the recurrent state, H.
    pub hidden: usize,
    /// Kind of the recurrent layer.
    pub cell: CellKind,
    /// Tokens of the longest sentence, T.
    pub steps: usize,
    /// Token that is read before every sentence.
    pub start: u32,
    /// Token that ends a sentence; without one, every sentence has T tokens.
    pub end: Option<u32>,
    /// Tokens that are never written, such as padding.
    pub never: Vec<u32>,
}

impl RecurrentShape {
    /// Checks the shape before a network of that size is made.
    ///
    /// # Errors
    /// When a size is out of range, the network would have more than 2²⁸ weights, or a token lies beyond the vocabulary.
    pub fn validate(&self) -> Result<()> {
        let fail = |message: String| Err(Error::Config(message));
        let Self { vocabulary, embedding, hidden, steps, .. } = *self;
        if !(2..=1 << 24).contains(&vocabulary) {
            return fail(format!("a vocabulary of {vocabulary} tokens: expected 2 to {}", 1 << 24));
        }
        if !(1..=1 << 14).contains(&embedding) || !(1..=1 << 14).contains(&hidden) {
            return fail(format!("embedding {embedding}, hidden {hidden}: expected 1 to {}", 1 << 14));
        }
        if !(1..=1 << 20).contains(&steps) {
            return fail(format!("sentences of {steps} tokens: expected 1 to {}", 1 << 20));
        }
        let weights = 2 * vocabulary * (embedding + hidden) + 4 * hidden * (embedding + hidden);
        if weights > MOST_WEIGHTS {
            return fail(format!(
                "a network of about {weights} weights ({vocabulary} tokens, embedding {embedding}, hidden {hidden}): \
                 expected at most {MOST_WEIGHTS}"
            ));
        }
        let special = self.never.iter().chain(&self.end).chain([&self.start]);
        match special.max().filter(|&&token| token as usize >= vocabulary) {
            Some(token) => fail(format!("token {token} is beyond the vocabulary of {vocabulary}")),
            None => Ok(()),
        }
    }
}
