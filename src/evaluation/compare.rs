//! Two or more evaluations side by side: differences, their uncertainty and their significance.

use super::Evaluation;
use super::significance::{Correction, Effect, Test, adjust, detectable_difference, effect};

/// How to compare.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The paired test.
    pub test: Test,
    /// The correction over all pairs that are compared on one measure.
    pub correction: Correction,
    /// The seed of the randomisation test.
    pub seed: u64,
    /// The level α: intervals have confidence 1 − α, resolvable differences level α and power 0.8.
    pub alpha: f64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { test: Test::default(), correction: Correction::default(), seed: 0, alpha: 0.05 }
    }
}

/// How one run differs from another on one measure, over the queries where both have a value.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The index of the measure.
    pub measure: usize,
    /// The index of the run that is taken as given.
    pub base: usize,
    /// The index of the run that is compared with it.
    pub other: usize,
    /// How many queries both have.
    pub queries: usize,
    /// The mean of the base run over these queries.
    pub base_mean: f64,
    /// The mean of the other run over these queries.
    pub other_mean: f64,
    /// The difference, other − base.
    pub effect: Effect,
    /// The two-sided p-value.
    pub p_value: f64,
    /// The p-value after the correction.
    pub adjusted: f64,
    /// Queries where the other run is better, equal and worse.
    pub wins_ties_losses: [usize; 3],
    /// The smallest true difference that these queries would show with probability 0.8.
    pub resolvable: f64,
}

/// Compares pairs `(base, other)` of evaluations, on every measure. All evaluations must have
/// been made with the same measures. Ordered by measure, then as the pairs are given.
pub fn compare(evaluations: &[Evaluation], pairs: &[(usize, usize)], plan: &Plan) -> Vec<Comparison> {
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

fn pair(evaluations: &[Evaluation], measure: usize, base: usize, other: usize, plan: &Plan) -> Comparison {
    let values = paired_values(&evaluations[base], &evaluations[other], measure);
    let differences: Vec<f64> = values.iter().map(|(base, other)| other - base).collect();
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|&&difference| holds(difference)).count();
    let aggregate = &evaluations[base].measures[measure];
    let p_value = plan.test.p_value(&differences, plan.seed);
    Comparison {
        measure,
        base,
        other,
        queries: values.len(),
        base_mean: aggregate.aggregate(values.iter().map(|&(base, _)| base)),
        other_mean: aggregate.aggregate(values.iter().map(|&(_, other)| other)),
        effect: effect(&differences, 1.0 - plan.alpha),
        p_value,
        adjusted: p_value,
        wins_ties_losses: [count(|d| d > 0.0), count(|d| d == 0.0), count(|d| d < 0.0)],
        resolvable: detectable_difference(&differences, plan.alpha, 0.8),
    }
}

/// The values of the queries that both evaluations have, in query order; both are sorted by id.
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
