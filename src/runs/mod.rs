//! Folder of a training run: configuration, metrics, checkpoints and models on disk.
//!
//! | file | written by |
//! |---|---|
//! | `run.toml` | [`RunRecord`]: arguments, versions and check sums of the data |
//! | `config.toml` | [`RunDir::save_config`]: the resolved settings |
//! | `metrics.csv` | [`MetricsLog`]: every number of every step, read back by [`read_rows`] |
//! | `events.out.tfevents.run` | [`TensorBoardLog`]: these numbers for TensorBoard |
//! | `checkpoints/` | the game, until the run is finished |
//!
//! Such folders, and others that the programs fill, are locked while they are written to ([`RunDir`]), and a
//! [`FolderKind`] says which files in them are the programs' own.

mod active_run;
mod folder_kind;
mod folder_lock;
mod metrics;
mod part;
mod record;
mod run_dir;
mod series;
mod tensorboard;
mod timestamp;

pub use active_run::{ActiveRun, RunOptions};
pub use folder_kind::FolderKind;
pub use metrics::MetricsLog;
pub use part::Part;
pub use record::{DataFile, RunRecord};
pub use run_dir::RunDir;
pub use series::{Row, read_rows};
pub use tensorboard::TensorBoardLog;
pub use timestamp::timestamp;

use crate::event::{Event, Listener};

/// Listener that passes everything on to several listeners.
///
/// ```
/// use irgan::event::{Event, Listener};
/// use irgan::runs::Listeners;
///
/// struct Count(usize);
/// impl Listener for Count {
///     fn event(&mut self, _: &Event<'_>) {
///         self.0 += 1;
///     }
/// }
/// let (mut a, mut b) = (Count(0), Count(0));
/// Listeners(vec![&mut a, &mut b]).event(&Event { phase: "mle", step: 1, of: 2, metrics: &[("loss", 0.5)] });
/// assert_eq!((a.0, b.0), (1, 1));
/// ```
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
