//! Diagnostics of every generator step.

use std::ops::Range;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::Episodes;
use crate::math::simd;
use crate::team::Wire;

/// Numbers that tell whether a policy gradient can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Mean reward of the draws, each weighted by its importance.
    pub reward: f64,
    /// Mean baseline.
    pub baseline: f64,
    /// Variance of the estimator at the logits, mean over contexts; 0 when actions are enumerated.
    pub gradient_variance: f64,
    /// Effective sample size `(Σρ)² / Σρ²` over the number of draws, mean over contexts.
    pub effective_sample: f64,
    /// Mean entropy of the policy in nats.
    pub entropy: f64,
    /// Contexts the means were taken over.
    pub contexts: usize,
}

impl Diagnostics {
    /// The mean of two sets of contexts.
    pub fn merge(self, other: Self) -> Self {
        let contexts = self.contexts + other.contexts;
        if contexts == 0 {
            return self;
        }
        let share = other.contexts as f64 / contexts as f64;
        let mix = |a: f64, b: f64| a + (b - a) * share;
        Self {
            reward: mix(self.reward, other.reward),
            baseline: mix(self.baseline, other.baseline),
            gradient_variance: mix(self.gradient_variance, other.gradient_variance),
            effective_sample: mix(self.effective_sample, other.effective_sample),
            entropy: mix(self.entropy, other.entropy),
            contexts,
        }
    }
}

impl Wire for Diagnostics {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { reward, baseline, gradient_variance, effective_sample, entropy, contexts } = *self;
        [reward, baseline, gradient_variance, effective_sample, entropy].iter().for_each(|x| x.write(bytes));
        (contexts as u64).write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let mut number = || f64::read(bytes);
        let (reward, baseline, gradient_variance) = (number(), number(), number());
        let (effective_sample, entropy) = (number(), number());
        let contexts = u64::read(bytes) as usize;
        Self { reward, baseline, gradient_variance, effective_sample, entropy, contexts }
    }
}

/// Mean over the groups of `mean_n(values_n · importance_n)`, n over the live steps among `steps`.
pub(super) fn group_mean<T>(values: ArrayView2<'_, f32>, episodes: &Episodes<T>, steps: Range<usize>) -> f64 {
    let whole = episodes.lengths.is_none() && steps == (0..values.ncols());
    let slices = values.as_slice().zip(episodes.importance.as_slice()).filter(|_| whole);
    let of_group = |group: &Range<usize>| {
        if let Some((values, importance)) = slices {
            let cells = group.start * steps.len()..group.end * steps.len();
            let count = cells.len().max(1) as f64;
            return simd::sum_of_products(&values[cells.clone()], &importance[cells]) / count;
        }
        let cells = group.clone().flat_map(|row| steps.clone().map(move |step| [row, step]));
        let (mut sum, mut count) = (0.0, 0.0);
        for at in cells.filter(|&[row, step]| episodes.is_live(row, step)) {
            sum += f64::from(values[at]) * f64::from(episodes.importance[at]);
            count += 1.0;
        }
        if count > 0.0 { sum / count } else { 0.0 }
    };
    episodes.groups.iter().map(of_group).sum::<f64>() / episodes.groups.len().max(1) as f64
}

/// Mean over the groups of `(Σρ)² / (N Σρ²)`, over the N live steps.
pub(super) fn effective_sample<T>(episodes: &Episodes<T>) -> f64 {
    let steps = episodes.importance.ncols();
    let whole = episodes.importance.as_slice().filter(|_| episodes.lengths.is_none());
    let of_group = |group: &Range<usize>| match whole {
        Some(importance) => {
            effective_share(importance[group.start * steps..group.end * steps].iter().copied())
        }
        None => {
            let cells = group.clone().flat_map(|row| (0..steps).map(move |step| [row, step]));
            let live = cells.filter(|&[row, step]| episodes.is_live(row, step));
            effective_share(live.map(|at| episodes.importance[at]))
        }
    };
    episodes.groups.iter().map(of_group).sum::<f64>() / episodes.groups.len().max(1) as f64
}

/// `(Σρ)² / (N Σρ²)`.
fn effective_share(ratios: impl Iterator<Item = f32>) -> f64 {
    let (n, sum, squares) = ratios.fold((0.0, 0.0, 0.0), |(n, sum, squares), ratio| {
        let ratio = f64::from(ratio);
        (n + 1.0, sum + ratio, squares + ratio * ratio)
    });
    if squares > 0.0 { sum * sum / (n * squares) } else { 0.0 }
}

/// Variance of `Σ_n w_n (π − onehot(a_n))` over independent draws of one state: N times the sample
/// variance of one term, summed over the logits.
///
/// `probabilities: [A]`; `actions, weights: [N]`; 0 when N < 2.
pub fn draw_variance(probabilities: &[f32], actions: &[u32], weights: &[f32]) -> f64 {
    let n = actions.len() as f64;
    if actions.len() < 2 {
        return 0.0;
    }
    let collision = simd::sum_of_squares(probabilities);
    let (mut squares, mut total, mut cross, mut merged) = (0.0, 0.0, 0.0, 0.0);
    let mut weight_of = vec![0.0; probabilities.len()];
    for (&action, &weight) in actions.iter().zip(weights) {
        let (action, weight) = (action as usize, f64::from(weight));
        let p = f64::from(probabilities[action]);
        // ‖w (π − e_a)‖² = w² (‖π‖² − 2 π_a + 1)
        squares += weight * weight * (collision - 2.0 * p + 1.0);
        total += weight;
        cross += weight * p;
        // (W + w)² − W²
        merged += weight * (2.0 * weight_of[action] + weight);
        weight_of[action] += weight;
    }
    // ‖Σ_n w_n (π − e_n)‖² = W² ‖π‖² − 2 W Σ w π_a + Σ_a (Σ_{n: a_n = a} w_n)²
    let norm = total * total * collision - 2.0 * total * cross + merged;
    ((squares - norm / n) * n / (n - 1.0)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_closed_form_equals_the_explicit_vectors() {
        let probabilities = [0.5, 0.3, 0.2];
        let (actions, weights) = ([0u32, 2, 0, 1], [0.4f32, -1.0, 0.7, 0.2]);
        let term = |n: usize| {
            let mut g: Vec<f64> =
                probabilities.iter().map(|&p| f64::from(weights[n]) * f64::from(p)).collect();
            g[actions[n] as usize] -= f64::from(weights[n]);
            g
        };
        let terms: Vec<_> = (0..4).map(term).collect();
        let mut expected = 0.0;
        for logit in 0..3 {
            let mean = terms.iter().map(|g| g[logit]).sum::<f64>() / 4.0;
            let sample = terms.iter().map(|g| (g[logit] - mean).powi(2)).sum::<f64>() / 3.0;
            expected += 4.0 * sample;
        }
        assert_abs_diff_eq!(draw_variance(&probabilities, &actions, &weights), expected, epsilon = 1e-6);
    }

    #[test]
    fn merging_weights_by_contexts() {
        let a = Diagnostics { reward: 1.0, contexts: 1, ..Default::default() };
        let b = Diagnostics { reward: 4.0, contexts: 2, ..Default::default() };
        assert_abs_diff_eq!(a.merge(b).reward, 3.0);
        assert_eq!(Diagnostics::default().merge(b), b);
    }
}
