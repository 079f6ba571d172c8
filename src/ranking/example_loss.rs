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
}

impl From<Mode> for ExampleLoss {
    /// Returns the logistic loss of this mode.
    fn from(mode: Mode) -> Self {
        Self { mode, divergence: Divergence::LOGISTIC }
    }
}

impl ExampleLoss {
    /// Pairwise logistic loss, of the sampled baselines and of IRGAN.
    pub const PAIRWISE: Self = Self { mode: Mode::Pairwise, divergence: Divergence::LOGISTIC };

    /// Summed loss of the scores of positives and, behind them, of drawn documents; writes the gradient at the scores.
    pub(super) fn gradient(self, scores: &[f32], d_scores: &mut [f32]) -> f64 {
        let n = scores.len() / 2;
        match self.mode {
            Mode::Pointwise => {
                let labels: Vec<bool> = (0..2 * n).map(|i| i < n).collect();
                self.divergence.of_each(scores, &labels, d_scores)
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
