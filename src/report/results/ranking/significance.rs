//! Significance of the chosen ranker's gain over each baseline.

use serde::{Deserialize, Serialize};

use super::competitor::Competitor;
use crate::evaluation::significance::{
    Correction, adjust, detectable_difference, effect, fisher_randomisation,
};
use crate::files::json_file;
use crate::ranking::ComparisonRow;

/// Chosen ranker against a baseline, or a reference such as BM25, over the validation queries, by the choosing measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgainstBaseline {
    /// Name of the baseline's row: its method, or that of a reference.
    pub baseline: String,
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
    competitors: impl Iterator<Item = Competitor<'a>>,
    seed: u64,
) -> Vec<AgainstBaseline> {
    let mut rows: Vec<_> = competitors.map(|competitor| against(winner, competitor, seed)).collect();
    let p_values: Vec<f64> = rows.iter().map(|row| row.p_value).collect();
    for (row, p) in rows.iter_mut().zip(adjust(&p_values, Correction::Holm)) {
        row.p_holm = p;
    }
    rows
}

/// Returns the differences other − base of the queries that both have a value of, with the queries' numbers.
pub(in crate::report) fn differences(base: &[Option<f64>], other: &[Option<f64>]) -> Vec<(usize, f64)> {
    let pairs = base.iter().zip(other).enumerate();
    pairs.filter_map(|(query, (base, other))| Some((query, (*other)? - (*base)?))).collect()
}

fn against(winner: &ComparisonRow, competitor: Competitor, seed: u64) -> AgainstBaseline {
    let differences: Vec<f64> =
        differences(competitor.by_query(), &winner.by_query).into_iter().map(|(_, d)| d).collect();
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|&&d| holds(d)).count();
    let found = effect(&differences, 0.95);
    let p_value = fisher_randomisation(&differences, seed);
    AgainstBaseline {
        baseline: competitor.name(),
        gain: found.mean,
        low: found.low,
        high: found.high,
        p_value,
        p_holm: p_value,
        wins_ties_losses: [count(|d| d > 0.0), count(|d| d == 0.0), count(|d| d < 0.0)],
        resolvable: detectable_difference(&differences, 0.05, 0.8),
    }
}
