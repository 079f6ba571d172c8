//! Terms of a hand-made reward, their weights and their values.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files::serde_as_text;

/// Term of a hand-made reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// Ease of answering: how unlikely dull replies are after the answer.
    Ease,
    /// Information flow: how unlike its speaker's turn before the answer is.
    Flow,
    /// Semantic coherence: mutual information of source and answer.
    Coherence,
    /// Novelty: words that repeat none, of the answer or of a turn before.
    Repetition,
    /// Length, as a share of the longest that an answer can have.
    Length,
}

impl Term {
    /// Every term, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Ease, Self::Flow, Self::Coherence, Self::Repetition, Self::Length];

    /// Returns the name in settings and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ease => "ease",
            Self::Flow => "flow",
            Self::Coherence => "coherence",
            Self::Repetition => "repetition",
            Self::Length => "length",
        }
    }
}

/// Value of every term for one answer; a term without weight is not computed, and is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TermValues([f64; Term::ALL.len()]);

impl TermValues {
    /// Returns the value of a term.
    pub fn get(&self, term: Term) -> f64 {
        self.0[term as usize]
    }

    /// Sets the value of a term.
    pub fn set(&mut self, term: Term, value: f64) {
        self.0[term as usize] = value;
    }

    /// Returns the mean of every term over answers; 0 without answers.
    pub fn mean(values: &[Self]) -> Self {
        let mean =
            |term: Term| values.iter().map(|of| of.get(term)).sum::<f64>() / values.len().max(1) as f64;
        Self(Term::ALL.map(mean))
    }
}

/// Weights λ of the terms of a hand-made reward `Σ λ_i R_i`, written `ease=0.25 flow=0.25 coherence=0.5`, which is the
/// default (Li et al., 2016, §3.2).
///
/// ```
/// use irgan::text::hand_made::{RewardTerms, Term};
///
/// let terms: RewardTerms = "coherence=1, length=0.1".parse()?;
/// assert_eq!((terms.weight(Term::Coherence), terms.weight(Term::Ease)), (1.0, 0.0));
/// assert_eq!(terms.to_string(), "coherence=1 length=0.1");
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RewardTerms([f64; Term::ALL.len()]);

impl Default for RewardTerms {
    fn default() -> Self {
        Self([0.25, 0.25, 0.5, 0.0, 0.0])
    }
}

impl RewardTerms {
    /// Returns the weight of a term; 0 where it takes no part.
    pub fn weight(&self, term: Term) -> f64 {
        self.0[term as usize]
    }

    /// Iterates over the terms that take part.
    pub fn used(&self) -> impl Iterator<Item = Term> {
        Term::ALL.into_iter().filter(|&term| self.weight(term) != 0.0)
    }

    /// Returns true when a term takes part.
    pub fn uses(&self, term: Term) -> bool {
        self.weight(term) != 0.0
    }

    /// Returns the weighted sum of the terms of an answer.
    pub fn total(&self, values: &TermValues) -> f64 {
        self.used().map(|term| self.weight(term) * values.get(term)).sum()
    }
}

impl fmt::Display for RewardTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, term) in self.used().enumerate() {
            write!(f, "{}{}={}", if place > 0 { " " } else { "" }, term.name(), self.weight(term))?;
        }
        Ok(())
    }
}

impl FromStr for RewardTerms {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fail = |what: &str| {
            let names = Term::ALL.map(Term::name).join(", ");
            Error::Config(format!(
                "reward terms `{text}`: {what}; expected weights such as `ease=0.25 flow=0.25 coherence=0.5`, of {names}"
            ))
        };
        let mut weights = [None; Term::ALL.len()];
        for part in text.split([' ', ',']).filter(|part| !part.is_empty()) {
            let (name, weight) = part.split_once('=').ok_or_else(|| fail(&format!("`{part}` has no `=`")))?;
            let term = Term::ALL.into_iter().find(|term| term.name() == name);
            let term = term.ok_or_else(|| fail(&format!("no term `{name}`")))?;
            let weight = weight.parse::<f64>().ok().filter(|weight| weight.is_finite());
            let weight =
                weight.ok_or_else(|| fail(&format!("the weight of `{name}` is no finite number")))?;
            if weights[term as usize].replace(weight).is_some() {
                return Err(fail(&format!("`{name}` stands twice")));
            }
        }
        let weights = weights.map(Option::unwrap_or_default);
        match weights.iter().any(|&weight| weight != 0.0) {
            true => Ok(Self(weights)),
            false => Err(fail("no term has a weight")),
        }
    }
}

serde_as_text!(RewardTerms);
