//! Losses of the discriminator: of documents one by one, or of pairs.

use serde::{Deserialize, Serialize};

use crate::game::Divergence;
use crate::math::simd;

/// Mode of the discriminator: it judges documents one by one, or against an observed positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// `D(d|q) = σ(f(q, d))`.
    Pointwise,
    /// `D(⟨d_i, d_j⟩|q) = σ(f(q, d_i) − f(q, d_j))`.
    #[default]
    Pairwise,
}

/// Loss of an epoch over examples: a divergence between observed positives and drawn documents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExampleLoss {
    /// Pointwise, at the score of each document: `−log σ(f⁺) − log(1 − σ(f))` for the logistic divergence (equation 3).
    /// Pairwise, at the difference of the two: `−log σ(f⁺ − f)` (equation 9).
    pub mode: Mode,
    /// Divergence between the two. Pairwise hinge, `max(0, margin − (f⁺ − f))`, is the authors' code for answer selection.
    pub divergence: Divergence,
    /// Share ε of one-sided label smoothing: a positive is real with 1 − ε only (Salimans et al., NIPS 2016, section 3.4).
    pub smoothing: f32,
}

impl From<Mode> for ExampleLoss {
    /// Returns the logistic loss of this mode.
    fn from(mode: Mode) -> Self {
        Self { mode, divergence: Divergence::LOGISTIC, smoothing: 0.0 }
    }
}

impl ExampleLoss {
    /// Pairwise logistic loss, of the sampled baselines and of IRGAN.
    pub const PAIRWISE: Self =
        Self { mode: Mode::Pairwise, divergence: Divergence::LOGISTIC, smoothing: 0.0 };

    /// Summed loss of the scores of positives and, behind them, of drawn documents; writes the gradient at the scores.
    ///
    /// With label smoothing the loss of a positive is a mixture of those of both labels, and that of a pair one of the pair and
    /// of the pair turned round.
    pub(super) fn gradient(self, scores: &[f32], d_scores: &mut [f32]) -> f64 {
        let loss = self.labelled(scores, true, d_scores);
        if self.smoothing == 0.0 {
            return loss;
        }
        let (n, share) = (scores.len() / 2, f64::from(self.smoothing));
        let mut turned = vec![0.0; d_scores.len()];
        let of_turned = self.labelled(scores, false, &mut turned);
        // The labels of drawn documents stay: of one by one their losses are in both sums alike.
        let mix = |(d, turned): (&mut f32, &f32)| *d += self.smoothing * (turned - *d);
        let count = if self.mode == Mode::Pointwise { n } else { 2 * n };
        d_scores[..count].iter_mut().zip(&turned).for_each(mix);
        loss + share * (of_turned - loss)
    }

    /// [`ExampleLoss::gradient`] where positives are `real`, or are taken for drawn documents.
    fn labelled(self, scores: &[f32], real: bool, d_scores: &mut [f32]) -> f64 {
        let n = scores.len() / 2;
        match self.mode {
            Mode::Pointwise => {
                let labels: Vec<bool> = (0..2 * n).map(|i| real && i < n).collect();
                self.divergence.of_each(scores, &labels, d_scores)
            }
            Mode::Pairwise if !real => {
                let (d_positives, d_drawn) = d_scores.split_at_mut(n);
                self.divergence.of_pairs(&scores[n..], &scores[..n], d_drawn, d_positives)
            }
            Mode::Pairwise => {
                let (d_positives, d_drawn) = d_scores.split_at_mut(n);
                self.divergence.of_pairs(&scores[..n], &scores[n..], d_positives, d_drawn)
            }
        }
    }

    /// Sum over the examples of prediction minus label: `σ(f⁺ − f⁻) − 1` for pairs, `σ(f) − label` for documents. It is
    /// the gradient of the logistic losses.
    pub(super) fn residual(self, scores: &[f32], d_scores: &[f32]) -> f64 {
        let n = scores.len() / 2;
        let sum = |slopes: &[f32]| slopes.iter().map(|&d| f64::from(d)).sum::<f64>();
        let of = |output: f32, real: bool| f64::from(Divergence::LOGISTIC.derivative(output, real));
        let (positives, drawn) = scores.split_at(n);
        match (self.mode, self.divergence) {
            (Mode::Pointwise, Divergence::LOGISTIC) => sum(d_scores),
            (Mode::Pairwise, Divergence::LOGISTIC) => sum(&d_scores[..n]),
            (Mode::Pointwise, _) => {
                positives.iter().map(|&f| of(f, true)).chain(drawn.iter().map(|&f| of(f, false))).sum()
            }
            (Mode::Pairwise, _) => {
                positives.iter().zip(drawn).map(|(p, o)| -f64::from(simd::sigmoid1(o - p))).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smoothed_label_mixes_the_losses_of_both_labels() {
        let scores = [0.5f32, -1.0, 0.25, 2.0]; // two positives, two drawn documents
        let log1p = |x: f64| x.exp().ln_1p();
        for mode in [Mode::Pointwise, Mode::Pairwise] {
            let loss = ExampleLoss { mode, divergence: Divergence::LOGISTIC, smoothing: 0.1 };
            let expected: f64 = (0..2)
                .map(|i| {
                    let (positive, drawn) = (f64::from(scores[i]), f64::from(scores[2 + i]));
                    match mode {
                        // −0.9 log σ(f⁺) − 0.1 log(1 − σ(f⁺)) − log(1 − σ(f))
                        Mode::Pointwise => 0.9 * log1p(-positive) + 0.1 * log1p(positive) + log1p(drawn),
                        Mode::Pairwise => 0.9 * log1p(drawn - positive) + 0.1 * log1p(positive - drawn),
                    }
                })
                .sum();
            let mut d_scores = [0.0; 4];
            assert!((loss.gradient(&scores, &mut d_scores) - expected).abs() < 1e-5, "{mode:?}");
            for i in 0..4 {
                let moved = |by: f32| {
                    let mut scores = scores;
                    scores[i] += by;
                    loss.gradient(&scores, &mut [0.0; 4])
                };
                let slope = (moved(0.01) - moved(-0.01)) / 0.02;
                assert!((f64::from(d_scores[i]) - slope).abs() < 1e-4, "{mode:?}: {d_scores:?}");
            }
        }
    }
}
