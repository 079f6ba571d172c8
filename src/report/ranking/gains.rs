//! Gains and losses of the chosen ranker by query.

use super::super::results::differences;
use crate::ranking::{ComparisonRow, Snapshot};
use crate::report::plot::{Bars, Picture};
use crate::report::results::RankingResults;
use crate::report::run::Run;

/// Queries that are named with the largest gains, and with the largest losses.
const NAMED: usize = 3;

/// Returns sorted bars against the best baseline, or against the player's own start where there is none.
pub(super) fn picture(runs: &[Run], run: &Run, results: &RankingResults) -> Option<Picture> {
    let winner = results.winner()?;
    let is_start = |c: &&ComparisonRow| c.player == winner.player && c.state == Snapshot::Start;
    let (base, by_query) = match results.best_baseline() {
        Some(best) => (best.name(), best.by_query()),
        None => {
            let start = results.contenders.iter().find(is_start)?;
            (results.name(start), start.by_query.as_slice())
        }
    };
    let mut found = differences(by_query, &winner.by_query);
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let title = format!("{} minus {base}", results.name(winner));
    let bars = Bars {
        title: if runs.len() == 1 { title } else { format!("{}: {title}", run.name) },
        caption: caption(results, &found),
        y: format!("difference in {}", results.measures.first()?),
        differences: found.into_iter().map(|(_, difference)| difference).collect(),
    };
    bars.picture()
}

/// Returns counts and the queries of the largest differences; `found` is sorted, best first.
fn caption(results: &RankingResults, found: &[(usize, f64)]) -> String {
    let count = |holds: fn(f64) -> bool| found.iter().filter(|(_, d)| holds(*d)).count();
    let named = |(query, difference): &(usize, f64)| {
        let query = results.queries.get(*query).map_or("?", String::as_str);
        format!("{query} ({difference:+.3})")
    };
    let gains: Vec<String> = found.iter().filter(|(_, d)| *d > 0.0).take(NAMED).map(named).collect();
    let losses: Vec<String> = found.iter().rev().filter(|(_, d)| *d < 0.0).take(NAMED).map(named).collect();
    let list = |what: &str, queries: &[String]| match queries.is_empty() {
        true => String::new(),
        false => format!(" {what}: {}.", queries.join(", ")),
    };
    format!(
        "{} wins, {} ties, {} losses of {} queries.{}{}",
        count(|d| d > 0.0),
        count(|d| d == 0.0),
        count(|d| d < 0.0),
        found.len(),
        list("Largest gains", &gains),
        list("Largest losses", &losses)
    )
}
