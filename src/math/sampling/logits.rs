//! Draws with replacement from a softmax.

use super::cdf::{Cdf, sample_cdf};
use crate::math::simd;
use crate::seed::Rng;

/// Turns `logits: [A]` into probabilities in place, and returns `draws` items drawn from them with replacement.
///
/// Divide the logits by a temperature first to apply it.
///
/// # Panics
/// When all logits are −∞, or one is NaN or +∞.
pub fn sample_logits(logits: &mut [f32], draws: usize, rng: &mut Rng) -> Vec<usize> {
    simd::softmax(logits);
    match draws {
        0 => Vec::new(),
        1 => vec![sample_cdf(logits, rng)],
        _ => {
            let cdf = Cdf::new(&*logits);
            (0..draws).map(|_| cdf.sample(rng)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chi_square::assert_fits;
    use super::*;
    use crate::seed::Stream;

    #[test]
    fn draws_follow_the_softmax() {
        let logits: Vec<f32> = (0..100).map(|i| (i as f32 * 0.7).sin() * 1.5 + 400.0).collect();
        let weights: Vec<f32> = logits.iter().map(|x| (x - 400.0).exp()).collect();
        let mut rng = Stream::new(21).rng();
        let mut probabilities = logits.clone();
        let draws = sample_logits(&mut probabilities, 200_000, &mut rng);
        assert!((simd::sum(&probabilities) - 1.0).abs() < 1e-6);
        assert_fits(&weights, draws.into_iter());
        let single = (0..100_000).map(|_| sample_logits(&mut logits.clone(), 1, &mut rng)[0]);
        assert_fits(&weights, single);
    }

    #[test]
    #[should_panic(expected = "positive, finite sum")]
    fn a_row_of_minus_infinity_panics() {
        sample_logits(&mut [f32::NEG_INFINITY; 3], 1, &mut Stream::new(1).rng());
    }
}
