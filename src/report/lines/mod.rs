//! Report of trainings of lines: the critic's estimate, words and n-grams by round, and lines.

use super::curves::{Line, level_style, series};
use super::page::{Page, Tone, table};
use super::plot::{Chart, Level, Picture};
use super::results::{LineResults, LineRow, Samples};
use super::run::{Run, on_lines};
use super::sections::{circumstances, opening};
use super::text::sample_list;
use crate::game::{metric, phase};

/// Returns the page about runs of `seqgan` on lines.
pub(super) fn page(runs: &[Run]) -> String {
    let mut page = opening("seqgan", runs);
    for (run, results) in on_lines(runs) {
        if !results.collapses.is_empty() {
            let title = format!("{}: the generator collapsed.", run.name);
            page.note(Tone::Bad, &title, &results.collapses.join("\n"));
        }
    }
    circumstances(&mut page, runs, |run| {
        run.lines().map(|results| (results.version.as_str(), &results.data))
    });
    let tables: Vec<String> =
        on_lines(runs).map(|(run, results)| table(&run.name, &results.table(), |row| row == 2)).collect();
    if !tables.is_empty() {
        page.section("Lines against the validation lines");
        page.paragraph("Real lines show what a perfect generator has. The marked row is the model, chosen by these lines.");
        page.tables(&tables);
    }
    page.figures("Learning curves", "", pictures(runs));
    samples(&mut page, runs);
    page.finish()
}

/// Returns the chart that sums a report up: the critic's estimate by round.
pub(super) fn main_chart(runs: &[Run]) -> Chart {
    chart(
        runs,
        "The critic's estimate of the divergence",
        "Of a Wasserstein critic its distance, of an ordinary one log 2 less half of its loss, which is at most 0.6931.",
        &[(metric::CRITIC_TRAIN, "training lines"), (metric::CRITIC_VALID, "validation lines")],
        |_| None,
    )
}

fn pictures(runs: &[Run]) -> Vec<Option<Picture>> {
    let js =
        [(metric::JS_1, "n = 1"), (metric::JS_2, "n = 2"), (metric::JS_3, "n = 3"), (metric::JS_4, "n = 4")];
    let charts = [
        main_chart(runs),
        chart(
            runs,
            "Divergence of n-grams from the validation lines",
            "Jensen–Shannon, in nats; the level is that of real lines for n = 4.",
            &js,
            |row| Some(row.measures.js[3]),
        ),
        chart(
            runs,
            "Share of words that stand in the training lines",
            "The level is that of real lines, whose words all do.",
            &[(metric::WORDS, "words")],
            |row| Some(row.measures.words),
        ),
        chart(
            runs,
            "Different lines",
            "Share of different lines among those drawn: near 0 when the generator writes a few lines again and again.",
            &[(metric::DISTINCT_LINES, "distinct lines")],
            |_| None,
        ),
        chart(
            runs,
            "Share of grammatical lines",
            "Lines that the grammar accepts.",
            &[(metric::GRAMMATICAL, "grammatical")],
            |_| None,
        ),
        chart(
            runs,
            "Entropy of the grammatical lines",
            "Of those among each other, in nats: 0 when one line is written again and again. The level is that of real lines.",
            &[(metric::LANGUAGE_ENTROPY, "entropy")],
            |row| row.measures.language.map(|language| language.entropy),
        ),
    ];
    charts.iter().map(Chart::picture).collect()
}

/// Returns a chart of metrics by round, with the value of real lines as a level.
fn chart(
    runs: &[Run],
    title: &str,
    caption: &str,
    metrics: &[(&'static str, &'static str)],
    level: impl Fn(&LineRow) -> Option<f64>,
) -> Chart {
    let line =
        |&(metric, name): &(&'static str, &'static str)| Line { phase: phase::ADVERSARIAL, metric, name };
    let lines: Vec<Line<'_>> = metrics.iter().map(line).collect();
    let real = |results: &LineResults| results.rows.first().and_then(&level);
    let levels = runs.iter().enumerate().filter_map(|(r, run)| {
        let value = run.lines().and_then(real)?;
        Some(Level { name: "real lines".into(), style: level_style(runs, r, 0), value })
    });
    Chart {
        title: title.into(),
        caption: caption.into(),
        x: "round",
        y: title.into(),
        series: series(runs, &lines),
        levels: levels.take(1).collect(),
        ..Chart::default()
    }
}

/// Adds lines of every source, and those of some rounds of each run.
fn samples(page: &mut Page, runs: &[Run]) {
    let mut lists: Vec<String> = vec![];
    for run in runs {
        let of_results = run.lines().map_or(&[][..], |results| &results.samples);
        lists.extend(of_results.iter().map(|samples| sample_list(runs, run, samples)));
        lists.extend(by_round(&run.samples).iter().map(|samples| sample_list(runs, run, samples)));
    }
    if !lists.is_empty() {
        page.section("Lines");
        page.paragraph("The first ones of one stream, not selected; by round as samples.tsv keeps them.");
        page.beside(&lists);
    }
}

/// Number of rounds of which lines are shown.
const ROUNDS: usize = 4;

/// Returns the lines of some rounds, from `samples.tsv`.
fn by_round(text: &str) -> Vec<Samples> {
    let mut all: Vec<Samples> = vec![];
    for (round, line) in text.lines().filter_map(|line| line.split_once('\t')) {
        let name = format!("round {round}");
        match all.last_mut().filter(|last| last.name == name) {
            Some(last) => last.sentences.push(line.to_owned()),
            None => all.push(Samples { name, sentences: vec![line.to_owned()] }),
        }
    }
    let every = all.len().div_ceil(ROUNDS).max(1);
    all.into_iter().step_by(every).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_some_rounds_are_shown() {
        let text: String =
            (1..=8).flat_map(|round| [format!("{round}\ta b\n"), format!("{round}\tc\n")]).collect();
        let shown = by_round(&text);
        let names: Vec<&str> = shown.iter().map(|samples| samples.name.as_str()).collect();
        assert_eq!(names, ["round 1", "round 3", "round 5", "round 7"]);
        assert_eq!(shown[3].sentences, ["a b", "c"]);
    }
}
