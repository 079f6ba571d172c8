//! Draws without replacement by Gumbel top-k (Kool et al., ICML 2019).

use rand::Rng as _;

use crate::seed::Rng;

/// Draws `k` different items, one after the other, from the softmax of `logits: [A]` without those already drawn
/// (Plackett–Luce).
///
/// Items with logit −∞ are never drawn, so that fewer are returned when fewer than `k` logits are finite.
///
/// # Panics
/// When a logit is NaN or +∞.
///
/// ```
/// use irgan::{math::sampling::gumbel_top_k, seed::Stream};
///
/// let drawn = gumbel_top_k(&[0.0, f32::NEG_INFINITY, 1.0], 5, &mut Stream::new(3).rng());
/// assert_eq!(drawn.len(), 2);
/// ```
pub fn gumbel_top_k(logits: &[f32], k: usize, rng: &mut Rng) -> Vec<usize> {
    let mut keyed: Vec<(f64, usize)> = Vec::with_capacity(logits.len());
    for (item, &logit) in logits.iter().enumerate() {
        assert!(logit < f32::INFINITY, "logits must not be NaN or infinite, found {logit}");
        // Numbers halfway between the multiples of 2⁻⁵³ lie inside (0, 1), so that no logarithm is infinite.
        let uniform = (rng.random::<u64>() >> 11) as f64 + 0.5;
        if logit > f32::NEG_INFINITY {
            let gumbel = -(-(uniform * (-53.0_f64).exp2()).ln()).ln();
            keyed.push((f64::from(logit) + gumbel, item));
        }
    }
    let descending = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    let k = k.min(keyed.len());
    if k == 0 {
        return Vec::new();
    }
    keyed.select_nth_unstable_by(k - 1, descending);
    keyed.truncate(k);
    keyed.sort_unstable_by(descending);
    keyed.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::super::chi_square::assert_fits;
    use super::*;
    use crate::seed::Stream;

    #[test]
    fn pairs_follow_plackett_luce() {
        let logits = [0.3, -1.0, 1.2, 0.0, 500.0_f32.ln() - 5.0];
        let weights: Vec<f64> = logits.iter().map(|&x| f64::from(x).exp()).collect();
        let total: f64 = weights.iter().sum();
        // P(i, then j) = w_i / W · w_j / (W − w_i), for all 20 ordered pairs.
        let mut expected = vec![0.0; 25];
        for i in 0..5 {
            for j in (0..5).filter(|&j| j != i) {
                expected[5 * i + j] = (weights[i] / total * weights[j] / (total - weights[i])) as f32;
            }
        }
        let mut rng = Stream::new(41).rng();
        let draws = (0..200_000).map(|_| {
            let pair = gumbel_top_k(&logits, 2, &mut rng);
            5 * pair[0] + pair[1]
        });
        assert_fits(&expected, draws);
    }

    #[test]
    fn gumbel_takes_huge_logits_and_exhausted_pools() {
        let mut rng = Stream::new(42).rng();
        assert_eq!(gumbel_top_k(&[-3e38, 3e38, 0.0], 3, &mut rng), [1, 2, 0]);
        assert!(gumbel_top_k(&[f32::NEG_INFINITY; 4], 2, &mut rng).is_empty());
        assert!(gumbel_top_k(&[1.0, 2.0], 0, &mut rng).is_empty());
    }

    #[test]
    #[should_panic(expected = "NaN")]
    fn nan_panics() {
        gumbel_top_k(&[0.0, f32::NAN], 1, &mut Stream::new(1).rng());
    }
}
