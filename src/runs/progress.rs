//! Progress on standard error: a bar with the latest numbers on a terminal, lines with the time of day in a pipe, or
//! one JSON object a line.

use std::fmt::Write as _;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::{say, timestamp};
use crate::event::{Event, Listener};

/// For whom progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// For people: a bar, or lines in a pipe.
    #[default]
    People,
    /// For programs: JSON objects with `time`, `phase`, `step`, `of` and `metrics`.
    Programs,
    /// For nobody.
    Nobody,
}

/// Shows a run's progress on standard error.
#[derive(Debug)]
pub struct Progress {
    audience: Audience,
    bar: Option<(String, ProgressBar)>, // the phase shown, on a terminal
    terminal: bool,
    /// In a pipe, supervised phases report every so many steps; adversarial rounds always.
    every: usize,
}

impl Progress {
    /// Progress for `audience`.
    pub fn new(audience: Audience) -> Self {
        Self { audience, bar: None, terminal: stderr().is_terminal(), every: 10 }
    }

    fn bar(&mut self, event: &Event<'_>) -> &ProgressBar {
        if self.bar.as_ref().is_some_and(|(phase, _)| phase != event.phase) {
            self.finish();
        }
        let (_, bar) = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template(match event.of {
                0 => "{prefix:>16} {human_pos} {per_sec:>9}  {msg}",
                _ => "{prefix:>16} {bar:24} {pos}/{len} {per_sec:>9} eta {eta:>4}  {msg}",
            })
            .expect("the template is valid");
            let bar = ProgressBar::new(event.of as u64).with_style(style).with_prefix(event.phase.to_owned());
            // Steps of an earlier process say nothing of the speed of this one.
            bar.set_position(event.step.saturating_sub(1) as u64);
            bar.reset_eta();
            (event.phase.to_owned(), bar)
        });
        bar
    }

    /// Leaves the last state of the bar on the screen.
    pub fn finish(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.abandon();
        }
    }

    /// A bar, or a line in a pipe.
    fn show(&mut self, event: &Event<'_>) {
        if self.terminal {
            let bar = self.bar(event);
            bar.set_message(numbers(event, 3));
            bar.set_position(event.step as u64);
        } else if event.metrics.len() > 2 || event.step.is_multiple_of(self.every) || event.step == 1 {
            let Event { phase, step, of, .. } = event;
            let of = if *of == 0 { String::new() } else { format!("/{of}") };
            say(format_args!("{}  {phase} {step}{of}  {}", timestamp(), numbers(event, usize::MAX)));
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new(Audience::default())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Listener for Progress {
    fn event(&mut self, event: &Event<'_>) {
        match self.audience {
            Audience::People => self.show(event),
            Audience::Programs => say(format_args!("{}", object(event))),
            Audience::Nobody => {}
        }
    }
}

/// `name value` of the first `most` numbers.
fn numbers(event: &Event<'_>, most: usize) -> String {
    event.metrics.iter().take(most).fold(String::new(), |mut text, (name, value)| {
        let gap = if text.is_empty() { "" } else { "  " };
        let _ = write!(text, "{gap}{name} {value:.4}");
        text
    })
}

/// The event with all digits of its numbers; those that are not finite are null.
fn object(event: &Event<'_>) -> Value {
    let Event { phase, step, of, metrics } = event;
    let metrics: Map<_, _> = metrics.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
    json!({ "time": timestamp(), "phase": phase, "step": step, "of": of, "metrics": metrics })
}
