//! Divergence of two samples' n-grams.

use std::cmp::Ordering;

/// Returns the Jensen–Shannon divergence, in nats, of the n-grams of two sets of sentences: 0 of equal shares, log 2 of sets
/// that have none in common.
///
/// Samples of one source differ, the more the longer the n-grams: compare with what two samples of real sentences have.
///
/// ```
/// use irgan::evaluation::text::ngram_js;
///
/// assert_eq!(ngram_js(&[[1, 2]], &[[2, 1]], 1), 0.0);
/// assert!((ngram_js(&[[1, 2]], &[[2, 1]], 2) - 2f64.ln()).abs() < 1e-15);
/// // Shares ½, ½, 0 and ½, 0, ½, of which the mean is ½, ¼, ¼: each has KL ½ log 2 to it.
/// assert!((ngram_js(&[[1, 2]], &[[1, 3]], 1) - 0.5 * 2f64.ln()).abs() < 1e-15);
/// ```
///
/// # Panics
/// When n is 0.
pub fn ngram_js<A: AsRef<[u32]>, B: AsRef<[u32]>>(a: &[A], b: &[B], n: usize) -> f64 {
    let (a, b) = (sorted(a, n), sorted(b, n));
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 0.0 } else { std::f64::consts::LN_2 };
    }
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() || j < b.len() {
        let order = match (a.get(i), b.get(j)) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        let here = if order == Ordering::Greater { b[j] } else { a[i] };
        let (of_a, of_b) = (run(&a[i..], here), run(&b[j..], here));
        (i, j) = (i + of_a, j + of_b);
        let (p, q) = (of_a as f64 / a.len() as f64, of_b as f64 / b.len() as f64);
        sum += part(p, q) + part(q, p);
    }
    sum
}

/// Returns `½ p log(p / ½(p + q))`.
fn part(p: f64, q: f64) -> f64 {
    if p > 0.0 { 0.5 * p * (2.0 * p / (p + q)).ln() } else { 0.0 }
}

/// Returns all n-grams in order.
fn sorted<S: AsRef<[u32]>>(sentences: &[S], n: usize) -> Vec<&[u32]> {
    let mut all: Vec<&[u32]> = sentences.iter().flat_map(|sentence| sentence.as_ref().windows(n)).collect();
    all.sort_unstable();
    all
}

/// Returns how many of the first n-grams are `this`.
fn run(ngrams: &[&[u32]], this: &[u32]) -> usize {
    ngrams.iter().take_while(|ngram| **ngram == this).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_shares_of_each_sample() {
        // 1-grams: ⅔ and ⅓ of 7 and 8 against ½ and ½: Σ ½ p ln(p / m), m = (7/12, 5/12).
        let expected = 0.5
            * ((2.0f64 / 3.0) * (8.0f64 / 7.0).ln()
                + (1.0 / 3.0) * (4.0f64 / 5.0).ln()
                + 0.5 * (6.0f64 / 7.0).ln()
                + 0.5 * (6.0f64 / 5.0).ln());
        let found = ngram_js(&[vec![7, 8], vec![7]], &[vec![7, 8]], 1);
        assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        assert_eq!(found, ngram_js(&[vec![7, 8]], &[vec![7, 8], vec![7]], 1));
    }

    #[test]
    fn sentences_that_are_too_short_have_no_ngrams() {
        assert_eq!(ngram_js(&[[1]], &[[2]], 2), 0.0);
        assert_eq!(ngram_js(&[vec![1]], &[vec![2, 3]], 2), std::f64::consts::LN_2);
    }
}
