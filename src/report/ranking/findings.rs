//! Findings in words, above everything else, because pictures alone can flatter.

use crate::ranking::PlaceboOutcome;
use crate::report::page::{Page, Tone};
use crate::report::results::{RankingResults, p_shown};
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
    let title = format!("Chosen: {}.", results.name(winner).trim_end_matches(" *"));
    let text = format!("{measure} {value:.4} on the validation data.");
    let Some(best) = results.best_baseline() else { return Some((Tone::Plain, title, text)) };
    let row = results.against_baselines.iter().find(|row| row.baseline == best.method);
    let (tone, found) =
        row.map_or((Tone::Plain, String::new()), |row| against_baseline(row.gain, row.p_holm));
    let text = format!("{text} The best baseline, {}, has {:.4}: {found}", best.method, best.values[0]);
    Some((tone, title, text))
}

/// Returns tone and words of a difference to a baseline.
fn against_baseline(gain: f64, p: f64) -> (Tone, String) {
    let (tone, found) = match (p < 0.05, gain > 0.0) {
        (true, true) => (Tone::Good, "better by more than chance"),
        (true, false) => (Tone::Warn, "worse by more than chance"),
        _ => (Tone::Plain, "no difference is shown"),
    };
    (tone, format!("{gain:+.4}, {found} (Fisher with Holm's correction, {}).", p_shown(p)))
}

fn placebo(outcome: &PlaceboOutcome) -> (Tone, &'static str) {
    match outcome.is_beaten() {
        true => (Tone::Good, "The reward did better than its placebo."),
        false if outcome.failed => (Tone::Bad, "The game with a placebo reward broke down."),
        false => (Tone::Warn, "A placebo reward did as well as the reward."),
    }
}
