//! Paired tests of the differences of two systems on the same queries.

use rand::Rng;
use serde::Deserialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::effect::student;
use super::{moments, total};
use crate::seed::Stream;

/// Paired two-sided significance test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Fisher's randomisation test
    #[default]
    Fisher,
    /// Student's paired t-test
    T,
    /// Wilcoxon's signed-rank test
    Wilcoxon,
}

impl Test {
    /// Returns the two-sided p-value of paired differences. Only the randomisation test of more than 16 queries uses
    /// `seed`.
    pub fn p_value(self, differences: &[f64], seed: u64) -> f64 {
        match self {
            Self::Fisher => fisher_randomisation(differences, seed),
            Self::T => paired_t_test(differences),
            Self::Wilcoxon => wilcoxon(differences),
        }
    }
}

/// Returns the two-sided p-value of Student's paired t-test (Student, 1908).
///
/// 1 when the mean difference is 0, 0 when all differences are equal otherwise, NaN with fewer than two differences.
///
/// ```
/// use irgan::evaluation::significance::paired_t_test;
///
/// // t = 2 / (1/√3) = 3.4641 with 2 degrees of freedom.
/// assert!((paired_t_test(&[1.0, 2.0, 3.0]) - 0.0742).abs() < 1e-4);
/// ```
pub fn paired_t_test(differences: &[f64]) -> f64 {
    let Some(distribution) = student(differences.len()) else { return f64::NAN };
    let (mean, deviation) = moments(differences);
    if mean == 0.0 {
        return 1.0;
    }
    let t = mean / (deviation / (differences.len() as f64).sqrt());
    if t.is_infinite() { 0.0 } else { 2.0 * distribution.sf(t.abs()) }
}

/// Most queries for which all sign patterns are enumerated.
const ENUMERATED: usize = 16;
/// Number of sign patterns drawn for more queries than [`ENUMERATED`].
const DRAWS: u32 = 100_000;

/// Returns the two-sided p-value of Fisher's randomisation test (Fisher, 1935; Smucker et al., 2007): the share of sign
/// patterns of the differences whose mean is at least as far from 0 as the observed one.
///
/// The value is exact, by enumeration, for up to 16 differences other than 0. For more, m = 100,000 patterns are drawn
/// from `seed`; with b of them as extreme, the estimate is `(b + 1) / (m + 1)`, which keeps the test valid (Davison &
/// Hinkley, 1997). NaN without differences.
///
/// ```
/// use irgan::evaluation::significance::fisher_randomisation;
///
/// // Of the 8 sign patterns only +++ and −−− reach a sum of 6.
/// assert_eq!(fisher_randomisation(&[1.0, 2.0, 3.0], 0), 0.25);
/// ```
pub fn fisher_randomisation(differences: &[f64], seed: u64) -> f64 {
    if differences.is_empty() {
        return f64::NAN;
    }
    let changed: Vec<f64> = differences.iter().copied().filter(|&difference| difference != 0.0).collect();
    let observed = total(changed.iter().copied()).abs();
    // Sums that are equal but for rounding count as equal.
    let threshold = observed - 1e-12 * total(changed.iter().map(|difference| difference.abs()));
    let extreme = |signs: u64| flipped_sum(&changed, signs).abs() >= threshold;
    if changed.len() <= ENUMERATED {
        let patterns = 1u64 << changed.len();
        return (0..patterns).filter(|&signs| extreme(signs)).count() as f64 / patterns as f64;
    }
    let mut rng = Stream::new(seed).named("fisher randomisation").rng();
    let extremes = (0..DRAWS).filter(|_| random_sum(&changed, &mut rng).abs() >= threshold).count();
    (extremes + 1) as f64 / f64::from(DRAWS + 1)
}

/// Sums the differences after a change of sign of each whose bit in `signs` is set.
fn flipped_sum(differences: &[f64], signs: u64) -> f64 {
    // The sign is the highest bit; flipping that bit needs no branch.
    let flipped =
        |(bit, difference): (usize, &f64)| f64::from_bits(difference.to_bits() ^ ((signs >> bit & 1) << 63));
    total(differences.iter().enumerate().map(flipped))
}

/// Sums the differences with random signs, 64 signs a draw.
fn random_sum(differences: &[f64], rng: &mut impl Rng) -> f64 {
    total(differences.chunks(64).map(|chunk| flipped_sum(chunk, rng.random())))
}

/// Most differences for which the exact distribution of the rank sum is computed.
const COUNTED: usize = 50;

/// Returns the two-sided p-value of Wilcoxon's signed-rank test (Wilcoxon, 1945).
///
/// Differences of 0 are left out, and differences of equal size share their mean rank. The value is exact for up to 50
/// differences without ties; otherwise it is the normal approximation with corrections for ties and for continuity
/// (Hollander & Wolfe, 1999, section 3.1). 1 when all differences are 0, NaN without differences.
///
/// ```
/// use irgan::evaluation::significance::wilcoxon;
///
/// // Only the largest and the smallest of the 8 rank sums are as extreme.
/// assert_eq!(wilcoxon(&[1.0, 2.0, 3.0]), 0.25);
/// ```
pub fn wilcoxon(differences: &[f64]) -> f64 {
    if differences.is_empty() {
        return f64::NAN;
    }
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|&difference| difference != 0.0).collect();
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = sorted.len();
    if n == 0 {
        return 1.0;
    }
    let (mut positive, mut ties, mut next) = (0.0, 0.0, 1.0);
    for group in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
        let size = group.len() as f64;
        let rank = next + (size - 1.0) / 2.0;
        positive += rank * group.iter().filter(|&&difference| difference > 0.0).count() as f64;
        ties += size * size * size - size;
        next += size;
    }
    let all = (n * (n + 1) / 2) as f64;
    if ties == 0.0 && n <= COUNTED {
        return exact_signed_rank(n, positive.min(all - positive) as usize);
    }
    let count = n as f64;
    let variance = count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - ties / 48.0;
    let z = ((positive - all / 2.0).abs() - 0.5).max(0.0) / variance.sqrt();
    2.0 * Normal::standard().sf(z)
}

