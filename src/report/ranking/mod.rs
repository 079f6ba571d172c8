//! Report of rankings: players against baselines and placebo rewards on the validation data.

mod curves;
mod findings;
mod gains;
mod tables;

use super::diagnostics::game_diagnostics;
use super::plot::Chart;
use super::run::{Run, rankings};
use super::sections::{circumstances, opening};

/// Returns the page about runs of `irgan`.
pub(super) fn page(runs: &[Run]) -> String {
    let mut page = opening("irgan", runs);
    for (run, results) in rankings(runs) {
        findings::add(&mut page, runs, run, results);
    }
    circumstances(&mut page, runs, |run| {
        run.ranking().map(|results| (results.version.as_str(), &results.data))
    });
    tables::add(&mut page, runs);
    page.figures(
        "Gains and losses by query",
        "The chosen ranker minus the best baseline on each validation query.",
        rankings(runs).map(|(run, results)| gains::picture(runs, run, results)),
    );
    page.figures(
        "Learning curves",
        "Validation values by which rounds and epochs are chosen.",
        curves::learning(runs),
    );
    page.figures("The reward against its placebos", "", curves::placebos(runs));
    game_diagnostics(&mut page, runs);
    page.finish()
}

/// Returns the chart that sums a report up: the players over the rounds, with the best baseline.
pub(super) fn main_chart(runs: &[Run]) -> Chart {
    curves::players(runs)
}
