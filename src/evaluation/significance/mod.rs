//! Significance tests, effect sizes and corrections for the difference between two systems.
//!
//! All tests are paired: they take the differences of two systems on the same queries and return a two-sided p-value.
//! Smucker, Allan & Carterette (2007) compare the tests for retrieval and recommend the randomisation test or the t-test.

mod correction;
mod effect;
mod paired;

pub use correction::{Correction, adjust};
pub use effect::{Effect, detectable_difference, effect};
pub use paired::{Test, fisher_randomisation, paired_t_test, wilcoxon};

/// Sums values in the given order, starting from positive zero.
fn total(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |sum, value| sum + value)
}

/// Returns mean and standard deviation (with n − 1); the deviation of a single value is 0.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = total(values.iter().copied()) / n;
    let squares = total(values.iter().map(|value| (value - mean).powi(2)));
    (mean, if values.len() < 2 { 0.0 } else { (squares / (n - 1.0)).sqrt() })
}
