//! Settings of a beam search, and its results.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::length::LengthNorm;
use crate::error::{Error, Result};

/// Widest beam.
pub const MOST_WIDTH: usize = 1000;

/// Settings of a beam search.
///
/// Unfinished and finished sentences share the `width` places of a beam, which the best scores take; a finished sentence
/// that is pushed out is still among the results if its score is. The greedy sentence is always a candidate, also where it
/// falls out of the beam: the best score is never below that of greedy decoding, and without length normalisation the
/// best log-probability is not.
///
/// With several `groups` the search is diverse (Vijayakumar et al., 2016): the groups share the width and choose one after
/// another at each step, and a token that n sentences of the groups before have just chosen costs `n · diversity` (Hamming
/// diversity). The first group is a beam search of its own.
///
/// ```
/// use irgan::text::Beam;
/// use irgan::text::models::{oracle_shape, random_oracle};
///
/// let model = random_oracle(&oracle_shape(50, 6), 1);
/// let lists = Beam::new(4).search(&model, &[(), ()], &[&[7], &[8]]);
/// assert_eq!((lists.len(), lists[0].len()), (2, 4));
/// assert!(lists[1][0].tokens[0] == 8 && lists[1][0].score >= lists[1][1].score);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Beam {
    /// Sentences kept at every step.
    pub width: usize,
    /// Groups of a diverse search, which share the width; 1 for a plain one.
    pub groups: usize,
    /// Cost, in nats, of a token for every sentence of the groups before that has just chosen it.
    pub diversity: f64,
    /// Divisor of the log-probability of sentences that are compared. Without one, the default, the likeliest sentence wins.
    pub length: LengthNorm,
}

impl Default for Beam {
    fn default() -> Self {
        Self { width: 5, groups: 1, diversity: 0.5, length: LengthNorm::None }
    }
}

impl fmt::Display for Beam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "beam {}", self.width)?;
        if self.groups > 1 {
            write!(f, " in {} groups", self.groups)?;
        }
        match self.length {
            LengthNorm::None => Ok(()),
            length => write!(f, ", {length}"),
        }
    }
}

/// Sentence that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Tokens, with the end where it has one.
    pub tokens: Vec<u32>,
    /// Log-probability of the tokens that were chosen: those after the prefix.
    pub log_probability: f64,
    /// Number by which sentences are sorted, larger first.
    pub score: f64,
}

impl Beam {
    /// Returns a plain beam of `width` sentences.
    pub fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// When one is out of range, or the groups cannot share the width equally.
    pub fn validate(&self) -> Result<()> {
        let Self { width, groups, diversity, .. } = *self;
        let fail = |message: String| Err(Error::Config(message));
        if !(1..=MOST_WIDTH).contains(&width) {
            return fail(format!("`beam.width` = {width}: expected 1 to {MOST_WIDTH}"));
        }
        if groups == 0 || !width.is_multiple_of(groups) {
            return fail(format!(
                "`beam.groups` = {groups}: expected a divisor of the beam's width, {width}"
            ));
        }
        if !(0.0..=1e6).contains(&diversity) {
            return fail(format!("`beam.diversity` = {diversity}: expected 0 to 1000000"));
        }
        Ok(())
    }
}
