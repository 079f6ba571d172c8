//! Listwise and pairwise objectives over a whole pool: the supervised baselines.
//!
//! Documents without a grade count as grade 0: the usual reading of implicit feedback.

use std::collections::BTreeSet;
use std::f32::consts::LN_2;

use crate::math::simd::{self, Weighed};
use crate::policy_gradient::reinforce_grad;

/// An objective that sees all scores and grades of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// Maximum likelihood of the observed positives under `softmax(scores)`, each weighted by its
    /// grade.
    Mle,
    /// ListNet, top one: cross-entropy from `softmax(grades)` (Cao et al., ICML 2007).
    ListNet,
    /// Mean logistic loss of every pair of different grades (Burges et al., ICML 2005).
    RankNet,
    /// RankNet's pairs, each weighted by the nDCG that swapping it would change (Burges et al.,
    /// NIPS 2006), with gain `2^grade − 1`.
    LambdaRank,
}

impl Objective {
    /// Returns true when the loss is a convex function of the scores.
    pub fn is_convex(self) -> bool {
        self != Self::LambdaRank
    }

    /// Loss of one query; writes the gradient at its scores. All zero without a positive.
    pub fn gradient(self, scores: &[f32], grades: &[i8], d_scores: &mut [f32]) -> f64 {
        d_scores.fill(0.0);
        if grades.iter().all(|&grade| grade <= 0) {
            return 0.0;
        }
        match self {
            Self::Mle => {
                let gains = grades.iter().map(|&grade| f32::from(grade.max(0))).collect();
                cross_entropy(scores, gains, d_scores)
            }
            Self::ListNet => {
                let mut targets: Vec<f32> = grades.iter().map(|&grade| f32::from(grade.max(0))).collect();
                simd::softmax(&mut targets);
                cross_entropy(scores, targets, d_scores)
            }
            Self::RankNet => {
                let below = |better: i8| grades.iter().filter(|&&grade| grade.max(0) < better).count();
                let all: usize = grades.iter().filter(|&&grade| grade > 0).map(|&grade| below(grade)).sum();
                let n = scores.len();
                let (weight, zeros) = (vec![1.0 / all.max(1) as f32; n], vec![0.0; n]);
                pairs(scores, grades, [&weight, &vec![1.0; n]], [&zeros, &zeros], d_scores)
            }
            Self::LambdaRank => {
                let gains: Vec<f32> = grades.iter().map(|&grade| gain(grade)).collect();
                let ideal = ideal_dcg(gains.clone());
                let gains: Vec<f32> = gains.into_iter().map(|gain| gain / ideal).collect();
                let weights: [&[f32]; 2] = [&gains, &discounts_by_rank(scores)];
                pairs(scores, grades, weights, weights, d_scores)
            }
        }
    }
}

/// Cross-entropy from the distribution proportional to `weights` to `softmax(scores)`.
fn cross_entropy(scores: &[f32], weights: Vec<f32>, d_scores: &mut [f32]) -> f64 {
    let mut log_probabilities = scores.to_vec();
    simd::log_softmax(&mut log_probabilities);
    let total: f32 = weights.iter().sum();
    let actions: Vec<u32> = (0..scores.len() as u32).collect();
    reinforce_grad(&log_probabilities, &actions, weights.iter().map(|w| w / total), 1.0, d_scores)
}

/// Weighted logistic loss, summed over every pair of different grades; `above` and `below` are the gains and discounts that a document
/// has as the better and the worse of a pair.
fn pairs(scores: &[f32], grades: &[i8], above: [&[f32]; 2], below: [&[f32]; 2], d_scores: &mut [f32]) -> f64 {
    let better: BTreeSet<i8> = grades.iter().copied().filter(|&grade| grade > 0).collect();
    let mut loss = 0.0;
    for grade in better {
        // Their numbers side by side, for all documents of this grade.
        let others: Vec<usize> = (0..grades.len()).filter(|&j| grades[j].max(0) < grade).collect();
        let [of_scores, gains, discounts] =
            [scores, below[0], below[1]].map(|of_all| others.iter().map(|&j| of_all[j]).collect::<Vec<_>>());
        let of_others = Weighed { scores: &of_scores[..], gains: &gains[..], discounts: &discounts[..] };
        let mut d_others = vec![0.0; others.len()];
        for i in (0..grades.len()).filter(|&i| grades[i] == grade) {
            let one = Weighed { scores: scores[i], gains: above[0][i], discounts: above[1][i] };
            let (losses, slopes) = simd::weighted_pairs(one, of_others, &mut d_others);
            loss += losses;
            d_scores[i] -= slopes;
        }
        for (j, d) in others.into_iter().zip(d_others) {
            d_scores[j] += d;
        }
    }
    loss
}

fn gain(grade: i8) -> f32 {
    f32::from(grade.max(0)).exp2() - 1.0
}

/// Returns `1 / log₂(rank + 2)` of the first n ranks from 0.
fn discounts(n: usize) -> Vec<f32> {
    let mut discounts: Vec<f32> = (0..n).map(|rank| (rank + 2) as f32).collect();
    simd::ln(&mut discounts);
    discounts.iter_mut().for_each(|logarithm| *logarithm = LN_2 / *logarithm);
    discounts
}

/// Returns the discount of every document at its present rank; of equal scores the first document stands first.
fn discounts_by_rank(scores: &[f32]) -> Vec<f32> {
    // The order of numbers as whole ones, turned round, above the number of the document: a sort of words is faster than one of
    // places.
    let descending = |score: f32| {
        let bits = score.to_bits();
        if score.is_sign_negative() { bits } else { !(bits ^ 1 << 31) }
    };
    let mut order: Vec<u64> =
        (0..).zip(scores).map(|(document, &score)| u64::from(descending(score)) << 32 | document).collect();
    order.sort_unstable();
    let mut by_document = vec![0.0; scores.len()];
    for (word, discount) in order.into_iter().zip(discounts(scores.len())) {
        by_document[word as u32 as usize] = discount;
    }
    by_document
}

fn ideal_dcg(mut gains: Vec<f32>) -> f32 {
    gains.sort_unstable_by(|a, b| b.total_cmp(a));
    gains.iter().zip(discounts(gains.len())).map(|(gain, discount)| gain * discount).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discounts_follow_the_descending_order_of_scores() {
        let scores = [0.5, -2.0, f32::INFINITY, 0.5, -0.0, 3.0, f32::NEG_INFINITY, 0.0, -1.0];
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let found = discounts_by_rank(&scores);
        for (rank, document) in order.into_iter().enumerate() {
            assert!((found[document] - ((rank + 2) as f32).log2().recip()).abs() < 1e-6);
        }
    }
}