/// Returns twice the probability that the ranks 1 to `n`, each counted by a fair coin, sum to at most `statistic`.
fn exact_signed_rank(n: usize, statistic: usize) -> f64 {
    // ways[s] is the share of all sign patterns whose positive ranks add up to s.
    let mut ways = vec![0.0; n * (n + 1) / 2 + 1];
    ways[0] = 1.0;
    for rank in 1..=n {
        for sum in (0..ways.len()).rev() {
            let with = if sum >= rank { ways[sum - rank] } else { 0.0 };
            ways[sum] = (ways[sum] + with) / 2.0;
        }
    }
    (2.0 * total(ways[..=statistic].iter().copied())).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Nine differences of different sizes, such as of nDCG.
    const NINE: [f64; 9] = [0.12, -0.03, 0.25, 0.07, 0.01, -0.09, 0.18, 0.05, 0.31];

    // Reference values: scripts/reference_significance.py (SciPy 1.17.1).
    #[test]
    fn agrees_with_scipy_on_a_small_sample() {
        assert_relative_eq!(paired_t_test(&NINE), 0.05811508334251098, max_relative = 1e-9);
        assert_relative_eq!(wilcoxon(&NINE), 0.07421875, max_relative = 1e-12);
        assert_relative_eq!(fisher_randomisation(&NINE, 0), 0.06640625, max_relative = 1e-12);
    }

    /// Returns 80 differences with ties and zeros: (i · 37 mod 41 − 17) / 100 for i = 0..80.
    fn eighty() -> Vec<f64> {
        (0..80).map(|i| f64::from(i * 37 % 41 - 17) / 100.0).collect()
    }

    #[test]
    fn agrees_with_scipy_on_a_large_sample_with_ties() {
        let eighty = eighty();
        assert_relative_eq!(paired_t_test(&eighty), 0.01335265297999432, max_relative = 1e-9);
        assert_relative_eq!(wilcoxon(&eighty), 0.017718865648445426, max_relative = 1e-9);
        // Two Monte Carlo estimates with 100,000 draws: three standard errors of their difference.
        assert!((fisher_randomisation(&eighty, 7) - 0.014419855801441986).abs() < 0.003);
    }

    #[test]
    fn wilcoxon_equals_enumeration() {
        let sizes: Vec<f64> = (1..=10).map(f64::from).collect();
        for observed in [0b11_0100_1011u32, 0b11_1111_1110, 0b11_1111_1111, 0b01_0101_0101] {
            let signed = |signs: u32| -> Vec<f64> {
                sizes
                    .iter()
                    .enumerate()
                    .map(|(bit, size)| if signs >> bit & 1 == 1 { *size } else { -size })
                    .collect()
            };
            let distance = |signs: u32| (signed(signs).iter().sum::<f64>()).abs();
            let extreme = (0..1024).filter(|&signs| distance(signs) >= distance(observed)).count();
            assert_relative_eq!(wilcoxon(&signed(observed)), extreme as f64 / 1024.0, max_relative = 1e-12);
        }
    }

    #[test]
    fn randomisation_is_exact_for_few_queries() {
        // Only +++ and −−− of the 8 patterns reach |6|.
        assert_eq!(fisher_randomisation(&[1.0, 2.0, 3.0], 0), 0.25);
        // Zeros change nothing.
        assert_eq!(fisher_randomisation(&[1.0, 0.0, 2.0, 0.0, 3.0], 0), 0.25);
    }

    #[test]
    fn drawn_patterns_approximate_enumeration_and_repeat_by_seed() {
        let seventeen: Vec<f64> =
            (1..=17).map(|i| f64::from(i * 5 % 17) - 6.0).filter(|&d| d != 0.0).chain([1.0, 2.0]).collect();
        assert!(seventeen.len() > ENUMERATED);
        let threshold = total(seventeen.iter().copied()).abs() - 1e-9;
        let patterns = 1u64 << seventeen.len();
        let extreme =
            (0..patterns).filter(|&signs| flipped_sum(&seventeen, signs).abs() >= threshold).count();
        let exact = extreme as f64 / patterns as f64;
        let drawn = fisher_randomisation(&seventeen, 3);
        assert!((drawn - exact).abs() < 0.005, "{drawn} {exact}");
        assert_eq!(drawn, fisher_randomisation(&seventeen, 3));
        assert_ne!(drawn, fisher_randomisation(&seventeen, 4));
    }

    #[test]
    fn equal_runs_have_p_value_one() {
        for test in [Test::Fisher, Test::T, Test::Wilcoxon] {
            assert_eq!(test.p_value(&[0.0; 20], 1), 1.0, "{test:?}");
            assert!(test.p_value(&[], 1).is_nan(), "{test:?}");
        }
        assert_eq!(paired_t_test(&[0.5, 0.5, 0.5]), 0.0);
    }
}
