//! Self-BLEU: how much the sentences of one sample repeat each other (Zhu et al., 2018, Texygen).
//!
//! Each sentence is scored by [`bleu`](mod@super::bleu) with all other sentences of the sample as
//! references, and the sample by the mean: 1 when every sentence has a twin (and n tokens), 0 when none
//! share a token. Lower is more varied. A twin is another sentence and stays; the smoothing is BLEU's.
//!
//! One index serves all sentences. It keeps for each n-gram the largest count, which sentence has it, and
//! the largest count of any other sentence; leaving a sentence out is then one comparison.

use std::ops::RangeInclusive;

use super::bleu::{Overlap, mean};
use super::brevity::Lengths;
use super::ngrams::NGrams;

/// The counts of one n-gram in the two sentences that have it most often.
#[derive(Clone, Copy, Debug, Default)]
struct Most {
    /// The largest count.
    count: u32,
    /// The first sentence that has it so often.
    owner: usize,
    /// The largest count of another sentence, the same as `count` when two have it.
    others: u32,
}

impl Most {
    /// Takes in the count of a sentence, which is a new one every time.
    fn update(&mut self, sentence: usize, count: u32) {
        if count > self.count {
            *self = Self { count, owner: sentence, others: self.count };
        } else {
            self.others = self.others.max(count);
        }
    }

    /// The largest count outside one sentence.
    fn without(&self, sentence: usize) -> u32 {
        if self.owner == sentence { self.others } else { self.count }
    }
}

/// For every n of `orders`, the mean over the sentences of their BLEU-n against all the others.
///
/// A sentence without others scores 0. NaN without sentences, and for n = 0. The values do not depend on
/// the number of threads. Time and memory grow with the number of tokens.
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
    fn the_two_largest_counts() {
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
    fn each_sentence_against_the_others() {
        // [1,1,2]: tokens min(2,1) + min(1,1) of 3, pairs (1,2) of 2, 3 tokens against 3: √(2/3 · 1/2).
        // [1,2,3]: tokens 1 and 2 of 3, pairs (1,2) of 2: the same. [4]: 0.
        let value = self_bleu(&[vec![1, 1, 2], vec![1, 2, 3], vec![4]], 2..=2)[0];
        assert_abs_diff_eq!(value, 2.0 * (1.0f64 / 3.0).sqrt() / 3.0, epsilon = 1e-15);
    }

    #[test]
    fn a_length_counts_for_the_others_only() {
        // [1,2] against [1,2,3,4]: all match, exp(1 − 4/2). [1,2,3,4] against [1,2]: tokens 2/4, no
        // penalty for being longer.
        let value = self_bleu(&[vec![1, 2], vec![1, 2, 3, 4]], 1..=1)[0];
        assert_abs_diff_eq!(value, ((-1.0f64).exp() + 0.5) / 2.0, epsilon = 1e-15);
    }

    #[test]
    fn small_samples() {
        assert_eq!(self_bleu(&[[1, 2]], 1..=2), [0.0, 0.0]);
        assert_eq!(self_bleu(&[vec![], vec![], vec![1]], 1..=1), [0.0]);
        assert!(self_bleu(&[[0; 0]; 0], 2..=2)[0].is_nan() && self_bleu(&[[1], [1]], 0..=0)[0].is_nan());
    }
}
