//! Measures for judgements that are known to be incomplete.
//!
//! `ranked` holds the grades of the retrieved documents in rank order: above 0 for a relevant document, 0 for a judged
//! nonrelevant one, [`UNJUDGED`] for one that was never in the pool, and another negative number for one that was in the
//! pool but not judged.

use super::binary::ratio;
use crate::evaluation::UNJUDGED;

/// Returns binary preference: the mean, over the R relevant documents, of the share of the first R judged nonrelevant
/// documents that are not ranked before it (Buckley & Voorhees, 2004; trec_eval `bpref`).
///
/// A relevant document that was not retrieved counts 0. `nonrelevant` is the number of judged nonrelevant documents of
/// the query.
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

/// Returns inferred average precision, for pools of which a random sample is judged (Yilmaz & Aslam, 2006, equation 4;
/// trec_eval `infAP`).
///
/// The precision above rank k is estimated from the judged documents there, smoothed by the authors' ε = 0.00001.
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
            // The k − 1 documents above rank k contribute the share that is pooled, times its precision.
            sum += 1.0 / rank + pooled / rank * estimate;
            found += 1.0;
        } else if grade == 0 {
            nonrelevant += 1.0;
        }
        pooled += 1.0;
    }
    if relevant == 0 { 0.0 } else { sum / relevant as f64 }
}

/// Returns the share of the first `k` retrieved documents that the judgements mention, by any grade (ir_measures `Judged@k`).
pub fn judged_share(ranked: &[i32], k: usize) -> f64 {
    let seen = &ranked[..ranked.len().min(k)];
    ratio(seen.iter().filter(|&&grade| grade != UNJUDGED).count(), seen.len())
}

/// Returns the share of the first `k` ranks that hold a document without a judgement (trec_eval `unj`).
///
/// A negative grade counts as no judgement; ranks beyond the end of the ranking do not count.
pub fn unjudged_share(ranked: &[i32], k: usize) -> f64 {
    ratio(ranked.iter().take(k).filter(|&&grade| grade < 0).count(), k)
}
