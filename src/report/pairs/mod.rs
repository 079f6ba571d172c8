//! Report of a training on pairs: systems side by side, their answers, and what the decoder looked at.

mod attention;

use super::curves::{by_phase, likelihood, picture};
use super::diagnostics::{game_diagnostics, games};
use super::page::{Page, Tone, table};
use super::plot::{Chart, Picture};
use super::run::{Run, on_pairs};
use super::sections::{circumstances, opening};
use crate::game::metric;

/// Pictures of the games: title, metric and name of the y axis.
const GAME: [(&str, &str, &str); 5] = [
    ("Likelihood of real answers in the games", metric::NLL_VALID, "NLL, nats a token"),
    ("Distinct words in the games", metric::DISTINCT_1, "distinct-1"),
    ("Distinct pairs of words in the games", metric::DISTINCT_2, "distinct-2"),
    ("Length of answers in the games", metric::LENGTH, "words"),
    ("Accuracy of the judge on held-out pairs", metric::D_HELD_OUT, "accuracy"),
];

/// Returns the page about runs of `seqgan` on pairs.
pub(super) fn page(runs: &[Run]) -> String {
    let mut page = opening("seqgan", runs);
    for (run, results) in on_pairs(runs) {
        if !results.collapses.is_empty() {
            let title = format!("{}: a system collapsed.", run.name);
            page.note(Tone::Bad, &title, &results.collapses.join("\n"));
        }
    }
    circumstances(&mut page, runs, |run| {
        run.pairs().map(|results| (results.version.as_str(), &results.data))
    });
    tables(&mut page, runs);
    attention::add(&mut page, runs);
    page.figures("Learning curves", "", learning(runs));
    game_diagnostics(&mut page, runs);
    page.finish()
}

/// Returns the chart that sums a report up: the likelihood of real answers over the epochs of maximum likelihood.
pub(super) fn main_chart(runs: &[Run]) -> Chart {
    likelihood(runs)
}

fn learning(runs: &[Run]) -> Vec<Option<Picture>> {
    let games = games(runs);
    let of_games = |(title, metric, y): (&str, &str, &str)| {
        let caption = "Every system begins with the model of maximum likelihood.";
        picture(runs, (title, caption), y, "round", &by_phase(&games, metric))
    };
    std::iter::once(likelihood(runs).picture()).chain(GAME.map(of_games)).collect()
}

fn tables(page: &mut Page, runs: &[Run]) {
    let measures: Vec<String> = on_pairs(runs)
        .map(|(run, results)| {
            let caption = format!("{}: systems on {} validation sources", run.name, results.sources);
            table(&caption, &results.table(), |_| false)
        })
        .collect();
    if measures.is_empty() {
        return;
    }
    page.section("Systems");
    page.tables(&measures);
    page.section("Answers");
    page.paragraph("To the first validation sources, not selected.");
    let answers: Vec<String> =
        on_pairs(runs).map(|(run, results)| table(&run.name, &results.answer_table(), |_| false)).collect();
    page.tables(&answers);
}
