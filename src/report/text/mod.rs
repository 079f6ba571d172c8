//! Report of text: quality against diversity, with maximum likelihood at matched quality.

mod curves;
mod findings;
mod planes;
mod samples;

use super::diagnostics::game_diagnostics;
use super::page::{Page, Tone, table};
use super::plot::Chart;
use super::results::TextResults;
use super::run::{Run, texts};
use super::sections::{circumstances, opening};

pub(super) use samples::list as sample_list;

/// Returns the page about runs of `seqgan`.
pub(super) fn page(runs: &[Run]) -> String {
    let mut page = opening("seqgan", runs);
    for (run, results) in texts(runs) {
        findings::add(&mut page, runs, run, results);
    }
    different_vocabularies(&mut page, runs);
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

/// Warns that runs of different vocabularies have likelihoods of different events.
fn different_vocabularies(page: &mut Page, runs: &[Run]) {
    let mut sizes: Vec<_> = texts(runs).map(|(run, results)| (results.vocabulary, run)).collect();
    sizes.retain(|(size, _)| *size > 0);
    if sizes.windows(2).any(|pair| pair[0].0 != pair[1].0) {
        let list: Vec<_> = sizes.iter().map(|(size, run)| format!("{}: {size} tokens", run.name)).collect();
        let text = format!(
            "{}. NLL_test is lower for fewer tokens, since every word beyond them is one and the same: do not compare it \
             between these runs. BLEU and self-BLEU compare words; unknown ones match nothing, and their share stands in \
             the column `unknown`.",
            list.join(", ")
        );
        page.note(Tone::Warn, "The vocabularies differ.", &text);
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
