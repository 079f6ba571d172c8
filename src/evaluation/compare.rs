//! Comparison of evaluations: differences, their uncertainty and their significance.

use super::Evaluation;
use super::significance::{Correction, Effect, Test, adjust, detectable_difference, effect};
use crate::error::{Result, require};

/// Plan of a comparison: test, correction, seed and level.
#[derive(Clone, Copy, Debug)]
pub struct ComparisonPlan {
    /// Paired test.
    pub test: Test,
    /// Correction over all pairs that are compared by one measure.
    pub correction: Correction,
    /// Seed of the randomisation test.
    pub seed: u64,
    /// Level α of intervals (of confidence 1 − α) and of resolvable differences (with power 0.8).
    pub alpha: f64,
}

impl ComparisonPlan {
    /// Checks that the level lies between 0 and 1.
    ///
    /// # Errors
    /// When it does not.
    pub fn validate(&self) -> Result<()> {
        require(self.alpha > 0.0 && self.alpha < 1.0, || {
            format!("`compare.alpha`: expected a number between 0 and 1, found {}", self.alpha)
        })
    }
}

impl Default for ComparisonPlan {
    fn default() -> Self {
        Self { test: Test::default(), correction: Correction::default(), seed: 0, alpha: 0.05 }
    }
}

/// Difference between two runs by one measure, over the queries for which both have a value.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Index of the measure.
    pub measure: usize,
    /// Index of the base run.
    pub base: usize,
    /// Index of the run that is compared with the base run.
    pub other: usize,
    /// Number of queries for which both runs have a value.
    pub queries: usize,
    /// Mean of the base run over the common queries, also of counts.
    pub base_mean: f64,
    /// Mean of the other run over the common queries.
    pub other_mean: f64,
    /// Difference by query, other − base; of a geometric mean, that of the logarithms.
    pub effect: Effect,
    /// Two-sided p-value before the correction.
    pub p_value: f64,
    /// Two-sided p-value after the correction.
    pub adjusted: f64,
    /// Number of queries on which the other run is better, equal and worse.
    pub wins_ties_losses: [usize; 3],
    /// Smallest true difference that a test on the common queries detects with probability 0.8.
    pub resolvable: f64,
}

/// Compares pairs `(base, other)` of evaluations by every measure: `[measures · pairs]`, ordered by measure, then by pair.
///
/// All evaluations must have been made with the same measures.
///
/// ```
/// use irgan::evaluation::{ComparisonPlan, Measure, Options, Qrels, RunFile, compare, evaluate};
///
/// let qrels = Qrels::from_bytes("qrels", b"q1 0 d1 1\nq2 0 d1 1\n".to_vec())?;
/// let measures: Vec<Measure> = vec!["RR".parse()?];
/// let run = |name: &str, lines: &str| {
///     evaluate(&qrels, &RunFile::from_bytes(name, lines.as_bytes().to_vec()), &measures, &Options::default())
/// };
/// let first = run("first", "q1 Q0 d2 1 2 t\nq1 Q0 d1 2 1 t\nq2 Q0 d1 1 1 t\n")?; // RR 1/2 and 1
/// let second = run("second", "q1 Q0 d1 1 2 t\nq2 Q0 d1 1 1 t\n")?; // RR 1 and 1
///
/// let comparison = &compare(&[first, second], &[(0, 1)], &ComparisonPlan::default())[0];
/// assert_eq!((comparison.base_mean, comparison.other_mean), (0.75, 1.0));
/// assert_eq!(comparison.wins_ties_losses, [1, 1, 0]);
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn compare(
    evaluations: &[Evaluation],
    pairs: &[(usize, usize)],
    plan: &ComparisonPlan,
) -> Vec<Comparison> {
    let measures = evaluations.first().map_or(0, |evaluation| evaluation.measures.len());
    let mut comparisons = Vec::new();
    for measure in 0..measures {
        let one = |&(base, other): &(usize, usize)| pair(evaluations, measure, base, other, plan);
        let mut family: Vec<Comparison> = pairs.iter().map(one).collect();
        let p_values: Vec<f64> = family.iter().map(|comparison| comparison.p_value).collect();
        for (comparison, adjusted) in family.iter_mut().zip(adjust(&p_values, plan.correction)) {
            comparison.adjusted = adjusted;
        }
        comparisons.append(&mut family);
    }
    comparisons
}

/// Returns the pairs `(base, other)` that compare the first of `runs` with each of the others, or every run with all behind it.
///
/// ```
/// use irgan::evaluation::pairs;
///
/// assert_eq!(pairs(3, false), [(0, 1), (0, 2)]);
/// assert_eq!(pairs(3, true), [(0, 1), (0, 2), (1, 2)]);
/// ```
pub fn pairs(runs: usize, all: bool) -> Vec<(usize, usize)> {
    let bases = if all { runs } else { runs.min(1) };
    (0..bases).flat_map(|base| (base + 1..runs).map(move |other| (base, other))).collect()
}

/// Compares one pair by one measure, without a correction.
fn pair(
    evaluations: &[Evaluation],
    measure: usize,
    base: usize,
    other: usize,
    plan: &ComparisonPlan,
) -> Comparison {
    let values = paired_values(&evaluations[base], &evaluations[other], measure);
    let aggregate = &evaluations[base].measures[measure];
    let differences: Vec<f64> =
        values.iter().map(|&(base, other)| aggregate.difference(base, other)).collect();
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|&&difference| holds(difference)).count();
    // Of counts the means are compared, as differences are taken by query.
    let queries = if aggregate.is_count() { values.len().max(1) as f64 } else { 1.0 };
    let p_value = plan.test.p_value(&differences, plan.seed);
    Comparison {
        measure,
        base,
        other,
        queries: values.len(),
        base_mean: aggregate.aggregate(values.iter().map(|&(base, _)| base)) / queries,
        other_mean: aggregate.aggregate(values.iter().map(|&(_, other)| other)) / queries,
        effect: effect(&differences, 1.0 - plan.alpha),
        p_value,
        adjusted: p_value,
        wins_ties_losses: [count(|d| d > 0.0), count(|d| d == 0.0), count(|d| d < 0.0)],
        resolvable: detectable_difference(&differences, plan.alpha, 0.8),
    }
}

/// Returns the values `(base, other)` of the queries for which both evaluations have one, in the order of query ids.
fn paired_values(base: &Evaluation, other: &Evaluation, measure: usize) -> Vec<(f64, f64)> {
    let mut values = Vec::new();
    for (row, query) in base.queries.iter().enumerate() {
        let Ok(place) = other.queries.binary_search(query) else { continue };
        let pair = (base.values[[row, measure]], other.values[[place, measure]]);
        if !pair.0.is_nan() && !pair.1.is_nan() {
            values.push(pair);
        }
    }
    values
}
