//! Progress on the terminal: a bar with the latest numbers, or plain lines in a pipe.

use std::fmt::Write as _;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use crate::event::{Event, Listener};

/// Shows a run's progress on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: Option<(String, ProgressBar)>, // the phase shown, on a terminal
    terminal: bool,
    /// In a pipe, supervised phases report every so many steps; adversarial rounds always.
    every: usize,
}

impl Default for Progress {
    fn default() -> Self {
        Self { bar: None, terminal: stderr().is_terminal(), every: 10 }
    }
}

impl Progress {
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
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Listener for Progress {
    fn event(&mut self, event: &Event<'_>) {
        if self.terminal {
            let bar = self.bar(event);
            bar.set_message(numbers(event, 3));
            bar.set_position(event.step as u64);
        } else if event.metrics.len() > 2 || event.step.is_multiple_of(self.every) || event.step == 1 {
            let Event { phase, step, of, .. } = event;
            let of = if *of == 0 { String::new() } else { format!("/{of}") };
            eprintln!("{phase} {step}{of}  {}", numbers(event, usize::MAX));
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
