//! Sentence BLEU against a set of references (Papineni et al., 2002).
//!
//! ```text
//! BLEU-n = BP · exp( 1/n · Σ_{k=1..n} ln p_k ),   p_k = clipped matches / k-grams of the hypothesis
//! ```
//!
//! A k-gram matches at most as often as it occurs in the reference with the most occurrences of it. The brevity penalty
//! BP is `exp(1 − r / c)` for a hypothesis of c tokens whose closest reference length r (the shorter of two equally close
//! ones) is larger, else 1.
//!
//! Smoothing is method 1 of Chen and Cherry (2014) with ε = 0.1, as NLTK's `SmoothingFunction().method1`: a numerator of 0
//! becomes ε. As in NLTK, the denominator for a hypothesis of fewer than k tokens is 1, and a hypothesis that shares no
//! token with any reference, such as an empty one, scores 0.
//!
//! # Differences from the paper
//! The paper adds matches and lengths over a corpus before dividing. Here the score of a sample is the mean of its
//! sentences' BLEU, each against all references, as is usual for text without a source (Zhu et al., 2018).

use std::ops::RangeInclusive;

use super::brevity::{Lengths, brevity_penalty};
use super::ngrams::NGrams;
use crate::math::parallel::ordered_map;

/// Replacement ε of a numerator of 0, NLTK's default.
const EPSILON: f64 = 0.1;

/// Reference sentences of BLEU, indexed once.
///
/// ```
/// use irgan::evaluation::text::References;
///
/// let references = References::new(&[[1, 2, 3, 4], [5, 6, 7, 8]], 2);
/// // 3 of 4 tokens match, 1 of 3 pairs: √(3/4 · 1/3) = 1/2
/// assert!((references.bleu(&[1, 2, 9, 4], 2) - 0.5).abs() < 1e-15);
/// ```
#[derive(Clone, Debug)]
pub struct References {
    /// Largest count of every n-gram in any reference.
    most: NGrams<u32>,
    lengths: Lengths,
    max_n: usize,
}

impl References {
    /// Indexes the n-grams of 1 to `max_n` tokens of the references.
    pub fn new<S: AsRef<[u32]>>(references: &[S], max_n: usize) -> Self {
        let mut most = NGrams::new(max_n);
        for reference in references {
            most.add(reference.as_ref(), |most: &mut u32, count| *most = count.max(*most));
        }
        Self { most, lengths: Lengths::new(references.iter().map(|s| s.as_ref().len())), max_n }
    }

    /// Returns the length of the longest indexed n-grams.
    pub fn max_n(&self) -> usize {
        self.max_n
    }

    /// Returns BLEU-n of one sentence; NaN for n = 0 and for n above [`max_n`](Self::max_n).
    pub fn bleu(&self, hypothesis: &[u32], n: usize) -> f64 {
        self.bleu_orders(hypothesis, n..=n).first().copied().unwrap_or(f64::NAN)
    }

    /// Returns BLEU-n of one sentence for every n of `orders`, counting its n-grams once: `[orders]`.
    pub fn bleu_orders(&self, hypothesis: &[u32], orders: RangeInclusive<usize>) -> Vec<f64> {
        let overlap = Overlap {
            matched: self.most.matches(hypothesis, |&most| most),
            length: hypothesis.len(),
            closest: self.lengths.closest(hypothesis.len()).unwrap_or(0),
        };
        orders.map(|n| if n > self.max_n { f64::NAN } else { overlap.bleu(n) }).collect()
    }
}

/// Returns the mean BLEU-n of the hypotheses, each against all references, for every n of `orders`: `[orders]`.
///
/// NaN without hypotheses, for n = 0, and for n above [`References::max_n`]. The values do not depend on the number of
/// threads.
///
/// ```
/// use irgan::evaluation::text::{References, mean_bleu};
///
/// let references = References::new(&[[1, 2, 3, 4]], 2);
/// // √(4/4 · 3/3) = 1, √(3/4 · 1/3) = 1/2 and 0.
/// let sample = [[1, 2, 3, 4], [1, 2, 9, 4], [9, 9, 9, 9]];
/// assert!((mean_bleu(&sample, &references, 2..=2)[0] - 0.5).abs() < 1e-12);
/// ```
pub fn mean_bleu<S: AsRef<[u32]> + Sync>(
    hypotheses: &[S],
    references: &References,
    orders: RangeInclusive<usize>,
) -> Vec<f64> {
    mean(hypotheses.len(), &orders, |i| references.bleu_orders(hypotheses[i].as_ref(), orders.clone()))
}

