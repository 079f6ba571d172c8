//! Corrections of p-values for several comparisons on the same data.

use serde::Deserialize;

/// Correction of a family of p-values for its size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Correction {
    /// Holm's step-down procedure (1979), which controls the same error as Bonferroni's and is never weaker.
    #[default]
    Holm,
    /// Bonferroni's: every p-value times the number of p-values (Dunn, 1961).
    Bonferroni,
    /// No correction.
    None,
}

/// Returns the corrected p-values, in the given order. NaN values stay NaN and do not count.
///
/// ```
/// use irgan::evaluation::significance::{Correction, adjust};
///
/// // Sorted 0.01, 0.02, 0.04: times 3, 2, 1 = 0.03, 0.04, 0.04.
/// assert_eq!(adjust(&[0.04, 0.01, 0.02], Correction::Holm), [0.04, 0.03, 0.04]);
/// ```
pub fn adjust(p_values: &[f64], correction: Correction) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|&i| !p_values[i].is_nan()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = p_values.to_vec();
    let (count, mut largest) = (order.len(), 0.0);
    for (step, &index) in order.iter().enumerate() {
        let factor = match correction {
            Correction::Holm => count - step,
            Correction::Bonferroni => count,
            Correction::None => 1,
        };
        largest = (p_values[index] * factor as f64).min(1.0).max(largest);
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_never_decreases_and_stops_at_one() {
        // Sorted 1/4, 5/16, 1/2: times 3, 2, 1 = 3/4, 5/8, 1/2, raised to 3/4 each.
        assert_eq!(adjust(&[0.5, 0.25, 0.3125], Correction::Holm), [0.75, 0.75, 0.75]);
        assert_eq!(adjust(&[0.5, 0.9], Correction::Holm), [1.0, 1.0]);
    }

    #[test]
    fn bonferroni_multiplies() {
        assert_eq!(adjust(&[0.125, 0.25, 0.5], Correction::Bonferroni), [0.375, 0.75, 1.0]);
        assert_eq!(adjust(&[0.125, 0.25], Correction::None), [0.125, 0.25]);
    }

    #[test]
    fn missing_values_do_not_count() {
        let adjusted = adjust(&[f64::NAN, 0.25], Correction::Bonferroni);
        assert!(adjusted[0].is_nan() && adjusted[1] == 0.25);
    }
}
