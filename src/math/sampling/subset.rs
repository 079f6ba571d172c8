//! Uniform draws of subsets.

use hashbrown::HashSet;
use rand::Rng as _;

use crate::seed::Rng;

/// Draws `k` different numbers below `n`, with equal probability for every subset, and returns them in ascending order.
///
/// Floyd's method (Bentley and Floyd, 1987) takes `k` random numbers and memory for `k` numbers.
///
/// ```
/// use irgan::{math::sampling::subset, seed::Stream};
///
/// assert_eq!(subset(3, 3, &mut Stream::new(1).rng()), [0, 1, 2]);
/// ```
///
/// # Panics
/// When `k > n`.
pub fn subset(n: usize, k: usize, rng: &mut Rng) -> Vec<usize> {
    assert!(k <= n, "cannot choose {k} of {n}");
    let hasher = foldhash::fast::FixedState::default();
    let mut chosen = HashSet::with_capacity_and_hasher(k, hasher);
    for last in n - k..n {
        if !chosen.insert(rng.random_range(0..=last)) {
            chosen.insert(last);
        }
    }
    let mut chosen: Vec<usize> = chosen.into_iter().collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::super::chi_square::assert_fits;
    use super::*;
    use crate::seed::Stream;

    #[test]
    fn every_subset_is_equally_likely() {
        // Subsets of three of six, as bit masks: 20 of the 64.
        let weights: Vec<f32> = (0..64_u32).map(|mask| f32::from(mask.count_ones() == 3)).collect();
        let mut rng = Stream::new(51).rng();
        assert_fits(&weights, (0..100_000).map(|_| subset(6, 3, &mut rng).iter().map(|i| 1 << i).sum()));
    }

    #[test]
    fn subsets_of_all_and_of_none_are_drawn() {
        let mut rng = Stream::new(52).rng();
        assert_eq!(subset(5, 5, &mut rng), [0, 1, 2, 3, 4]);
        assert!(subset(0, 0, &mut rng).is_empty());
    }

    #[test]
    #[should_panic(expected = "cannot choose 3 of 2")]
    fn too_many_panics() {
        subset(2, 3, &mut Stream::new(1).rng());
    }
}
