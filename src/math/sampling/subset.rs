//! Subsets of equal probability.

use hashbrown::HashSet;
use rand::Rng as _;

use crate::seed::Rng;

/// `k` different numbers below `n`, every subset equally likely; ascending.
///
/// Floyd's method (Bentley and Floyd, 1987): `k` random numbers, memory for `k`.
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
    fn the_whole_and_nothing() {
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
