//! The report of text: quality against diversity, with maximum likelihood at matched quality.

use super::chart::{Chart, Level, Series};
use super::page::{Page, Tone, escaped, table};
use super::run::{Outcome, Run};
use super::sections::{Line, circumstances, game_diagnostics, games, metric, name, opening, series, style};
use crate::report::results::{Samples, TextResults};
use crate::text::{Curve, Point};

/// The page about runs of `seqgan`.
pub(super) fn page(runs: &[Run]) -> String {
    let mut page = opening("seqgan", runs);
    for (run, results) in finished(runs) {
        findings(&mut page, runs, run, results);
    }
    circumstances(&mut page, runs, |run| {
        results_of(run).map(|results| (results.version.as_str(), &results.data))
    });
    page.figures(
        "Quality against diversity",
        "Each line is one generator over temperatures. Any temperature below 1 buys quality with diversity: a generator \
         is better only where its line lies beyond that of maximum likelihood (mle). A ring marks temperature 1.",
        &[on_oracle(runs), on_text(runs)],
    );
    tables(&mut page, runs);
    page.figures("Learning curves", "", &learning_curves(runs));
    game_diagnostics(&mut page, runs);
    samples(&mut page, runs);
    page.finish()
}

fn results_of(run: &Run) -> Option<&TextResults> {
    match &run.outcome {
        Outcome::Text(results) => results.as_deref(),
        Outcome::Ranking(_) => None,
    }
}

fn finished(runs: &[Run]) -> impl Iterator<Item = (&Run, &TextResults)> {
    runs.iter().filter_map(|run| Some((run, results_of(run)?)))
}

/// What came out, in words.
fn findings(page: &mut Page, runs: &[Run], run: &Run, results: &TextResults) {
    let of = |what: &str| if runs.len() == 1 { what.to_owned() } else { format!("{}: {what}", run.name) };
    if !results.collapses.is_empty() {
        page.note(Tone::Bad, &of("The generator collapsed."), &results.collapses.join("\n"));
    }
    for control in &results.controls {
        let (tone, title) = match control.is_beaten {
            true => (Tone::Good, "The reward did better than its control."),
            false => (Tone::Warn, "A control did as well as the reward."),
        };
        page.note(tone, &of(title), control.verdict.trim_start_matches("reward: "));
    }
    let verdicts = |note: &&String| {
        !note.starts_with("COLLAPSE") && !results.controls.iter().any(|control| control.verdict == **note)
    };
    let notes: Vec<&str> = results.notes.iter().filter(verdicts).map(String::as_str).collect();
    if !notes.is_empty() {
        page.note(Tone::Plain, &of("At matched quality."), &notes.join("\n"));
    }
}

/// The curves of all generators of all runs in the plane of two measures.
fn plane(runs: &[Run], x: fn(&Point) -> f64, y: fn(&Point) -> f64) -> Vec<Series> {
    let mut all = vec![];
    for (r, run) in runs.iter().enumerate() {
        let curves: &[Curve] = results_of(run).map_or(&[], |results| &results.curves);
        for (l, curve) in curves.iter().enumerate() {
            let points: Vec<_> = curve.points.iter().map(|point| (x(point), y(point))).collect();
            let one = curve.points.iter().find(|point| point.temperature == 1.0);
            let mark = one.map(|point| (x(point), y(point))).filter(|(x, y)| x.is_finite() && y.is_finite());
            all.push(Series { name: name(runs, r, &curve.name), style: style(runs, r, l), points, mark });
        }
    }
    all
}

fn on_oracle(runs: &[Run]) -> String {
    let chart = Chart {
        title: "Quality (NLL_oracle) against coverage (NLL_test)".into(),
        caption:
            "Both in nats a token, smaller is better: down and to the left. Below the floor is collapse."
                .into(),
        x: "NLL_test",
        y: "NLL_oracle".into(),
        series: plane(runs, |point| point.nll_test, |point| point.nll_oracle),
        levels: floors(runs),
        dots: true,
        ring: "temperature 1",
    };
    chart.figure()
}

fn on_text(runs: &[Run]) -> String {
    let chart = Chart {
        title: "Quality (BLEU-3) against sameness (self-BLEU-3)".into(),
        caption: "Up is better sentences, to the left is more variety.".into(),
        x: "self-BLEU-3",
        y: "BLEU-3".into(),
        series: plane(runs, |point| point.self_bleu[1], |point| point.bleu[1]),
        dots: true,
        ring: "temperature 1",
        ..Chart::default()
    };
    chart.figure()
}

