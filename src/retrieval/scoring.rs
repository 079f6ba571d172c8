//! Scores of a document by the terms that it shares with a query.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TextIndex;
use super::postings::TermStatistics;
use crate::error::{Error, Result};

/// Parameters of BM25 (Robertson and Walker, 1994), with Lucene's idf, which is never negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bm25 {
    /// Saturation k₁ of the term frequency.
    pub k1: f32,
    /// Share of the length normalisation, in [0, 1].
    pub b: f32,
}

impl Default for Bm25 {
    fn default() -> Self {
        Self { k1: 1.2, b: 0.75 }
    }
}

/// Score of a document for a query: a sum over the query's terms.
///
/// In the formulas a term of weight w in the query occurs `tf` times in a document of `len` terms; n of N documents have
/// it, and p is its share of all occurrences of terms in the field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scoring {
    /// BM25: `Σ w · ln(1 + (N − n + ½)/(n + ½)) · tf (k₁ + 1) / (tf + k₁ (1 − b + b len/avg))`, where avg is the mean
    /// length.
    Bm25(Bm25),
    /// Language model with Dirichlet smoothing (Zhai and Lafferty, 2001):
    /// `Σ w ln(1 + tf/(μ p)) + Σw · ln(μ/(len + μ))`, for documents that share a term with the query.
    LmDirichlet {
        /// Pseudo-count μ of the collection's model.
        mu: f32,
    },
    /// Language model with Jelinek–Mercer smoothing: `Σ w ln(1 + (1 − λ) tf / (λ len p))`.
    LmJelinekMercer {
        /// Share λ of the collection's model, in (0, 1].
        lambda: f32,
    },
    /// Term frequency by inverse document frequency: `Σ w (1 + ln tf) ln(1 + N/n)`.
    TfIdf,
}

impl Default for Scoring {
    /// Returns BM25 with its default parameters.
    fn default() -> Self {
        Self::Bm25(Bm25::default())
    }
}

/// Writes the name of the score, such as `bm25`.
impl fmt::Display for Scoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bm25(_) => "bm25",
            Self::LmDirichlet { .. } => "lm-dirichlet",
            Self::LmJelinekMercer { .. } => "lm-jm",
            Self::TfIdf => "tf-idf",
        })
    }
}

/// Checks that a setting lies within `low` to `high`.
pub(super) fn within(name: &str, value: f32, low: f32, high: f32) -> Result<()> {
    match (low..=high).contains(&value) {
        true => Ok(()),
        false => Err(Error::Config(format!("`{name}` must lie in {low} to {high}"))),
    }
}

/// Returns Lucene's inverse document frequency, `ln(1 + (N − n + ½)/(n + ½))`, of a term in `having` of N `documents`.
pub(super) fn idf(documents: usize, having: u64) -> f32 {
    let (all, n) = (documents as f64, having as f64);
    (1.0 + (all - n + 0.5) / (n + 0.5)).ln() as f32
}

/// Contribution of one term to a document's score: a function of tf and len with its constants computed in advance.
#[derive(Clone, Copy, Debug)]
pub(super) enum Contribution {
    /// `scale · tf / (tf + base + slope · len)`.
    Saturating { scale: f32, base: f32, slope: f32 },
    /// `scale · ln(1 + tf · factor)`.
    Logarithmic { scale: f32, factor: f32 },
    /// `scale · ln(1 + factor · tf / len)`.
    Relative { scale: f32, factor: f32 },
    /// `scale · (1 + ln tf)`.
    Damped { scale: f32 },
}

impl Contribution {
    /// Returns the contribution to a document of `length` terms in which the term occurs `frequency` times.
    #[inline]
    pub(super) fn of(self, frequency: u32, length: u32) -> f32 {
        let (tf, len) = (frequency as f32, length as f32);
        match self {
            Self::Saturating { scale, base, slope } => scale * tf / (tf + base + slope * len),
            Self::Logarithmic { scale, factor } => scale * (tf * factor).ln_1p(),
            Self::Relative { scale, factor } => scale * (factor * tf / len.max(1.0)).ln_1p(),
            Self::Damped { scale } => scale * (1.0 + tf.ln()),
        }
    }
}

impl Scoring {
    /// Checks that the parameters are within their ranges.
    ///
    /// # Errors
    /// When one is not.
    pub fn validate(self) -> Result<()> {
        match self {
            Self::Bm25(Bm25 { k1, b }) => {
                within("bm25.k1", k1, 0.0, 1000.0)?;
                within("bm25.b", b, 0.0, 1.0)
            }
            Self::LmDirichlet { mu } => within("lm-dirichlet.mu", mu, 1e-3, 1e9),
            Self::LmJelinekMercer { lambda } => within("lm-jm.lambda", lambda, 1e-3, 1.0),
            Self::TfIdf => Ok(()),
        }
    }

    /// Returns the contribution of `term` in `field`; `None` when no document has it there.
    pub(super) fn contribution(
        self,
        index: &TextIndex,
        field: usize,
        term: &TermStatistics,
    ) -> Option<Contribution> {
        if term.documents == 0 {
            return None;
        }
        let all = index.documents();
        let share = term.occurrences.max(1) as f64 / index.tokens(field).max(1) as f64;
        Some(match self {
            Self::Bm25(Bm25 { k1, b }) => Contribution::Saturating {
                scale: term.weight * idf(all, term.documents) * (k1 + 1.0),
                base: k1 * (1.0 - b),
                slope: k1 * b / index.average_length(field).max(f32::MIN_POSITIVE),
            },
            Self::LmDirichlet { mu } => Contribution::Logarithmic {
                scale: term.weight,
                factor: (1.0 / (f64::from(mu) * share)) as f32,
            },
            Self::LmJelinekMercer { lambda } => {
                let odds = (1.0 - f64::from(lambda)) / f64::from(lambda);
                Contribution::Relative { scale: term.weight, factor: (odds / share) as f32 }
            }
            Self::TfIdf => {
                let idf = (1.0 + all as f64 / term.documents as f64).ln() as f32;
                Contribution::Damped { scale: term.weight * idf }
            }
        })
    }

    /// Returns the part of the score that depends on the document's length alone; the weights sum to `query_length`.
    #[inline]
    pub(super) fn of_length(self, query_length: f32, length: u32) -> f32 {
        match self {
            Self::LmDirichlet { mu } => query_length * (mu / (length as f32 + mu)).ln(),
            _ => 0.0,
        }
    }
}
