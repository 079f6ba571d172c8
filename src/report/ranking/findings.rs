//! Findings in words, above everything else, because pictures alone can flatter.

use crate::ranking::PlaceboOutcome;
use crate::report::page::{Page, Tone};
use crate::report::results::{AgainstBaseline, RankingResults, against_shown};
use crate::report::run::Run;

/// Adds the findings of one of the `runs`.
pub(super) fn add(page: &mut Page, runs: &[Run], run: &Run, results: &RankingResults) {
    let titled =
        |title: &str| if runs.len() == 1 { title.to_owned() } else { format!("{}: {title}", run.name) };
    if let Some(failure) = &results.failure {
        page.note(Tone::Bad, &titled("The training broke down."), failure);
    }
    if let Some((tone, title, text)) = chosen(results) {
        page.note(tone, &titled(&title), &text);
    }
    for outcome in &results.controls {
        let (tone, title) = placebo(outcome);
        page.note(tone, &titled(title), results.verdict(outcome).trim_start_matches("reward: "));
    }
    for warning in &results.warnings {
        page.note(Tone::Warn, &titled("Warning."), warning);
    }
}

/// Returns tone, title and text about the chosen ranker.
fn chosen(results: &RankingResults) -> Option<(Tone, String, String)> {
    let (winner, measure) = (results.winner()?, results.measures.first()?);
    let value = *winner.values.first()?;
    let title = format!("Chosen: {}.", results.name(winner));
    let text = format!("{measure} {value:.4} on the validation data.");
    let Some(best) = results.best_baseline() else { return Some((Tone::Plain, title, text)) };
    let found = results.shown_competitors();
    let tone = found.first().map_or(Tone::Plain, |(_, row)| tone(row));
    let differences: Vec<String> = found.into_iter().map(against_shown).collect();
    let text = format!(
        "{text} The best baseline, {}, has {:.4}. {}.",
        best.name(),
        best.values()[0],
        differences.join("; ")
    );
    Some((tone, title, text))
}

/// Returns the tone of a difference to a baseline.
fn tone(row: &AgainstBaseline) -> Tone {
    match (row.p_holm < 0.05, row.gain > 0.0) {
        (true, true) => Tone::Good,
        (true, false) => Tone::Warn,
        _ => Tone::Plain,
    }
}

fn placebo(outcome: &PlaceboOutcome) -> (Tone, &'static str) {
    match outcome.is_beaten() {
        true => (Tone::Good, "The reward did better than its placebo."),
        false if outcome.failed => (Tone::Bad, "The game with a placebo reward broke down."),
        false => (Tone::Warn, "A placebo reward did as well as the reward."),
    }
}
