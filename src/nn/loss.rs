//! Losses of scores and their gradients.
//!
//! Each function returns the sum of the losses, accumulated in f64, and writes the gradient at the scores to an array of
//! the caller. Means are taken by the caller.

use crate::math::simd;

/// Computes the logistic loss `−log σ(±f)` of labelled scores (IRGAN, equation 3: the pointwise discriminator).
///
/// Takes `scores: [B]` and labels `positive: [B]`, writes `σ(f) − label` to `d_scores: [B]`.
///
/// # Panics
/// When the lengths differ.
///
/// ```
/// let mut d_scores = [0.0];
/// let loss = irgan::nn::loss::logistic(&[0.0], &[true], &mut d_scores);
/// assert!((loss - 2f64.ln()).abs() < 1e-6);
/// assert_eq!(d_scores, [-0.5]);
/// ```
pub fn logistic(scores: &[f32], positive: &[bool], d_scores: &mut [f32]) -> f64 {
    assert!(scores.len() == positive.len() && scores.len() == d_scores.len(), "one label a score");
    d_scores.copy_from_slice(scores);
    simd::sigmoid(d_scores);
    let mut losses = scores.to_vec();
    for ((loss, d_score), _) in
        losses.iter_mut().zip(d_scores).zip(positive).filter(|&(_, &positive)| positive)
    {
        *loss = -*loss;
        *d_score -= 1.0;
    }
    simd::softplus(&mut losses);
    simd::sum(&losses)
}

/// Computes the pairwise logistic loss `−log σ(f⁺ − f⁻)` (RankNet, Burges et al., 2005; IRGAN, equation 9: the pairwise
/// discriminator).
///
/// Takes scores `preferred` f⁺ and `other` f⁻, both `[B]`, and writes `−σ(f⁻ − f⁺)` to `d_preferred: [B]`. The gradient at
/// `other` is its negative.
///
/// # Panics
/// When the lengths differ.
pub fn pairwise_logistic(preferred: &[f32], other: &[f32], d_preferred: &mut [f32]) -> f64 {
    pairwise(preferred, other, d_preferred, |difference| {
        (simd::softplus1(-difference), -simd::sigmoid1(-difference))
    })
}

/// Computes the hinge loss `max(0, margin − (f⁺ − f⁻))`.
///
/// Takes scores `preferred` f⁺ and `other` f⁻, both `[B]`, and writes the gradient at `preferred` to `d_preferred: [B]`.
/// The gradient at `other` is its negative.
///
/// # Panics
/// When the lengths differ.
pub fn hinge(preferred: &[f32], other: &[f32], margin: f32, d_preferred: &mut [f32]) -> f64 {
    pairwise(preferred, other, d_preferred, |difference| {
        let slack = margin - difference;
        (slack.max(0.0), if slack > 0.0 { -1.0 } else { 0.0 })
    })
}

fn pairwise(
    preferred: &[f32],
    other: &[f32],
    d_preferred: &mut [f32],
    loss: impl Fn(f32) -> (f32, f32),
) -> f64 {
    assert!(preferred.len() == other.len() && preferred.len() == d_preferred.len(), "scores come in pairs");
    let mut sum = 0.0;
    for ((&p, &o), d) in preferred.iter().zip(other).zip(d_preferred) {
        let (value, slope) = loss(p - o);
        sum += f64::from(value);
        *d = slope;
    }
    sum
}

/// Computes the weighted softmax cross-entropy `−Σ_n w_n · log π(a_n)` of one categorical distribution π.
///
/// Takes `log_probabilities: [A]` and `targets`, pairs of action and weight, and writes `Σ_n w_n · (π − onehot(a_n))` to
/// `d_logits: [A]`. With w = 1 this is the gradient of maximum likelihood, with w = (R − b)·ρ that of REINFORCE (Williams,
/// 1992).
///
/// # Panics
/// When the lengths differ.
///
/// ```
/// let half = 0.5f32.ln();
/// let mut d_logits = [0.0; 2];
/// irgan::nn::loss::softmax_cross_entropy(&[half, half], [(1, 2.0)].into_iter(), &mut d_logits);
/// assert!((d_logits[0] - 1.0).abs() < 1e-6 && (d_logits[1] + 1.0).abs() < 1e-6);
/// ```
pub fn softmax_cross_entropy(
    log_probabilities: &[f32],
    targets: impl Iterator<Item = (usize, f32)> + Clone,
    d_logits: &mut [f32],
) -> f64 {
    assert_eq!(log_probabilities.len(), d_logits.len(), "one gradient a logit");
    d_logits.copy_from_slice(log_probabilities);
    simd::exp(d_logits);
    softmax_cross_entropy_from(log_probabilities, targets, d_logits)
}

/// Computes [`softmax_cross_entropy`] where `d_logits: [A]` already holds π, and turns it into the gradient.
#[inline]
pub fn softmax_cross_entropy_from(
    log_probabilities: &[f32],
    targets: impl Iterator<Item = (usize, f32)> + Clone,
    d_logits: &mut [f32],
) -> f64 {
    assert_eq!(log_probabilities.len(), d_logits.len(), "one gradient a logit");
    let total: f32 = targets.clone().map(|(_, weight)| weight).sum();
    d_logits.iter_mut().for_each(|d| *d *= total);
    let mut loss = 0.0;
    for (action, weight) in targets {
        d_logits[action] -= weight;
        loss -= f64::from(weight) * f64::from(log_probabilities[action]);
    }
    loss
}
