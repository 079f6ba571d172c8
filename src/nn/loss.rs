//! Losses and their gradients at the scores.
//!
//! Each function writes the gradient where the caller wants it and returns the loss summed in f64;
//! means are taken by the caller, who knows the batch.

use crate::math::simd;

/// Logistic loss `−log σ(±f)` of labelled scores (the pointwise discriminator, IRGAN equation 3).
///
/// `scores: [B]`, `positive: [B]`; writes `σ(f) − label` to `d_scores: [B]`.
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

/// Pairwise logistic loss `−log σ(f⁺ − f⁻)` (RankNet, Burges et al., 2005; the pairwise
/// discriminator of IRGAN, equation 9).
///
/// `preferred, other: [B]`; writes `−σ(f⁻ − f⁺)` to `d_preferred: [B]`. The gradient at `other` is
/// its negative.
pub fn pairwise_logistic(preferred: &[f32], other: &[f32], d_preferred: &mut [f32]) -> f64 {
    pairwise(preferred, other, d_preferred, |difference| {
        (simd::softplus1(-difference), -simd::sigmoid1(-difference))
    })
}

/// Hinge loss `max(0, margin − (f⁺ − f⁻))`.
///
/// `preferred, other: [B]`; writes the gradient at `preferred` to `d_preferred: [B]`. The gradient
/// at `other` is its negative.
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

/// Weighted softmax cross-entropy `−Σ_n w_n · log π(a_n)` of one categorical distribution.
///
/// `log_probabilities: [A]`; `targets` are pairs (action, weight). Writes
/// `Σ_n w_n · (π − onehot(a_n))` to `d_logits: [A]`: with w = 1 the gradient of maximum likelihood,
/// with w = (R − b)·ρ that of REINFORCE (Williams, 1992).
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

/// [`softmax_cross_entropy`] where π is known: `d_logits: [A]` holds it, and becomes the gradient.
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
