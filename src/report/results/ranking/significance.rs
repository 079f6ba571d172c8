//! Significance of the chosen ranker's gain over each baseline.

use serde::{Deserialize, Serialize};

use crate::evaluation::significance::{
    Correction, adjust, detectable_difference, effect, fisher_randomisation,
};
use crate::files::json_file;
use crate::ranking::{ComparisonRow, Method};

/// Chosen ranker against a baseline over the validation queries, by the choosing measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgainstBaseline {
    /// Method of the baseline.
    pub baseline: Method,
    /// Mean of the chosen ranker minus that of the baseline.
    #[serde(deserialize_with = "json_file::number")]
    pub gain: f64,
    /// Lower end of the 95 % confidence interval of the gain (Student's t).
    #[serde(deserialize_with = "json_file::number")]
    pub low: f64,
    /// Upper end of the 95 % confidence interval of the gain.
    #[serde(deserialize_with = "json_file::number")]
    pub high: f64,
    /// P-value of the two-sided Fisher randomisation test.
    #[serde(deserialize_with = "json_file::number")]
    pub p_value: f64,
    /// P-value after Holm's correction for the number of baselines.
    #[serde(deserialize_with = "json_file::number")]
    pub p_holm: f64,
    /// Numbers of queries where the chosen ranker is better, equal and worse.
    pub wins_ties_losses: [usize; 3],
    /// Smallest true difference that these queries would show with probability 0.8.
    #[serde(deserialize_with = "json_file::number")]
    pub resolvable: f64,
}

/// Returns the significance of the winner's gain over every baseline, with Holm's correction; `seed` draws the
/// randomisation tests.
pub(super) fn against_every<'a>(
    winner: &ComparisonRow,
    baselines: impl Iterator<Item = &'a ComparisonRow>,
    seed: u64,
) -> Vec<AgainstBaseline> {
    let mut rows: Vec<_> = baselines.map(|baseline| against(winner, baseline, seed)).collect();
    let p_values: Vec<f64> = rows.iter().map(|row| row.p_value).collect();
    for (row, p) in rows.iter_mut().zip(adjust(&p_values, Correction::Holm)) {
        row.p_holm = p;
    }
    rows
}

/// Returns the differences other − base of the queries that both have a value of, with the queries' numbers.
pub(in crate::report) fn differences(base: &ComparisonRow, other: &ComparisonRow) -> Vec<(usize, f64)> {
    let pairs = base.by_query.iter().zip(&other.by_query).enumerate();
    pairs.filter_map(|(query, (base, other))| Some((query, (*other)? - (*base)?))).collect()
}

fn against(winner: &ComparisonRow, baseline: &ComparisonRow, seed: u64) -> AgainstBaseline {
    let differences: Vec<f64> = differences(baseline, winner).into_iter().map(|(_, d)| d).collect();
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|&&d| holds(d)).count();
    let found = effect(&differences, 0.95);
    let p_value = fisher_randomisation(&differences, seed);
    AgainstBaseline {
        baseline: baseline.method,
        gain: found.mean,
        low: found.low,
        high: found.high,
        p_value,
        p_holm: p_value,
        wins_ties_losses: [count(|d| d > 0.0), count(|d| d == 0.0), count(|d| d < 0.0)],
        resolvable: detectable_difference(&differences, 0.05, 0.8),
    }
}
