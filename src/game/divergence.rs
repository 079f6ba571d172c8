//! Divergences between real and drawn examples, as a judge minimises them: the loss and its derivative at the judge's
//! output.
//!
//! A judge gives every example a number f, the more positive the more real. What it minimises over real and drawn
//! examples estimates a divergence between their distributions (Nowozin et al., NIPS 2016).

use crate::math::simd;
use crate::nn::loss;

/// Divergence that a judge minimises.
///
/// ```
/// use irgan::game::Divergence;
///
/// // A judge that knows nothing loses log 2 an example, and is pushed by half a unit.
/// let mut d_outputs = [0.0; 2];
/// let loss = Divergence::Logistic.of_each(&[0.0, 0.0], &[true, false], &mut d_outputs);
/// assert!((loss - 2.0 * 2f64.ln()).abs() < 1e-6);
/// assert_eq!(d_outputs, [-0.5, 0.5]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Divergence {
    /// Logistic loss, `−log σ(f)` of real and `−log(1 − σ(f))` of drawn examples: the Jensen–Shannon divergence
    /// (Goodfellow et al., NIPS 2014; IRGAN, equation 3).
    #[default]
    Logistic,
    /// Hinge loss with this margin m, `max(0, m − f)` of real and `max(0, m + f)` of drawn examples: the total
    /// variation (Lim and Ye, 2017).
    Hinge(f32),
}

impl Divergence {
    /// Returns the summed loss of `outputs: [B]`, and writes its derivative at each to `d_outputs: [B]`; `real: [B]` labels
    /// them.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn of_each(self, outputs: &[f32], real: &[bool], d_outputs: &mut [f32]) -> f64 {
        match self {
            Self::Logistic => loss::logistic(outputs, real, d_outputs),
            Self::Hinge(margin) => {
                assert!(
                    outputs.len() == real.len() && outputs.len() == d_outputs.len(),
                    "one label an output"
                );
                let mut sum = 0.0;
                for ((&output, &real), d) in outputs.iter().zip(real).zip(d_outputs) {
                    *d = self.derivative(output, real);
                    sum += f64::from((if real { margin - output } else { margin + output }).max(0.0));
                }
                sum
            }
        }
    }

    /// Returns the summed loss of pairs, each judged by the difference `real − drawn` of its outputs as a real example is
    /// by its output, and writes the derivatives at both; all slices are `[B]`.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn of_pairs(self, real: &[f32], drawn: &[f32], d_real: &mut [f32], d_drawn: &mut [f32]) -> f64 {
        assert_eq!(d_real.len(), d_drawn.len(), "examples come in pairs");
        let loss = match self {
            Self::Logistic => loss::pairwise_logistic(real, drawn, d_real),
            Self::Hinge(margin) => loss::hinge(real, drawn, margin, d_real),
        };
        for (d_drawn, d_real) in d_drawn.iter_mut().zip(d_real) {
            *d_drawn = -*d_real;
        }
        loss
    }

    /// Returns the loss of one example times `weight`, where the judge has a logit for each of the classes drawn and real
    /// and its output is their difference; writes the derivatives to `d_logits: [2]`. `log_probabilities: [2]` are the
    /// logits behind a log-softmax.
    ///
    /// # Panics
    /// When the lengths are not 2.
    pub fn of_classes(self, log_probabilities: &[f32], real: bool, weight: f32, d_logits: &mut [f32]) -> f64 {
        let &[drawn_class, real_class] = log_probabilities else { panic!("two classes") };
        match self {
            Self::Logistic => {
                let target = std::iter::once((usize::from(real), weight));
                loss::softmax_cross_entropy(log_probabilities, target, d_logits)
            }
            Self::Hinge(_) => {
                let mut d_output = [0.0];
                let loss = self.of_each(&[real_class - drawn_class], &[real], &mut d_output);
                d_logits.copy_from_slice(&[-weight * d_output[0], weight * d_output[0]]);
                f64::from(weight) * loss
            }
        }
    }

    /// Returns the derivative of the loss at one `output`.
    pub fn derivative(self, output: f32, real: bool) -> f32 {
        match (self, real) {
            (Self::Logistic, true) => simd::sigmoid1(output) - 1.0,
            (Self::Logistic, false) => simd::sigmoid1(output),
            (Self::Hinge(margin), true) => {
                if output < margin {
                    -1.0
                } else {
                    0.0
                }
            }
            (Self::Hinge(margin), false) => {
                if output > -margin {
                    1.0
                } else {
                    0.0
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    const OUTPUTS: [f32; 4] = [-1.5, 0.25, 0.75, 2.0];

    fn loss(divergence: Divergence, outputs: &[f32], real: &[bool]) -> f64 {
        divergence.of_each(outputs, real, &mut vec![0.0; outputs.len()])
    }

    #[test]
    fn the_derivatives_are_those_of_the_loss() {
        let real = [true, false, true, false];
        for divergence in [Divergence::Logistic, Divergence::Hinge(1.0)] {
            let mut d_outputs = [0.0; 4];
            divergence.of_each(&OUTPUTS, &real, &mut d_outputs);
            for i in 0..4 {
                let moved = |by: f32| {
                    let mut outputs = OUTPUTS;
                    outputs[i] += by;
                    loss(divergence, &outputs, &real)
                };
                let slope = (moved(0.01) - moved(-0.01)) / 0.02;
                assert_abs_diff_eq!(f64::from(d_outputs[i]), slope, epsilon = 1e-4);
                assert_abs_diff_eq!(divergence.derivative(OUTPUTS[i], real[i]), d_outputs[i], epsilon = 1e-6);
            }
        }
    }

    #[test]
    fn a_pair_is_judged_by_its_difference() {
        for divergence in [Divergence::Logistic, Divergence::Hinge(1.0)] {
            let (mut d_real, mut d_drawn) = ([0.0; 2], [0.0; 2]);
            let found = divergence.of_pairs(&[0.5, 2.0], &[0.25, -1.0], &mut d_real, &mut d_drawn);
            assert_abs_diff_eq!(found, loss(divergence, &[0.25, 3.0], &[true; 2]), epsilon = 1e-6);
            assert_abs_diff_eq!(d_real[0], divergence.derivative(0.25, true), epsilon = 1e-6);
            assert_eq!(d_drawn, d_real.map(|d| -d));
        }
    }

    #[test]
    fn two_classes_are_judged_by_the_difference_of_their_logits() {
        for (divergence, real) in
            [(Divergence::Logistic, true), (Divergence::Logistic, false), (Divergence::Hinge(1.0), true)]
        {
            let mut logits = [0.25f32, 0.5]; // drawn, real
            let expected = 0.5 * loss(divergence, &[0.25], &[real]);
            simd::log_softmax(&mut logits);
            let mut d_logits = [0.0; 2];
            let found = divergence.of_classes(&logits, real, 0.5, &mut d_logits);
            assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
            assert_abs_diff_eq!(d_logits[1], 0.5 * divergence.derivative(0.25, real), epsilon = 1e-6);
            assert_abs_diff_eq!(d_logits[0], -d_logits[1], epsilon = 1e-6);
        }
    }

    #[test]
    fn a_hinge_is_flat_beyond_its_margin() {
        // max(0, 1 − 2) + max(0, 1 + (−3)) + max(0, 1 − 0.5) + max(0, 1 + 0.5)
        let found = loss(Divergence::Hinge(1.0), &[2.0, -3.0, 0.5, 0.5], &[true, false, true, false]);
        assert_abs_diff_eq!(found, 2.0, epsilon = 1e-6);
    }
}
