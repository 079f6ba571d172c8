//! Listwise and pairwise objectives over a whole pool: the supervised baselines.
//!
//! Documents without a grade count as grade 0: the usual reading of implicit feedback.

use crate::math::simd;
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
                let weight = 1.0 / all.max(1) as f32;
                pairs(scores, grades, |_, _| weight, d_scores)
            }
            Self::LambdaRank => {
                let discounts = discounts_by_rank(scores);
                let gains: Vec<f32> = grades.iter().map(|&grade| gain(grade)).collect();
                let ideal = ideal_dcg(gains.clone());
                let change = |i: usize, j: usize| {
                    (gains[i] - gains[j]).abs() * (discounts[i] - discounts[j]).abs() / ideal
                };
                pairs(scores, grades, change, d_scores)
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

/// Weighted logistic loss, summed over every pair of different grades.
fn pairs(scores: &[f32], grades: &[i8], weight: impl Fn(usize, usize) -> f32, d_scores: &mut [f32]) -> f64 {
    let mut loss = 0.0;
    let (mut below, mut losses, mut slopes) = (vec![], vec![], vec![]);
    for (i, &better) in grades.iter().enumerate().filter(|&(_, &grade)| grade > 0) {
        below.clear();
        below.extend((0..grades.len()).filter(|&j| grades[j].max(0) < better));
        losses.clear();
        losses.extend(below.iter().map(|&j| scores[j] - scores[i]));
        slopes.clone_from(&losses);
        simd::softplus(&mut losses);
        simd::sigmoid(&mut slopes);
        for ((&j, pair_loss), slope) in below.iter().zip(&losses).zip(&slopes) {
            let weight = weight(i, j);
            loss += f64::from(weight * pair_loss);
            d_scores[i] -= weight * slope;
            d_scores[j] += weight * slope;
        }
    }
    loss
}

fn gain(grade: i8) -> f32 {
    f32::from(grade.max(0)).exp2() - 1.0
}

fn discount(rank: usize) -> f32 {
    ((rank + 2) as f32).log2().recip()
}

/// The discount of every document at its present rank.
fn discounts_by_rank(scores: &[f32]) -> Vec<f32> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut discounts = vec![0.0; scores.len()];
    for (rank, document) in order.into_iter().enumerate() {
        discounts[document] = discount(rank);
    }
    discounts
}

fn ideal_dcg(mut gains: Vec<f32>) -> f32 {
    gains.sort_by(|a, b| b.total_cmp(a));
    gains.iter().enumerate().map(|(rank, gain)| gain * discount(rank)).sum()
}
