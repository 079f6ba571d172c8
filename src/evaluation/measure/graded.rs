//! Measures of graded relevance.
//!
//! `ranked` holds the grades of the retrieved documents in rank order; the gain of a document without a judgement (a
//! negative grade) is 0.

use crate::evaluation::Judged;

/// Gain of a grade in a discounted cumulative gain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gain {
    /// Grade itself (Järvelin & Kekäläinen, 2002), as in trec_eval: `dcg='log2'`.
    #[default]
    Grade,
    /// `2^grade − 1` (Burges et al., 2005), as for LETOR: `dcg='exp-log2'`.
    Exponential,
}

impl Gain {
    /// Returns the gain of one document; 0 for a grade of at most 0.
    pub fn of(self, grade: i32) -> f64 {
        match self {
            _ if grade <= 0 => 0.0,
            Self::Grade => f64::from(grade),
            Self::Exponential => f64::from(grade).exp2() - 1.0,
        }
    }
}

/// Returns discounted cumulative gain, `Σ gain(rank) / log2(1 + rank)` over the first `k` ranks.
pub fn dcg(ranked: &[i32], k: usize, gain: Gain) -> f64 {
    let mut sum = 0.0;
    for (rank, &grade) in (1u32..).zip(ranked.iter().take(k)) {
        if grade > 0 {
            sum += gain.of(grade) / f64::from(rank + 1).log2();
        }
    }
    sum
}

/// Returns normalised discounted cumulative gain: [`dcg`] divided by that of the ideal ranking of all judged documents
/// (Järvelin & Kekäläinen, 2002; trec_eval `ndcg`, `ndcg_cut`).
///
/// 0 when the ideal ranking gains nothing.
///
/// ```
/// use irgan::evaluation::Judged;
/// use irgan::evaluation::measure::{Gain, graded::ndcg};
///
/// // The only relevant document is at rank 3: 1/log2(4) against 1/log2(2).
/// assert_eq!(ndcg(&[0, 0, 1], &Judged::new([1, 0, 0]), 10, Gain::Grade), 0.5);
/// ```
pub fn ndcg(ranked: &[i32], judged: &Judged, k: usize, gain: Gain) -> f64 {
    let ideal = dcg(judged.grades(), k, gain);
    if ideal > 0.0 { dcg(ranked, k, gain) / ideal } else { 0.0 }
}

/// Returns the expected reciprocal rank, over the first `k` ranks, of the document where a user stops (Chapelle et al.,
/// 2009).
///
/// The user stops at a document with probability `(2^grade − 1) / 2^max_grade`. A grade above `max_grade` counts as
/// `max_grade`.
pub fn expected_reciprocal_rank(ranked: &[i32], k: usize, max_grade: i32) -> f64 {
    let (mut sum, mut reaches) = (0.0, 1.0);
    for (rank, &grade) in (1u32..).zip(ranked.iter().take(k)) {
        let stops = Gain::Exponential.of(grade.min(max_grade)) / f64::from(max_grade).exp2();
        sum += reaches * stops / f64::from(rank);
        reaches *= 1.0 - stops;
    }
    sum
}

/// Returns rank-biased precision, `(1 − p) Σ gain(rank) p^(rank − 1)` over the first `k` ranks (Moffat & Zobel, 2008).
///
/// The gain of a grade is `grade / max_grade`.
pub fn rank_biased_precision(ranked: &[i32], k: usize, p: f64, max_grade: i32) -> f64 {
    let (mut sum, mut weight) = (0.0, 1.0);
    for &grade in ranked.iter().take(k) {
        sum += weight * f64::from(grade.max(0)) / f64::from(max_grade.max(1));
        weight *= p;
    }
    (1.0 - p) * sum
}

/// Returns the residual of rank-biased precision: its rise if every document without a judgement were relevant (Moffat &
/// Zobel, 2008, section 3.2).
///
/// As in trec_eval (`rbp_resid`), the ranks beyond the end of the ranking count only when some retrieved document has no
/// judgement.
pub fn rank_biased_residual(ranked: &[i32], p: f64) -> f64 {
    let (mut sum, mut weight) = (0.0, 1.0);
    for &grade in ranked {
        if grade < 0 {
            sum += weight;
        }
        weight *= p;
    }
    if sum > 0.0 { weight + (1.0 - p) * sum } else { 0.0 }
}