/// What the oracle's own sentences score; once for runs that share it.
fn floors(runs: &[Run]) -> Vec<Level> {
    let mut levels: Vec<Level> = vec![];
    for (r, run) in runs.iter().enumerate() {
        let Some(floor) = results_of(run).and_then(|results| results.floor) else { continue };
        if levels.iter().all(|level| level.value != floor) {
            let label =
                if levels.is_empty() { "floor (the oracle itself)".into() } else { name(runs, r, "floor") };
            levels.push(Level { name: label, style: (5, 5), value: floor });
        }
    }
    levels
}

fn tables(page: &mut Page, runs: &[Run]) {
    let one = |(run, results): (&Run, &TextResults)| {
        table(&format!("{}: generators over temperatures (τ)", run.name), &results.table(), |_| false)
    };
    let tables: Vec<String> = finished(runs).map(one).collect();
    if !tables.is_empty() {
        page.section("Generators over temperatures");
        page.beside(&tables);
    }
}

fn learning_curves(runs: &[Run]) -> Vec<String> {
    let games = games(runs);
    let mut all = vec![];
    let likelihood = [
        Line { phase: "mle", metric: "nll-train", name: "training" },
        Line { phase: "mle", metric: "nll-valid", name: "validation" },
    ];
    let mut fitted = series(runs, &likelihood);
    for (index, line) in fitted.iter_mut().enumerate() {
        if index % likelihood.len() == 1 {
            line.mark = lowest(&line.points);
        }
    }
    let chart = Chart {
        title: "Maximum likelihood".into(),
        caption: "A ring marks the epoch that was kept.".into(),
        x: "epoch",
        ring: "kept",
        y: "NLL, nats a token".into(),
        series: fitted,
        ..Chart::default()
    };
    all.push(chart.figure());
    let chart = Chart {
        title: "NLL_oracle during maximum likelihood".into(),
        caption: "Smaller is better, down to the floor.".into(),
        x: "epoch",
        y: "NLL_oracle".into(),
        series: series(runs, &[Line { phase: "mle", metric: "nll-oracle", name: "mle" }]),
        levels: floors(runs),
        ..Chart::default()
    };
    all.push(chart.figure());
    for (title, metric, y, levels) in [
        ("NLL_oracle in the game", "nll-oracle", "NLL_oracle", floors(runs)),
        ("NLL_test in the game", "nll-test", "NLL_test", vec![]),
        ("NLL of validation sentences in the game", "nll-valid", "NLL", vec![]),
        ("BLEU-3 in the game", "bleu-3", "BLEU-3", vec![]),
        ("Self-BLEU-3 in the game", "self-bleu-3", "self-BLEU-3", vec![]),
        ("Distinct tokens in the game", "distinct-tokens", "tokens", vec![]),
    ] {
        let lines: Vec<_> = games.iter().map(|phase| Line { phase, metric, name: phase }).collect();
        let chart = Chart {
            title: title.into(),
            caption: "Under the judge's reward (adversarial) and under each control, from the same start."
                .into(),
            x: "round",
            y: y.into(),
            series: series(runs, &lines),
            levels,
            ..Chart::default()
        };
        all.push(chart.figure());
    }
    let pretraining =
        |metric_name| [Line { phase: "discriminator", metric: metric_name, name: "pre-training" }];
    all.push(metric(
        runs,
        "Pre-training of the discriminator",
        "Accuracy on the sentences it was shown.",
        "accuracy",
        "draw",
        &pretraining("d-accuracy"),
    ));
    all.push(metric(
        runs,
        "Likelihood of the rival",
        "The judge is a language model; on validation sentences.",
        "NLL, nats a token",
        "epoch",
        &pretraining("nll-valid"),
    ));
    all
}

/// The first of the smallest values.
fn lowest(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    points
        .iter()
        .copied()
        .filter(|point| point.1.is_finite())
        .reduce(|best, one| if one.1 < best.1 { one } else { best })
}

fn samples(page: &mut Page, runs: &[Run]) {
    let list = |run: &Run, Samples { name, sentences }: &Samples| {
        let title = if runs.len() == 1 { name.clone() } else { format!("{}: {name}", run.name) };
        let items: String =
            sentences.iter().map(|sentence| format!("<li>{}</li>\n", escaped(sentence))).collect();
        format!("<div><h3>{}</h3><ul class=\"samples\">\n{items}</ul></div>\n", escaped(&title))
    };
    let lists: Vec<String> = finished(runs)
        .flat_map(|(run, results)| results.samples.iter().map(move |one| list(run, one)))
        .collect();
    if !lists.is_empty() {
        page.section("Sentences");
        page.paragraph("Drawn at temperature 1 from one stream, not selected.");
        page.beside(&lists);
    }
}
