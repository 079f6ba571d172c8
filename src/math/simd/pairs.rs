//! Logistic losses of one score beside many.

use super::exp::ModerateExp;
use super::level::{Kernel, LANES, Map, arch, map_slice, run_at};
use super::log::{log1p, moderate_ln};
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

/// Largest range of scores of which exponentials are taken: a difference of that size is rounded by a millionth.
const MODERATE: f32 = 30.0;

/// Returns `e^(s − max s)` of every score `s`; nothing where the scores lie further apart than 30, or are not finite.
pub fn moderate_exponentials(scores: &[f32]) -> Option<Vec<f32>> {
    let (least, most) =
        scores.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), &s| (a.min(s), b.max(s)));
    let are_moderate = most - least <= MODERATE && scores.iter().all(|score| score.is_finite());
    are_moderate.then(|| {
        let mut exponentials: Vec<f32> = scores.iter().map(|score| score - most).collect();
        map_slice(&mut exponentials, ModerateExp);
        exponentials
    })
}

/// Returns `Σ_j w_j log(1 + e^(s_j − s))`, with `w_j = (a − a_j) |b − b_j|`, of one document that is to be above `n` others, and its
/// derivative at −s; adds those at the scores of the others to `d_others: [n]`.
///
/// # Panics
/// When the lengths differ.
pub fn weighted_pairs(above: Weighed<f32>, others: Weighed<&[f32]>, d_others: &mut [f32]) -> (f64, f32) {
    run::<false>(above, others, d_others)
}

/// Returns what [`weighted_pairs`] does, in half the time, of [`moderate_exponentials`] in the place of scores.
///
/// # Panics
/// When the lengths differ.
pub fn weighted_pairs_of_exponentials(
    above: Weighed<f32>,
    others: Weighed<&[f32]>,
    d_others: &mut [f32],
) -> (f64, f32) {
    run::<true>(above, others, d_others)
}

fn run<const RAISED: bool>(above: Weighed<f32>, others: Weighed<&[f32]>, d_others: &mut [f32]) -> (f64, f32) {
    let n = others.scores.len();
    assert!(
        n == others.gains.len() && n == others.discounts.len() && n == d_others.len(),
        "one number a document"
    );
    run_at(arch(), Pairs::<RAISED>(above, others, d_others))
}

/// Pairs of scores, or of their exponentials.
struct Pairs<'a, const RAISED: bool>(Weighed<f32>, Weighed<&'a [f32]>, &'a mut [f32]);

impl<const RAISED: bool> Kernel for Pairs<'_, RAISED> {
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
            block::<FMA, RAISED>(above, [scores, gains, discounts], d_others, &mut losses, &mut slopes);
        }
        if !last.is_empty() {
            // A gain as that of the one above weighs nothing.
            let (scores, gains, discounts) = (
                padded(last_scores, above.scores),
                padded(last_gains, above.gains),
                padded(last_discounts, 0.0),
            );
            let mut d_others = padded(last, 0.0);
            let others = [&scores, &gains, &discounts];
            block::<FMA, RAISED>(above, others, &mut d_others, &mut losses, &mut slopes);
            last.copy_from_slice(&d_others[..last.len()]);
        }
        (fold(losses.map(f64::from), |a, b| a + b), fold(slopes, |a, b| a + b))
    }
}

#[inline(always)]
fn block<const FMA: bool, const RAISED: bool>(
    above: Weighed<f32>,
    [scores, gains, discounts]: [&[f32; LANES]; 3],
    d_others: &mut [f32; LANES],
    losses: &mut [f32; LANES],
    slopes: &mut [f32; LANES],
) {
    for j in 0..LANES {
        let weight = (above.gains - gains[j]) * (above.discounts - discounts[j]).abs();
        let (loss, share) = match RAISED {
            // σ(s_j − s) = e_j / (e + e_j), and the loss is the logarithm of the rest.
            true => {
                let inverse = 1.0 / (above.scores + scores[j]);
                (-moderate_ln::<FMA>(above.scores * inverse), scores[j] * inverse)
            }
            // e^−|x| serves both, without overflow.
            false => {
                let x = scores[j] - above.scores;
                let u = ModerateExp.eval::<FMA>(-x.abs());
                let positive = if x < 0.0 { 0.0 } else { x };
                (positive + log1p::<FMA>(u), if x < 0.0 { u } else { 1.0 } / (1.0 + u))
            }
        };
        losses[j] += weight * loss;
        slopes[j] += weight * share;
        d_others[j] += weight * share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::simd::available;

    #[test]
    fn losses_and_slopes_are_those_of_every_pair() {
        for n in [0, 1, 15, 16, 37] {
            for (level, is_raised) in
                available().into_iter().flat_map(|level| [(level, false), (level, true)])
            {
                let numbers = |factor: f32| (0..n).map(|j| (j as f32 * factor).sin()).collect::<Vec<f32>>();
                let (spread, bound) = if is_raised { (14.0, 2e-6) } else { (100.0, 1e-6) };
                let mut scores = numbers(0.7);
                scores.iter_mut().skip(3).step_by(7).for_each(|score| *score *= spread);
                let (gains, discounts, before) = (numbers(1.3), numbers(2.1), numbers(0.2));
                let above = Weighed { scores: 0.3, gains: 1.5, discounts: 0.1 };
                let others = Weighed { scores: &scores[..], gains: &gains[..], discounts: &discounts[..] };
                let mut d_others = before.clone();
                let (loss, slope) = if is_raised {
                    // The exponentials of all scores, that of the one above last.
                    let all: Vec<f32> = scores.iter().copied().chain([above.scores]).collect();
                    let raised = moderate_exponentials(&all).expect("they lie within 30");
                    let above = Weighed { scores: raised[n], ..above };
                    let others = Weighed { scores: &raised[..n], ..others };
                    run_at(level, Pairs::<true>(above, others, &mut d_others))
                } else {
                    run_at(level, Pairs::<false>(above, others, &mut d_others))
                };
                let (mut wanted, mut all) = (0.0, 0.0);
                for j in 0..n {
                    let x = f64::from(scores[j] - 0.3);
                    let weight = f64::from(1.5 - gains[j]) * f64::from((0.1 - discounts[j]).abs());
                    wanted += weight * (x.max(0.0) + (-x.abs()).exp().ln_1p());
                    let slope = weight / (1.0 + (-x).exp());
                    all += slope;
                    assert!((f64::from(d_others[j] - before[j]) - slope).abs() < bound);
                }
                assert!(
                    (loss - wanted).abs() < 1e-5 * (1.0 + wanted) && (f64::from(slope) - all).abs() < 1e-5
                );
            }
        }
    }

    #[test]
    fn scores_far_apart_have_no_exponentials() {
        assert_eq!(moderate_exponentials(&[]), Some(vec![]));
        assert_eq!(moderate_exponentials(&[1e9, 1e9]), Some(vec![1.0, 1.0]));
        assert!(moderate_exponentials(&[-15.0, 15.0]).expect("moderate")[0] > 9e-14);
        for scores in [[-15.5, 15.0], [f32::NAN, 0.0], [f32::INFINITY, f32::INFINITY]] {
            assert_eq!(moderate_exponentials(&scores), None);
        }
    }
}
