//! Findings in words, above everything else.

use crate::report::page::{Page, Tone};
use crate::report::results::TextResults;
use crate::report::run::Run;

/// Adds the findings of one of the `runs`.
pub(super) fn add(page: &mut Page, runs: &[Run], run: &Run, results: &TextResults) {
    let titled =
        |title: &str| if runs.len() == 1 { title.to_owned() } else { format!("{}: {title}", run.name) };
    if !results.collapses.is_empty() {
        page.note(Tone::Bad, &titled("The generator collapsed."), &results.collapses.join("\n"));
    }
    for control in &results.controls {
        let (tone, title) = match control.is_beaten {
            true => (Tone::Good, "The reward did better than its placebo."),
            false => (Tone::Warn, "A placebo reward did as well as the reward."),
        };
        page.note(tone, &titled(title), control.verdict.trim_start_matches("reward: "));
    }
    for control in &results.likelihood_controls {
        let name = &control.name;
        let (tone, title) = match control.is_beaten {
            true => (Tone::Good, format!("The game did better than {name}.")),
            false => (Tone::Warn, format!("Maximum likelihood alone does as well: {name}.")),
        };
        page.note(tone, &titled(&title), control.verdict.trim_start_matches("control: "));
    }
    let is_shown_above = |note: &str| {
        note.starts_with("COLLAPSE")
            || results.controls.iter().any(|control| control.verdict == note)
            || results.likelihood_controls.iter().any(|control| control.verdict == note)
    };
    let notes: Vec<&str> =
        results.notes.iter().map(String::as_str).filter(|note| !is_shown_above(note)).collect();
    if !notes.is_empty() {
        page.note(Tone::Plain, &titled("At matched quality."), &notes.join("\n"));
    }
}
