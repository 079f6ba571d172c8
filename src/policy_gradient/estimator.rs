//! The gradient of `−Σ w · log π(a)` at the logits, and how draws are reduced.

use serde::{Deserialize, Serialize};

use crate::math::simd;
use crate::nn::loss::softmax_cross_entropy_from;

/// Estimator of the policy gradient of one context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// Every action, weighted by its probability: no sampling variance.
    #[default]
    Exact,
    /// Actions drawn from the proposal, weighted by their importance.
    Sampled,
}

/// Reduction of the draws of a batch to one gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// Sum over draws and contexts, as SeqGAN's published code does.
    Sum,
    /// Mean over the draws of a context, then mean over contexts, as IRGAN's does.
    #[default]
    Mean,
}

impl Reduction {
    /// The factor of one draw, when its context has `draws` of them and the batch `contexts` contexts.
    pub fn scale(self, draws: usize, contexts: usize) -> f32 {
        match self {
            Self::Sum => 1.0,
            Self::Mean => 1.0 / (draws as f32 * contexts as f32),
        }
    }
}

/// Gradient of `−Σ_n weight_n · log π(action_n)` at the logits: `Σ_n weight_n · (π − onehot_n) / τ`
/// (Williams, 1992), for the draws made in one state.
///
/// `log_probabilities: [A]` are those of `π = softmax(logits / τ)`; `actions, weights: [N]`; writes
/// `d_logits: [A]` and returns the loss. Maximum likelihood is the same call with weight 1 on the
/// observed action.
pub fn reinforce_grad(
    log_probabilities: &[f32],
    actions: &[u32],
    weights: impl Iterator<Item = f32> + Clone,
    temperature: f32,
    d_logits: &mut [f32],
) -> f64 {
    d_logits.copy_from_slice(log_probabilities);
    simd::exp(d_logits);
    reinforce_grad_from(log_probabilities, actions, weights, temperature, d_logits)
}

/// [`reinforce_grad`] of all actions of one state, each drawn once and in order, where π is known:
/// `weights: [A]`; `d_logits: [A]` holds π, and becomes the gradient.
pub fn reinforce_grad_of_all(weights: &[f32], temperature: f32, d_logits: &mut [f32]) {
    assert_eq!(weights.len(), d_logits.len(), "one weight an action");
    let total = simd::sum(weights) as f32;
    d_logits.iter_mut().zip(weights).for_each(|(d, weight)| *d = (total * *d - weight) / temperature);
}

/// [`reinforce_grad`] where π is known: `d_logits: [A]` holds it, and becomes the gradient.
#[inline]
pub fn reinforce_grad_from(
    log_probabilities: &[f32],
    actions: &[u32],
    weights: impl Iterator<Item = f32> + Clone,
    temperature: f32,
    d_logits: &mut [f32],
) -> f64 {
    let targets = actions.iter().map(|&action| action as usize).zip(weights);
    let loss = softmax_cross_entropy_from(log_probabilities, targets, d_logits);
    if temperature != 1.0 {
        d_logits.iter_mut().for_each(|d| *d /= temperature);
    }
    loss
}