/// Returns the mean of `count` rows: `[orders]`. Rows are computed in parallel and added in order.
pub(super) fn mean(
    count: usize,
    orders: &RangeInclusive<usize>,
    row: impl Fn(usize) -> Vec<f64> + Sync,
) -> Vec<f64> {
    let mut sums: Vec<f64> = orders.clone().map(|_| 0.0).collect();
    for row in ordered_map(count, row) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums.into_iter().map(|sum| sum / count as f64).collect()
}

/// Overlap of a hypothesis with the references: the quantities in the formula of BLEU.
pub(super) struct Overlap {
    /// Clipped matches of k-grams at place k − 1; a missing place stands for 0.
    pub(super) matched: Vec<usize>,
    /// Length c of the hypothesis in tokens.
    pub(super) length: usize,
    /// Closest reference length r in tokens.
    pub(super) closest: usize,
}

impl Overlap {
    /// Returns BLEU-n; NaN for n = 0.
    pub(super) fn bleu(&self, n: usize) -> f64 {
        if n == 0 {
            return f64::NAN;
        }
        if self.matched.is_empty() {
            return 0.0; // not one token matches
        }
        let log_precisions: f64 = (1..=n).map(|k| self.precision(k).ln()).sum();
        brevity_penalty(self.closest, self.length) * (log_precisions / n as f64).exp()
    }

    /// Returns the smoothed precision p_k.
    fn precision(&self, k: usize) -> f64 {
        let ngrams = (self.length + 1).saturating_sub(k).max(1);
        let matched = self.matched.get(k - 1).map_or(EPSILON, |&matched| matched as f64);
        matched / ngrams as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn matches_are_clipped_by_the_largest_count_in_one_reference() {
        // The paper's example, `the` × 7 against two sentences with two and with one `the`: 2 / 7.
        // The lengths 6 and 7 bring no penalty.
        let references = References::new(&[vec![1, 2, 3, 4, 1, 5], vec![6, 3, 7, 2, 4, 1, 5]], 1);
        assert_abs_diff_eq!(references.bleu(&[1; 7], 1), 2.0 / 7.0, epsilon = 1e-15);
    }

    #[test]
    fn matches_penalty_and_smoothing_are_those_worked_by_hand() {
        let references = References::new(&[[1, 2, 3, 4, 5, 6], [7, 8, 9, 9, 9, 9]], 5);
        // Tokens 4/4, pairs (1,2), (7,8) of 3, no triple of 2 (0.1/2), no quadruple of 1 (0.1/1), and
        // no room for a quintuple (0.1/1); 4 tokens against 6: exp(1 − 6/4).
        let penalty = (-0.5f64).exp();
        let products: [f64; 5] = [1.0, 2.0 / 3.0, 2.0 / 3.0 * 0.05, 2.0 / 3.0 * 0.005, 2.0 / 3.0 * 0.0005];
        let values = references.bleu_orders(&[1, 2, 7, 8], 1..=5);
        for (i, (value, product)) in values.into_iter().zip(products).enumerate() {
            assert_abs_diff_eq!(value, penalty * product.powf(1.0 / (i + 1) as f64), epsilon = 1e-15);
        }
    }

    #[test]
    fn a_sentence_without_matches_scores_0_and_a_reference_1() {
        let references = References::new(&[vec![1, 2, 3, 4, 5], vec![6], vec![]], 5);
        assert_eq!(references.bleu_orders(&[7, 8], 1..=5), [0.0; 5]);
        assert_eq!(references.bleu_orders(&[], 1..=5), [0.0; 5]);
        assert_eq!(references.bleu_orders(&[1, 2, 3, 4, 5], 1..=5), [1.0; 5]);
        assert_eq!(References::new(&[[0; 0]; 0], 5).bleu(&[1], 2), 0.0);
    }

    #[test]
    fn orders_beyond_the_index_are_nan() {
        let references = References::new(&[[1, 2, 3]], 2);
        assert!(references.bleu(&[1], 0).is_nan() && references.bleu(&[9], 3).is_nan());
        let [two, three] = references.bleu_orders(&[1, 2, 3], 2..=3)[..] else { panic!("two orders") };
        assert!(two == 1.0 && three.is_nan());
        assert!(mean_bleu(&[[0; 0]; 0], &references, 2..=2)[0].is_nan());
    }

    #[test]
    fn the_score_of_a_sample_is_the_mean() {
        let references = References::new(&[[1, 2, 3, 4]], 2);
        // 1, √(3/4 · 1/3) = 1/2 and 0.
        let sample = [[1, 2, 3, 4], [1, 2, 9, 4], [9, 9, 9, 9]];
        assert_abs_diff_eq!(mean_bleu(&sample, &references, 2..=2)[0], 0.5, epsilon = 1e-15);
    }
}
