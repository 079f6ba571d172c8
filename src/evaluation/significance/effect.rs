//! Size of a mean difference, its confidence interval, and the smallest difference that a test would detect.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::moments;

/// Mean difference with its standardised size and its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean of the differences.
    pub mean: f64,
    /// Cohen's d for paired data: the mean divided by the standard deviation of the differences (Cohen, 1988). 0 when all
    /// differences are 0, infinite when all are equal otherwise.
    pub cohen_dz: f64,
    /// Lower end of the confidence interval of the mean (Student's t).
    pub low: f64,
    /// Upper end of the confidence interval of the mean.
    pub high: f64,
}

/// Describes paired differences by their mean, its size and its interval of the given confidence, such as 0.95.
///
/// The ends of the interval are NaN with fewer than two differences.
///
/// ```
/// use irgan::evaluation::significance::effect;
///
/// let found = effect(&[1.0, 2.0, 3.0], 0.95); // mean 2, deviation 1, t(0.975; 2) = 4.3027
/// assert_eq!((found.mean, found.cohen_dz), (2.0, 2.0));
/// assert!((found.high - (2.0 + 4.3027 / 3f64.sqrt())).abs() < 1e-4);
/// ```
///
/// # Panics
/// When `confidence` is not between 0 and 1.
pub fn effect(differences: &[f64], confidence: f64) -> Effect {
    let (mean, deviation) = moments(differences);
    let margin = match student(differences.len()) {
        Some(t) => t.inverse_cdf((1.0 + confidence) / 2.0) * deviation / (differences.len() as f64).sqrt(),
        None => f64::NAN,
    };
    let cohen_dz = if mean == 0.0 { 0.0 } else { mean / deviation };
    Effect { mean, cohen_dz, low: mean - margin, high: mean + margin }
}

/// Returns the smallest true mean difference that a two-sided paired t-test at level `alpha` detects with probability
/// `power`: `(t(1 − α/2) + t(power)) · s / √n` (Bloom, 1995).
///
/// s is the standard deviation of the n given differences. NaN with fewer than two differences.
///
/// # Panics
/// When `alpha` or `power` is not between 0 and 1.
pub fn detectable_difference(differences: &[f64], alpha: f64, power: f64) -> f64 {
    let (_, deviation) = moments(differences);
    student(differences.len()).map_or(f64::NAN, |t| {
        (t.inverse_cdf(1.0 - alpha / 2.0) + t.inverse_cdf(power)) * deviation
            / (differences.len() as f64).sqrt()
    })
}

/// Returns Student's distribution for the mean of `n` paired differences; `None` with fewer than two.
pub(super) fn student(n: usize) -> Option<StudentsT> {
    (n > 1).then(|| StudentsT::new(0.0, 1.0, (n - 1) as f64).expect("at least one degree of freedom"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_interval_of_three_differences_is_that_worked_by_hand() {
        // Differences 1, 2, 3: mean 2, deviation 1; t(0.975; 2) = 4.302653, so 2 ± 4.302653 / √3.
        let found = effect(&[1.0, 2.0, 3.0], 0.95);
        assert_abs_diff_eq!(found.cohen_dz, 2.0, epsilon = 1e-12);
        assert_abs_diff_eq!(found.low, 2.0 - 2.484138, epsilon = 1e-5);
        assert_abs_diff_eq!(found.high, 2.0 + 2.484138, epsilon = 1e-5);
        // t(0.8; 2) = 1.060660: (4.302653 + 1.060660) / √3.
        assert_abs_diff_eq!(detectable_difference(&[1.0, 2.0, 3.0], 0.05, 0.8), 3.096510, epsilon = 1e-5);
    }

    #[test]
    fn equal_runs_have_effect_zero_and_one_query_has_no_interval() {
        let none = effect(&[0.0; 5], 0.95);
        assert_eq!((none.cohen_dz, none.low, none.high), (0.0, 0.0, 0.0));
        assert!(effect(&[0.5], 0.95).low.is_nan());
    }
}
