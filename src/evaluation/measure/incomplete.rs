//! Measures for judgements that are known to be incomplete.
//!
//! In `ranked`, a grade above 0 is relevant, 0 is judged not relevant, a negative grade is in the
//! pool but not judged, and [`UNJUDGED`] was never in the pool.

use super::binary::ratio;
use crate::evaluation::UNJUDGED;

/// Binary preference: over the retrieved relevant documents, the share of the first R judged
/// nonrelevant ones that do not come before it (Buckley & Voorhees, 2004; trec_eval `bpref`).
/// `nonrelevant` counts all judged nonrelevant documents of the query.
pub fn bpref(ranked: &[i32], relevant: usize, nonrelevant: usize) -> f64 {
    let (mut sum, mut before) = (0.0, 0);
    for &grade in ranked.iter().filter(|&&grade| grade >= 0) {
        if grade == 0 {
            before += 1;
        } else {
            sum += 1.0 - ratio(before.min(relevant), nonrelevant.min(relevant));
        }
    }
    if relevant == 0 { 0.0 } else { sum / relevant as f64 }
}

/// Inferred average precision, for pools of which a random sample is judged (Yilmaz & Aslam,
/// 2006, equation 4; trec_eval `infAP`). The precision above rank k is estimated from the judged
/// documents there, smoothed by ε = 0.00001 as the authors advise.
pub fn inferred_average_precision(ranked: &[i32], relevant: usize) -> f64 {
    const EPSILON: f64 = 0.00001;
    let (mut sum, mut pooled, mut found, mut nonrelevant) = (0.0, 0.0, 0.0, 0.0);
    for (above, &grade) in ranked.iter().enumerate() {
        if grade == UNJUDGED {
            continue;
        }
        if grade > 0 {
            let rank = above as f64 + 1.0;
            let estimate = (found + EPSILON) / (found + nonrelevant + 2.0 * EPSILON);
            // The k − 1 documents above rank k: the share that is pooled, times their precision.
            sum += 1.0 / rank + pooled / rank * estimate;
            found += 1.0;
        } else if grade == 0 {
            nonrelevant += 1.0;
        }
        pooled += 1.0;
    }
    if relevant == 0 { 0.0 } else { sum / relevant as f64 }
}

/// The share of the first `k` ranks that hold a judged document (ir_measures `Judged@k`).
pub fn judged_share(ranked: &[i32], k: usize) -> f64 {
    ratio(ranked.iter().take(k).filter(|&&grade| grade >= 0).count(), k)
}

/// The share of the first `k` ranks that hold a document that is not judged (trec_eval `unj`).
/// Ranks beyond the end of the ranking count in neither share.
pub fn unjudged_share(ranked: &[i32], k: usize) -> f64 {
    ratio(ranked.iter().take(k).filter(|&&grade| grade < 0).count(), k)
}
