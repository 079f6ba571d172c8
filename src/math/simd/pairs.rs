//! Logistic losses of one score beside many.

use super::exp::ModerateExp;
use super::level::{Kernel, LANES, Map, arch, run_at};
use super::log::log1p;
use super::reduce::{fold, padded};

/// Scores that are to be above or below others, with two numbers each that weigh their pairs: [`weighted_pairs`].
#[derive(Clone, Copy, Debug)]
pub struct Weighed<T> {
    /// Score s.
    pub scores: T,
    /// Gain a.
    pub gains: T,
    /// Discount b.
    pub discounts: T,
}

/// Returns `Σ_j w_j log(1 + e^(s_j − s))`, with `w_j = (a − a_j) |b − b_j|`, of one document that is to be above `n` others, and its
/// derivative at −s; adds those at the scores of the others to `d_others: [n]`.
///
/// # Panics
/// When the lengths differ.
pub fn weighted_pairs(above: Weighed<f32>, others: Weighed<&[f32]>, d_others: &mut [f32]) -> (f64, f32) {
    let n = others.scores.len();
    assert!(
        n == others.gains.len() && n == others.discounts.len() && n == d_others.len(),
        "one number a document"
    );
    run_at(arch(), Pairs(above, others, d_others))
}

struct Pairs<'a>(Weighed<f32>, Weighed<&'a [f32]>, &'a mut [f32]);

impl Kernel for Pairs<'_> {
    type Output = (f64, f32);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> (f64, f32) {
        let Self(above, others, d_others) = self;
        let (mut losses, mut slopes) = ([0.0; LANES], [0.0; LANES]);
        let (scores, last_scores) = others.scores.as_chunks::<LANES>();
        let (gains, last_gains) = others.gains.as_chunks::<LANES>();
        let (discounts, last_discounts) = others.discounts.as_chunks::<LANES>();
        let (blocks, last) = d_others.as_chunks_mut::<LANES>();
        for (((scores, gains), discounts), d_others) in scores.iter().zip(gains).zip(discounts).zip(blocks) {
            block::<FMA>(above, [scores, gains, discounts], d_others, &mut losses, &mut slopes);
        }
        if !last.is_empty() {
            // A gain as that of the one above weighs nothing.
            let (scores, gains, discounts) = (
                padded(last_scores, above.scores),
                padded(last_gains, above.gains),
                padded(last_discounts, 0.0),
            );
            let mut d_others = padded(last, 0.0);
            block::<FMA>(above, [&scores, &gains, &discounts], &mut d_others, &mut losses, &mut slopes);
            last.copy_from_slice(&d_others[..last.len()]);
        }
        (fold(losses.map(f64::from), |a, b| a + b), fold(slopes, |a, b| a + b))
    }
}

#[inline(always)]
fn block<const FMA: bool>(
    above: Weighed<f32>,
    [scores, gains, discounts]: [&[f32; LANES]; 3],
    d_others: &mut [f32; LANES],
    losses: &mut [f32; LANES],
    slopes: &mut [f32; LANES],
) {
    for j in 0..LANES {
        let x = scores[j] - above.scores;
        let weight = (above.gains - gains[j]) * (above.discounts - discounts[j]).abs();
        // e^−|x| serves both, without overflow.
        let u = ModerateExp.eval::<FMA>(-x.abs());
        let slope = weight * (if x < 0.0 { u } else { 1.0 } / (1.0 + u));
        losses[j] += weight * (if x < 0.0 { 0.0 } else { x } + log1p::<FMA>(u));
        slopes[j] += slope;
        d_others[j] += slope;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::simd::available;

    #[test]
    fn losses_and_slopes_are_those_of_every_pair() {
        for n in [0, 1, 15, 16, 37] {
            let numbers = |factor: f32| (0..n).map(|j| (j as f32 * factor).sin()).collect::<Vec<f32>>();
            let mut scores = numbers(0.7);
            scores.iter_mut().skip(3).step_by(7).for_each(|score| *score *= 100.0);
            let (gains, discounts, before) = (numbers(1.3), numbers(2.1), numbers(0.2));
            let above = Weighed { scores: 0.3, gains: 1.5, discounts: 0.1 };
            let others = Weighed { scores: &scores[..], gains: &gains[..], discounts: &discounts[..] };
            for level in available() {
                let mut d_others = before.clone();
                let (loss, slope) = run_at(level, Pairs(above, others, &mut d_others));
                let (mut wanted, mut all) = (0.0, 0.0);
                for j in 0..n {
                    let x = f64::from(scores[j] - 0.3);
                    let weight = f64::from(1.5 - gains[j]) * f64::from((0.1 - discounts[j]).abs());
                    wanted += weight * (x.max(0.0) + (-x.abs()).exp().ln_1p());
                    let slope = weight / (1.0 + (-x).exp());
                    all += slope;
                    assert!((f64::from(d_others[j] - before[j]) - slope).abs() < 1e-6);
                }
                assert!(
                    (loss - wanted).abs() < 1e-5 * (1.0 + wanted) && (f64::from(slope) - all).abs() < 1e-5
                );
            }
        }
    }
}
