//! A training run as people see it: a folder with configuration, metrics and models, and progress
//! on the terminal.

mod metrics;
#[cfg(feature = "cli")]
mod progress;
mod record;
mod run_dir;
mod series;
mod tensorboard;
mod timestamp;

pub use metrics::MetricsLog;
#[cfg(feature = "cli")]
pub use progress::{Audience, Progress};
pub use record::{DataFile, RunRecord};
pub use run_dir::RunDir;
pub use series::{Row, read_rows};
pub use tensorboard::TensorBoardLog;
pub use timestamp::timestamp;

use crate::event::{Event, Listener};

/// Writes a line to standard error; a reader that has left is no error.
#[cfg(feature = "cli")]
pub(crate) fn say(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Passes every event on to several listeners.
pub struct Listeners<'a>(pub Vec<&'a mut dyn Listener>);

impl Listener for Listeners<'_> {
    fn event(&mut self, event: &Event<'_>) {
        for listener in &mut self.0 {
            listener.event(event);
        }
    }

    fn note(&mut self, message: &str) {
        for listener in &mut self.0 {
            listener.note(message);
        }
    }

    fn warning(&mut self, message: &str) {
        for listener in &mut self.0 {
            listener.warning(message);
        }
    }
}
