//! Report of text: quality against diversity, with maximum likelihood at matched quality.

mod curves;
mod findings;
mod planes;
mod samples;

use super::diagnostics::game_diagnostics;
use super::page::{Page, table};
use super::plot::Chart;
use super::results::TextResults;
use super::run::{Run, texts};
use super::sections::{circumstances, opening};

/// Returns the page about runs of `seqgan`.
pub(super) fn page(runs: &[Run]) -> String {
    let mut page = opening("seqgan", runs);
    for (run, results) in texts(runs) {
        findings::add(&mut page, runs, run, results);
    }
    circumstances(&mut page, runs, |run| run.text().map(|results| (results.version.as_str(), &results.data)));
    page.figures(
        "Quality against diversity",
        "Each line is one generator over temperatures. Any temperature below 1 buys quality with diversity: a generator \
         is better only where its line lies beyond that of maximum likelihood (mle). A ring marks temperature 1.",
        [planes::on_oracle(runs).picture(), planes::on_text(runs).picture()],
    );
    tables(&mut page, runs);
    page.figures("Learning curves", "", curves::learning(runs));
    game_diagnostics(&mut page, runs);
    samples::add(&mut page, runs);
    page.finish()
}

/// Returns the chart that sums a report up: quality against diversity, on the oracle where there is one.
pub(super) fn main_chart(runs: &[Run]) -> Chart {
    match texts(runs).any(|(_, results)| results.floor.is_some()) {
        true => planes::on_oracle(runs),
        false => planes::on_text(runs),
    }
}

fn tables(page: &mut Page, runs: &[Run]) {
    let one = |(run, results): (&Run, &TextResults)| {
        table(&format!("{}: generators over temperatures (τ)", run.name), &results.table(), |_| false)
    };
    let tables: Vec<String> = texts(runs).map(one).collect();
    if !tables.is_empty() {
        page.section("Generators over temperatures");
        page.tables(&tables);
    }
}
