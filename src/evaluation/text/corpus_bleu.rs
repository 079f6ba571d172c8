//! Corpus BLEU of answers, each against the one reference to its source (Papineni et al., 2002, §2.2).
//!
//! ```text
//! BLEU-n = BP · exp( 1/n · Σ_{k=1..n} ln p_k ),   p_k = Σ clipped matches / Σ k-grams of the hypotheses
//! ```
//! Matches, k-grams and lengths are added over the corpus before dividing. Nothing is smoothed: without a matching k-gram
//! for some k up to n the value is 0. A hypothesis of fewer than k tokens has no k-gram (NLTK counts one for it).

use std::ops::RangeInclusive;

use super::brevity::brevity_penalty;
use super::ngrams::NGrams;
use crate::math::parallel::ordered_map;

/// Returns corpus BLEU-n of hypotheses, each against its own reference, for every n of `orders`: `[orders]`.
///
/// NaN without hypotheses and for n = 0.
///
/// ```
/// use irgan::evaluation::text::corpus_bleu;
///
/// let (answers, references) = ([vec![1, 2, 3], vec![7, 8]], [vec![1, 2, 9], vec![7, 8]]);
/// // 4 of 5 tokens match, 2 of 3 pairs: √(4/5 · 2/3)
/// assert!((corpus_bleu(&answers, &references, 2..=2)[0] - (8.0f64 / 15.0).sqrt()).abs() < 1e-15);
/// ```
///
/// # Panics
/// When there are not as many references as hypotheses.
pub fn corpus_bleu<H, R>(hypotheses: &[H], references: &[R], orders: RangeInclusive<usize>) -> Vec<f64>
where
    H: AsRef<[u32]> + Sync,
    R: AsRef<[u32]> + Sync,
{
    assert_eq!(hypotheses.len(), references.len(), "one reference a hypothesis");
    let most = *orders.end();
    let matches = ordered_map(hypotheses.len(), |i| {
        let mut ngrams = NGrams::new(most);
        ngrams.add(references[i].as_ref(), |count: &mut u32, times| *count += times);
        ngrams.matches(hypotheses[i].as_ref(), |&count| count)
    });
    let sum = |each: &dyn Fn(usize) -> usize| (0..hypotheses.len()).map(each).sum::<usize>();
    let length = sum(&|i| hypotheses[i].as_ref().len());
    let penalty = brevity_penalty(sum(&|i| references[i].as_ref().len()), length);
    let log_precision = |k: usize| {
        let matched = sum(&|i| matches[i].get(k - 1).copied().unwrap_or(0));
        let ngrams = sum(&|i| (hypotheses[i].as_ref().len() + 1).saturating_sub(k));
        (matched as f64 / ngrams.max(1) as f64).ln()
    };
    orders
        .map(|n| match n {
            0 => f64::NAN,
            _ if hypotheses.is_empty() => f64::NAN,
            _ if length == 0 => 0.0,
            _ => penalty * ((1..=n).map(log_precision).sum::<f64>() / n as f64).exp(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn matches_and_lengths_are_added_over_the_corpus() {
        let references = [vec![1, 2, 3, 4, 5, 6], vec![7, 8]];
        // Tokens 4 of 4 and 1 of 3 (one 7 only); pairs 3 of 3 and 0 of 2; 7 tokens against 8: exp(1 − 8/7).
        let found = corpus_bleu(&[vec![1, 2, 3, 4], vec![7, 7, 7]], &references, 1..=2);
        let penalty = (-1.0f64 / 7.0).exp();
        assert_abs_diff_eq!(found[0], penalty * 5.0 / 7.0, epsilon = 1e-15);
        assert_abs_diff_eq!(found[1], penalty * (5.0f64 / 7.0 * 3.0 / 5.0).sqrt(), epsilon = 1e-15);
    }

    #[test]
    fn a_short_hypothesis_has_no_long_ngrams() {
        // Triples: (1,2,3) of the first alone, so 1 of 1.
        let found = corpus_bleu(&[vec![1, 2, 3], vec![7]], &[vec![1, 2, 3], vec![7]], 3..=3);
        assert_eq!(found, [1.0]);
    }

    #[test]
    fn an_order_without_matches_scores_0() {
        assert_eq!(corpus_bleu(&[[1, 2]], &[[2, 1]], 1..=3), [1.0, 0.0, 0.0]);
        assert_eq!(corpus_bleu(&[vec![], vec![]], &[[1], [2]], 1..=2), [0.0, 0.0]);
        assert!(corpus_bleu(&[[0; 0]; 0], &[[0; 0]; 0], 2..=2)[0].is_nan());
        assert!(corpus_bleu(&[[1]], &[[1]], 0..=0)[0].is_nan());
    }
}
