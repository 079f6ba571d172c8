//! Progress on standard error: a bar with the latest numbers on a terminal, lines with the time of day in a pipe, or
//! one JSON object a line.

use std::fmt::{Arguments, Write as _};
use std::io::{IsTerminal, Write as _, stderr};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::evaluation::table::Cell;
use crate::event::{Event, Listener};
use crate::runs::timestamp;

/// Readers of the progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// People: a bar, or lines in a pipe.
    People,
    /// Programs: JSON objects with `time`, `phase`, `step`, `of` and `metrics`.
    Programs,
    /// Nobody.
    Nobody,
}

/// Listener that shows the steps of a run on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    audience: Audience,
    bar: Option<(String, ProgressBar)>, // the phase shown, on a terminal
    terminal: bool,
    /// In a pipe, supervised phases report every so many steps; adversarial rounds always.
    every: usize,
}

/// Writes a line of progress to standard error; a training goes on when nobody reads it.
fn write_line(line: Arguments<'_>) {
    let _ = writeln!(stderr(), "{line}");
}

/// Writes a message. When its reader has left, a command ends at once, but for those that train.
pub(super) fn write_message(line: Arguments<'_>) {
    match writeln!(stderr(), "{line}") {
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe && !TRAINS.load(Ordering::Relaxed) => {
            std::process::exit(READER_LEFT)
        }
        _ => {}
    }
}

/// True in a command that trains, which goes on when nobody reads what it says.
static TRAINS: AtomicBool = AtomicBool::new(false);

/// Lets the command go on when the reader of its messages leaves.
pub(super) fn goes_on_unread() {
    TRAINS.store(true, Ordering::Relaxed);
}

/// Writes an object of a log for programs. When its reader has left, the program ends at once, as other programs end by
/// SIGPIPE; a training can be resumed from its last checkpoint.
pub(super) fn write_object(object: &Value) {
    if let Err(cause) = writeln!(stderr(), "{object}")
        && cause.kind() == std::io::ErrorKind::BrokenPipe
    {
        std::process::exit(READER_LEFT);
    }
}

/// Exit status when the reader of the log has left: 128 and the number of SIGPIPE.
const READER_LEFT: i32 = 141;

impl Progress {
    /// Progress for `audience`.
    pub fn new(audience: Audience) -> Self {
        Self { audience, bar: None, terminal: stderr().is_terminal(), every: 10 }
    }

    /// Returns the bar of the event's phase, which begins with its first event.
    fn bar(&mut self, event: &Event<'_>) -> &ProgressBar {
        if self.bar.as_ref().is_some_and(|(phase, _)| phase != event.phase) {
            self.finish();
        }
        let (_, bar) = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(event.of as u64)
                .with_style(style(event.of))
                .with_prefix(event.phase.to_owned());
            // Steps of an earlier process do not count for the speed of this one.
            bar.set_position(event.step.saturating_sub(1) as u64);
            bar.reset_eta();
            (event.phase.to_owned(), bar)
        });
        bar
    }

    /// Leaves the last state of the bar on the screen.
    fn finish(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.abandon();
        }
    }

    /// Shows a step for people: as a bar, or as a line in a pipe.
    fn show(&mut self, event: &Event<'_>) {
        if self.terminal {
            let bar = self.bar(event);
            bar.set_message(numbers(event, 3));
            bar.set_position(event.step as u64);
        } else if event.metrics.len() > 2 || event.step.is_multiple_of(self.every) || event.step == 1 {
            let Event { phase, step, of, .. } = event;
            let of = if *of == 0 { String::new() } else { format!("/{of}") };
            write_line(format_args!("{}  {phase} {step}{of}  {}", timestamp(), numbers(event, usize::MAX)));
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
        match self.audience {
            Audience::People => self.show(event),
            Audience::Programs => write_object(&object(event)),
            Audience::Nobody => {}
        }
    }
}

/// Returns the layout of a bar of `of` steps; 0 when their number is unknown.
fn style(of: usize) -> ProgressStyle {
    let template = match of {
        0 => "{prefix:>16} {human_pos} {rate:>9}  {msg}",
        _ => "{prefix:>16} {bar:24} {pos}/{len} {rate:>9} eta {eta:>4}  {msg}",
    };
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    style.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = out.write_str(&rate(state.per_sec()));
    })
}

/// Returns a speed in steps with three digits: a second, or a minute or an hour where a step takes longer.
fn rate(per_second: f64) -> String {
    let units = [(per_second, "s"), (60.0 * per_second, "min"), (3600.0 * per_second, "h")];
    let (value, unit) = units.into_iter().find(|(value, _)| *value >= 1.0).unwrap_or(units[2]);
    let (value, thousands) = match value {
        value if value < 999.5 => (value, ""),
        value if value < 999_500.0 => (value / 1e3, "k"),
        value => (value / 1e6, "M"),
    };
    let decimals = match value {
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}{thousands}/{unit}")
}

/// Returns `name value` of the first `most` numbers.
fn numbers(event: &Event<'_>, most: usize) -> String {
    event.metrics.iter().take(most).fold(String::new(), |mut text, (name, value)| {
        let gap = if text.is_empty() { "" } else { "  " };
        let _ = write!(text, "{gap}{name} {}", Cell::score(*value).shown());
        text
    })
}

/// Returns the event as JSON with all digits; numbers that are not finite are null.
fn object(event: &Event<'_>) -> Value {
    let Event { phase, step, of, metrics } = event;
    let metrics: Map<_, _> = metrics.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
    json!({ "time": timestamp(), "phase": phase, "step": step, "of": of, "metrics": metrics })
}

#[cfg(test)]
mod tests {
    use super::{numbers, rate};
    use crate::event::Event;

    #[test]
    fn a_number_that_rounds_to_zero_has_no_sign() {
        let metrics = &[("gradient-variance", -1e-9), ("reward", -0.25), ("nll", f64::INFINITY)];
        let event = Event { phase: "g", step: 1, of: 1, metrics };
        assert_eq!(numbers(&event, 3), "gradient-variance 0.0000  reward -0.2500  nll inf");
    }

    #[test]
    fn rates_have_three_digits() {
        let shown = [12_345_678.0, 12_345.6, 999.7, 123.4, 9.996, 1.0, 0.5, 0.0123, 1e-9, 0.0].map(rate);
        let expected = [
            "12.3M/s", "12.3k/s", "1.00k/s", "123/s", "10.0/s", "1.00/s", "30.0/min", "44.3/h", "0.00/h",
            "0.00/h",
        ];
        assert_eq!(shown, expected);
    }
}
