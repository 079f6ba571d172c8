//! Tables of the comparison on the validation data.

use crate::evaluation::Table;
use crate::report::page::{Page, table};
use crate::report::results::RankingResults;
use crate::report::run::{Run, rankings};
use crate::report::sections::{Difference, differences};

/// Adds the comparison of every finished run, and its significance.
pub(super) fn add(page: &mut Page, runs: &[Run]) {
    let all: Vec<_> = rankings(runs).collect();
    if all.is_empty() {
        return;
    }
    page.section("Comparison on the validation data");
    page.paragraph(
        "Epochs, rounds and the player were chosen by the first measure on these same queries, so that all values are \
         somewhat too high; a comparison on test data is made by irgan rank, eval and compare.",
    );
    page.tables(&all.iter().map(|(run, results)| comparison(run, results)).collect::<Vec<_>>());
    page.tables(&all.iter().map(|(run, results)| significance(run, results)).collect::<Vec<_>>());
}

fn comparison(run: &Run, results: &RankingResults) -> String {
    let rows = results.rows();
    let is_winner = |row: usize| rows.get(row).is_some_and(|row| row.chosen);
    let caption = format!(
        "{}: best rounds and epochs; * is the chosen ranker, (best) the best that can rank",
        run.name
    );
    table(&caption, &results.table(), is_winner)
}

fn significance(run: &Run, results: &RankingResults) -> String {
    let Some(measure) = results.measures.first().filter(|_| !results.against_baselines.is_empty()) else {
        return String::new();
    };
    let caption = format!("{}: the chosen ranker against each baseline, {measure}", run.name);
    table(&caption, &against_baselines(results), |_| false)
}

fn against_baselines(results: &RankingResults) -> Table {
    differences(
        "baseline",
        results.against_baselines.iter().map(|row| Difference {
            name: &row.baseline,
            scores: [row.gain, row.low, row.high, row.p_value, row.p_holm],
            wins_ties_losses: row.wins_ties_losses,
            resolvable: row.resolvable,
        }),
    )
}
