//! A training run as people see it: a folder with configuration, metrics and models, and progress
//! on the terminal.

mod metrics;
mod progress;
mod record;
mod run_dir;

pub use metrics::MetricsLog;
pub use progress::Progress;
pub use record::{DataFile, RunRecord};
pub use run_dir::RunDir;

use crate::event::{Event, Listener};

/// Passes every event on to several listeners.
pub struct Listeners<'a>(pub Vec<&'a mut dyn Listener>);

impl Listener for Listeners<'_> {
    fn event(&mut self, event: &Event<'_>) {
        for listener in &mut self.0 {
            listener.event(event);
        }
    }
}
