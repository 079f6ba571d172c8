//! Self-BLEU: repetition among the sentences of one sample (Zhu et al., 2018, Texygen).
//!
//! Each sentence is scored by [`bleu`](mod@super::bleu) with all other sentences of the sample as references, and the
//! sample by the mean. Lower is more varied: the value is 1 when every sentence has a duplicate (and at least n tokens),
//! and 0 when no two sentences share a token. Duplicates count as other sentences; smoothing is that of BLEU.
//!
//! One index serves all sentences. It keeps the two largest counts of each n-gram and the sentence with the largest, so
//! that leaving a sentence out takes one comparison.

use std::ops::RangeInclusive;

use super::bleu::{Overlap, mean};
use super::brevity::Lengths;
use super::ngrams::NGrams;

/// Two largest counts of one n-gram over the sentences.
#[derive(Clone, Copy, Debug, Default)]
struct Most {
    /// Largest count.
    count: u32,
    /// First sentence with the largest count.
    owner: usize,
    /// Largest count of the other sentences, equal to `count` when two share it.
    others: u32,
}

impl Most {
    /// Takes in the count of a sentence that was not counted before.
    fn update(&mut self, sentence: usize, count: u32) {
        if count > self.count {
            *self = Self { count, owner: sentence, others: self.count };
        } else {
            self.others = self.others.max(count);
        }
    }

    /// Returns the largest count of all sentences but one.
    fn without(&self, sentence: usize) -> u32 {
        if self.owner == sentence { self.others } else { self.count }
    }
}

/// Returns the mean BLEU-n of each sentence against all others, for every n of `orders`: `[orders]`.
///
/// The only sentence of a sample scores 0. The value is NaN without sentences and for n = 0. It does not depend on the
/// number of threads. Time and memory are linear in the number of tokens.
///
/// ```
/// use irgan::evaluation::text::self_bleu;
///
/// assert_eq!(self_bleu(&[[1, 2, 3], [1, 2, 3]], 2..=3), [1.0, 1.0]);
/// assert_eq!(self_bleu(&[[1, 2, 3], [4, 5, 6]], 2..=3), [0.0, 0.0]);
/// ```
pub fn self_bleu<S: AsRef<[u32]> + Sync>(sentences: &[S], orders: RangeInclusive<usize>) -> Vec<f64> {
    let mut ngrams = NGrams::new(*orders.end());
    for (i, sentence) in sentences.iter().enumerate() {
        ngrams.add(sentence.as_ref(), |most: &mut Most, count| most.update(i, count));
    }
    let lengths = Lengths::new(sentences.iter().map(|sentence| sentence.as_ref().len()));
    mean(sentences.len(), &orders, |i| {
        let sentence = sentences[i].as_ref();
        let overlap = Overlap {
            matched: ngrams.matches(sentence, |most| most.without(i)),
            length: sentence.len(),
            closest: lengths.closest_to_member(sentence.len()).unwrap_or(0),
        };
        orders.clone().map(|n| overlap.bleu(n)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_two_largest_counts_are_kept() {
        let mut most = Most::default();
        most.update(3, 2);
        assert_eq!([most.without(3), most.without(4)], [0, 2]);
        most.update(5, 2); // as often: leaving out either one leaves the other
        assert_eq!([most.without(3), most.without(5), most.without(4)], [2, 2, 2]);
        most.update(7, 4);
        most.update(8, 3);
        assert_eq!([most.without(7), most.without(8), most.without(3)], [3, 4, 4]);
    }

    #[test]
    fn each_sentence_is_scored_against_the_others() {
        // [1,1,2]: tokens min(2,1) + min(1,1) of 3, pairs (1,2) of 2, 3 tokens against 3: √(2/3 · 1/2).
        // [1,2,3]: tokens 1 and 2 of 3, pairs (1,2) of 2: the same. [4]: 0.
        let value = self_bleu(&[vec![1, 1, 2], vec![1, 2, 3], vec![4]], 2..=2)[0];
        assert_abs_diff_eq!(value, 2.0 * (1.0f64 / 3.0).sqrt() / 3.0, epsilon = 1e-15);
    }

    #[test]
    fn the_brevity_penalty_uses_the_lengths_of_the_others() {
        // [1,2] against [1,2,3,4]: all match, exp(1 − 4/2). [1,2,3,4] against [1,2]: tokens 2/4, no
        // penalty for being longer.
        let value = self_bleu(&[vec![1, 2], vec![1, 2, 3, 4]], 1..=1)[0];
        assert_abs_diff_eq!(value, ((-1.0f64).exp() + 0.5) / 2.0, epsilon = 1e-15);
    }

    #[test]
    fn samples_of_one_empty_or_no_sentence_have_defined_values() {
        assert_eq!(self_bleu(&[[1, 2]], 1..=2), [0.0, 0.0]);
        assert_eq!(self_bleu(&[vec![], vec![], vec![1]], 1..=1), [0.0]);
        assert!(self_bleu(&[[0; 0]; 0], 2..=2)[0].is_nan() && self_bleu(&[[1], [1]], 0..=0)[0].is_nan());
    }
}
