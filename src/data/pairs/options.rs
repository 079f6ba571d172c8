//! Settings by which files of pairs are read.

use serde::{Deserialize, Serialize};

use crate::data::sentences::{MAX_LEN_LIMIT, thousands};
use crate::data::words::Tokenizer;
use crate::error::{Error, Result};

/// Most tokens of a source and of an answer, where their limit is 0.
pub const AUTOMATIC_LENGTH: usize = 200;

/// Settings by which files of pairs become pairs to train on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PairOptions {
    /// Rule by which both sides become tokens.
    pub tokenizer: Tokenizer,
    /// Most tokens of a source; 0 stands for [`AUTOMATIC_LENGTH`]. Of a longer history the oldest turns are dropped; a pair
    /// whose last turn is longer is left out. Both are counted.
    pub max_source: usize,
    /// Most tokens of an answer; 0 stands for [`AUTOMATIC_LENGTH`]. Pairs of longer ones are left out and counted.
    pub max_len: usize,
    /// Least number of times that a token of the vocabulary occurs in the pairs kept; others become unknown.
    pub min_count: usize,
    /// Most tokens of the vocabulary, the special ones included, the most frequent first; 0 for all.
    pub vocabulary: usize,
}

impl Default for PairOptions {
    fn default() -> Self {
        Self { tokenizer: Tokenizer::default(), max_source: 0, max_len: 0, min_count: 1, vocabulary: 0 }
    }
}

impl PairOptions {
    /// Returns the limits of the lengths of training pairs.
    ///
    /// # Errors
    /// When an option is out of range.
    pub(super) fn limits(&self) -> Result<PairLimits> {
        let Self { min_count, vocabulary, .. } = *self;
        if min_count == 0 {
            return Err(Error::Config(
                "the smallest count of a token (`corpus.min-count`) must be 1 or more".into(),
            ));
        }
        if (1..8).contains(&vocabulary) {
            let message =
                format!("`pairs.vocabulary` = {vocabulary}: expected 0 (all tokens), or 8 and more");
            return Err(Error::Config(message));
        }
        let limits = PairLimits {
            source: resolved("pairs.max-source", self.max_source)?,
            answer: resolved("corpus.max-len", self.max_len)?,
            cut: false,
        };
        Ok(limits)
    }
}

fn resolved(setting: &str, tokens: usize) -> Result<usize> {
    match tokens {
        0 => Ok(AUTOMATIC_LENGTH),
        1..=MAX_LEN_LIMIT => Ok(tokens),
        _ => {
            let (found, most) = (thousands(tokens), thousands(MAX_LEN_LIMIT));
            Err(Error::Config(format!("`{setting}` = {found}: expected at most {most} tokens")))
        }
    }
}

/// Limits of the lengths of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairLimits {
    /// Most tokens of a source, 1 or more.
    pub source: usize,
    /// Most tokens of an answer, without its end, 1 or more.
    pub answer: usize,
    /// True to keep the end of a longer source, false to leave its pair out. Older turns are dropped in either case.
    pub cut: bool,
}
