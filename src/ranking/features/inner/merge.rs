//! The comparisons of all folds as one: every query stands in it once.

use std::collections::HashMap;

use crate::evaluation::significance::fisher_randomisation;
use crate::game::RewardSource;
use crate::ranking::features::VectorScorer;
use crate::ranking::{ComparisonRow, Method, Networks, PlaceboOutcome, Player, RefitPlan, Snapshot, Trained};

/// Joins the comparisons of `folds`, of which each has held out other queries. A row that a fold lacks is left out; the step of a row is the median
/// of the folds'. The model is that of the first.
///
/// # Panics
/// Without a fold.
pub(super) fn merged(
    folds: Vec<Trained<Networks<VectorScorer>>>,
    seed: u64,
) -> Trained<Networks<VectorScorer>> {
    let of_row = |first: &ComparisonRow| -> Option<ComparisonRow> {
        let found = |fold: &Trained<Networks<VectorScorer>>| {
            fold.contenders.iter().find(|row| row.is_like(first)).cloned()
        };
        let rows: Vec<ComparisonRow> = folds.iter().map(found).collect::<Option<_>>()?;
        Some(joined(rows))
    };
    let contenders: Vec<ComparisonRow> =
        folds.first().map_or(vec![], |fold| fold.contenders.iter().filter_map(of_row).collect());
    let warnings = distinct(folds.iter().flat_map(|fold| &fold.warnings));
    let plans: Vec<&RefitPlan> = folds.iter().map(|fold| &fold.plan).collect();
    let game = plans.first().and_then(|plan| plan.game).map(|(_, player)| (0, player));
    let plan = RefitPlan { epochs: epochs(&plans), game };
    let controls = folds.first().map_or(vec![], |fold| {
        fold.controls.iter().map(|first| outcome(&folds, first.control, seed)).collect()
    });
    let model = folds[0].model.clone();
    Trained {
        model,
        baselines: vec![],
        queries: folds.iter().flat_map(|fold| fold.queries.clone()).collect(),
        controls,
        failure: folds.iter().find_map(|fold| fold.failure.clone()),
        warnings,
        plan,
        contenders,
    }
}

/// One row of those of all folds.
fn joined(rows: Vec<ComparisonRow>) -> ComparisonRow {
    let counts: Vec<f64> = rows.iter().map(|row| row.by_query.iter().flatten().count() as f64).collect();
    let total: f64 = counts.iter().sum::<f64>().max(1.0);
    let value = |measure: usize| {
        let weighted = rows.iter().zip(&counts).filter(|&(_, &count)| count > 0.0);
        weighted.map(|(row, count)| row.values[measure] * count / total).sum::<f64>()
    };
    ComparisonRow {
        values: (0..rows[0].values.len()).map(value).collect(),
        step: median(rows.iter().map(|row| row.step).collect()),
        by_query: rows.iter().flat_map(|row| row.by_query.clone()).collect(),
        scores: rows.iter().flat_map(|row| row.scores.clone()).collect(),
        ..rows[0].clone()
    }
}

/// Outcome of the games with one placebo reward: on every fold against the player that was chosen there.
fn outcome(folds: &[Trained<Networks<VectorScorer>>], control: RewardSource, seed: u64) -> PlaceboOutcome {
    let mut differences: Vec<f64> = vec![];
    for fold in folds {
        let row = |state, player: Option<Player>| {
            let mut rows = fold.contenders.iter();
            rows.find(|row| row.state == state && player.is_none_or(|player| row.player == player))
        };
        let Some(placebo) = row(Snapshot::Control(control), None) else { continue };
        let Some(real) = row(Snapshot::Best, Some(placebo.player)) else { continue };
        let pairs = real.by_query.iter().zip(&placebo.by_query);
        differences.extend(pairs.filter_map(|(real, placebo)| Some((*real)? - (*placebo)?)));
    }
    let failed =
        folds.iter().flat_map(|fold| &fold.controls).any(|other| other.control == control && other.failed);
    PlaceboOutcome {
        control,
        gain: differences.iter().sum::<f64>() / differences.len().max(1) as f64,
        p_value: fisher_randomisation(&differences, seed),
        failed,
    }
}

/// Returns every warning once.
pub(in crate::ranking::features) fn distinct<'a>(warnings: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut known: Vec<String> = vec![];
    for warning in warnings {
        if !known.contains(warning) {
            known.push(warning.clone());
        }
    }
    known
}

/// Middle one of some numbers; the lower of two.
pub(in crate::ranking::features) fn median(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

/// Medians of the epochs that were best on each fold.
fn epochs(folds: &[&RefitPlan]) -> HashMap<Method, usize> {
    let mut all: HashMap<_, Vec<usize>> = HashMap::new();
    for (&method, &epochs) in folds.iter().flat_map(|plan| &plan.epochs) {
        all.entry(method).or_default().push(epochs);
    }
    all.into_iter().map(|(method, epochs)| (method, median(epochs))).collect()
}
