//! Scores of a document by the terms it shares with a query.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TextIndex;
use super::postings::TermStatistics;

/// BM25's parameters (Robertson and Walker, 1994; idf as in Lucene, never negative).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bm25 {
    /// Saturation of the term frequency.
    pub k1: f32,
    /// Share of the length normalisation, in [0, 1].
    pub b: f32,
}

impl Default for Bm25 {
    fn default() -> Self {
        Self { k1: 1.2, b: 0.75 }
    }
}

/// A way to score. `tf` occurrences of a term in a document of `len` terms, w its weight in the query, n of N
/// documents have it, p its share of all occurrences in the field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scoring {
    /// `Σ w · ln(1 + (N − n + ½)/(n + ½)) · tf (k₁ + 1) / (tf + k₁ (1 − b + b len/avg))`.
    Bm25(Bm25),
    /// Language model with Dirichlet smoothing: `Σ w ln(1 + tf/(μ p)) + Σw · ln(μ/(len + μ))` (Zhai and
    /// Lafferty, 2001), of documents that share a term.
    LmDirichlet {
        /// Pseudo-count of the collection's model.
        mu: f32,
    },
    /// Language model with Jelinek–Mercer smoothing: `Σ w ln(1 + (1 − λ) tf / (λ len p))`.
    LmJelinekMercer {
        /// Share of the collection's model, in (0, 1].
        lambda: f32,
    },
    /// `Σ w (1 + ln tf) ln(1 + N/n)`.
    TfIdf,
}

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

/// `ln(1 + (N − n + ½)/(n + ½))`.
pub(super) fn idf(documents: usize, having: u64) -> f32 {
    let (all, n) = (documents as f64, having as f64);
    (1.0 + (all - n + 0.5) / (n + 0.5)).ln() as f32
}

/// What one term adds to a document's score: a function of tf and len with its constants worked out.
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
    /// What `term` contributes in `field`; None when no document has it there.
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
        let share = term.occurrences.max(1) as f64 / index.statistics().tokens(field).max(1) as f64;
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

    /// What a document's length adds once, for a query whose weights sum to `query_length`.
    #[inline]
    pub(super) fn of_length(self, query_length: f32, length: u32) -> f32 {
        match self {
            Self::LmDirichlet { mu } => query_length * (mu / (length as f32 + mu)).ln(),
            _ => 0.0,
        }
    }
}
