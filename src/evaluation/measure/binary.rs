//! Measures of binary relevance.
//!
//! `ranked` holds the grades of the retrieved documents in rank order: above 0 for a relevant document, negative for one
//! without a judgement. `relevant` is the number of relevant documents of the query; every measure is 0 when it is 0.

/// Counts the relevant documents among the first `k`.
pub(super) fn hits(ranked: &[i32], k: usize) -> usize {
    ranked.iter().take(k).filter(|&&grade| grade > 0).count()
}

/// Returns `a / b`, and 0 when `b` is 0.
pub(super) fn ratio(a: usize, b: usize) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

/// Returns precision at `k`: the relevant documents among the first `k`, divided by `k` even when fewer were retrieved
/// (Cleverdon, 1967; trec_eval `P`).
pub fn precision(ranked: &[i32], k: usize) -> f64 {
    ratio(hits(ranked, k), k)
}

/// Returns recall at `k`: the relevant documents among the first `k`, divided by all relevant ones (trec_eval `recall`).
pub fn recall(ranked: &[i32], relevant: usize, k: usize) -> f64 {
    ratio(hits(ranked, k), relevant)
}

/// Returns precision at `k` divided by the highest possible precision at `k` (trec_eval `relative_P`).
pub fn relative_precision(ranked: &[i32], relevant: usize, k: usize) -> f64 {
    ratio(hits(ranked, k), relevant.min(k))
}

/// Returns 1 when one of the first `k` documents is relevant, else 0 (trec_eval `success`).
pub fn success(ranked: &[i32], k: usize) -> f64 {
    f64::from(u8::from(hits(ranked, k) > 0))
}

/// Returns average precision: the precision at each retrieved relevant document, summed and divided by the number of all
/// relevant documents (Buckley & Voorhees, 2000; trec_eval `map`).
///
/// ```
/// use irgan::evaluation::measure::binary::average_precision;
///
/// // Hits at ranks 1 and 4; a third relevant document is not retrieved: (1/1 + 2/4) / 3.
/// assert_eq!(average_precision(&[1, 0, 0, 2], 3), 0.5);
/// ```
pub fn average_precision(ranked: &[i32], relevant: usize) -> f64 {
    let (mut sum, mut found) = (0.0, 0);
    for (rank, _) in relevant_ranks(ranked) {
        found += 1;
        sum += ratio(found, rank);
    }
    if relevant == 0 { 0.0 } else { sum / relevant as f64 }
}

/// Returns the reciprocal rank of the first relevant document, 0 without one (Voorhees, 1999; trec_eval `recip_rank`).
pub fn reciprocal_rank(ranked: &[i32]) -> f64 {
    relevant_ranks(ranked).next().map_or(0.0, |(rank, _)| 1.0 / rank as f64)
}

/// Returns precision at `⌊multiple · R + 0.9⌋`, where R is the number of relevant documents (trec_eval `Rprec` and
/// `Rprec_mult`, with the same rounding).
pub fn r_precision(ranked: &[i32], relevant: usize, multiple: f64) -> f64 {
    precision(ranked, (multiple * relevant as f64 + 0.9) as usize)
}

/// Returns interpolated precision: the highest precision at any rank where at least `recall` of the R relevant documents
/// are found (Salton & McGill, 1983; trec_eval `iprec_at_recall`).
///
/// `recall · R` is rounded to the nearest integer, as in trec_eval 10; version 9 used `⌊recall · R + 0.9⌋`.
pub fn interpolated_precision(ranked: &[i32], relevant: usize, recall: f64) -> f64 {
    let needed = (recall * relevant as f64).round() as usize;
    let mut best = 0.0;
    for (found, (rank, _)) in (1..).zip(relevant_ranks(ranked)) {
        if found >= needed {
            best = ratio(found, rank).max(best);
        }
    }
    best
}

/// Returns the mean of [`interpolated_precision`] at recall 0, 0.1, …, 1 (trec_eval `11pt_avg`).
pub fn eleven_point_average(ranked: &[i32], relevant: usize) -> f64 {
    (0..=10).map(|tenth| interpolated_precision(ranked, relevant, f64::from(tenth) / 10.0)).sum::<f64>()
        / 11.0
}

/// Returns the mean over the relevant documents of `1 / log2(2 + n)`, with n nonrelevant documents before the relevant one
/// (Buckley, 2008, in trec_eval's documentation of `binG`).
pub fn bin_g(ranked: &[i32], relevant: usize) -> f64 {
    let mut sum = 0.0;
    for (found, (rank, _)) in (0..).zip(relevant_ranks(ranked)) {
        sum += 1.0 / ((rank - found + 1) as f64).log2();
    }
    if relevant == 0 { 0.0 } else { sum / relevant as f64 }
}

/// Returns the precision of the retrieved set, whatever its order (trec_eval `set_P`).
pub fn set_precision(ranked: &[i32]) -> f64 {
    precision(ranked, ranked.len())
}

/// Returns the F measure `(1 + β²) P R / (β² P + R)` of a precision and a recall, 0 when both are 0 (van Rijsbergen, 1979; with
/// β = 1 of the retrieved set trec_eval `set_F`, whose parameter is β²).
pub fn f_measure(precision: f64, recall: f64, beta: f64) -> f64 {
    let denominator = beta * beta * precision + recall;
    if denominator > 0.0 { (1.0 + beta * beta) * precision * recall / denominator } else { 0.0 }
}

/// Returns the area under the receiver operating characteristic: the share of the pairs of a relevant and another document
/// whose relevant one is ranked first (Hanley & McNeil, 1982).
///
/// The documents are those that were retrieved or judged; `nonrelevant` is the number of those judged nonrelevant. Those
/// that were not retrieved follow all others, tied, and a tie counts one half. 1 when all documents are relevant.
pub fn area_under_curve(ranked: &[i32], relevant: usize, nonrelevant: usize) -> f64 {
    let retrieved = ranked.iter().filter(|&&grade| grade == 0).count();
    let missed = nonrelevant.saturating_sub(retrieved); // judged nonrelevant and not retrieved
    let (mut above, mut found, mut sum) = (0, 0, 0.0);
    for &grade in ranked {
        match grade > 0 {
            true => {
                found += 1;
                sum -= above as f64;
            }
            false => above += 1,
        }
    }
    let others = above + missed;
    sum += (others * found) as f64 + (missed * relevant.saturating_sub(found)) as f64 / 2.0;
    match (relevant, others) {
        (0, _) => 0.0,
        (_, 0) => 1.0,
        _ => sum / (relevant * others) as f64,
    }
}

/// Iterates over the 1-based ranks and the grades of the relevant documents.
fn relevant_ranks(ranked: &[i32]) -> impl Iterator<Item = (usize, i32)> {
    (1..).zip(ranked.iter().copied()).filter(|&(_, grade)| grade > 0)
}
