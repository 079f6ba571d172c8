//! Outcome of a finished run, as its folder keeps it for reports and other programs.

mod ranking;
mod text;

use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub use ranking::{AgainstBaseline, Chosen, RankingResults, Reference};
pub(super) use ranking::{differences, p_shown, player_name};
pub use text::{ReverseNll, Samples, TextControl, TextResults};

/// Name of the file in a run's folder.
pub const FILE: &str = "results.json";

/// Name of the file in folders of text runs of older versions.
pub(super) const OLD_TEXT_FILE: &str = "report.json";

/// Data that a model was trained on, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DataSummary {
    /// Kind of data: `feature vectors`, `texts`, `interactions`, `questions and answers`, `sentences`.
    pub task: String,
    /// Source and size of the training data.
    pub training: String,
    /// Source and size of the data that chose epochs and rounds.
    pub validation: String,
}

/// Time and threads of a run, kept apart as `timing.json` since two runs with the same results differ in them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Timing {
    /// Wall time in seconds from the start of the process that finished the run.
    pub seconds: f64,
    /// Number of threads that the process could use.
    pub threads: usize,
}

impl Timing {
    /// Timing of a training that began at `started` and ends now.
    pub fn since(started: Instant) -> Self {
        let seconds = (started.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        Self { seconds, threads: rayon::current_num_threads() }
    }
}

/// Refuses results in which a list has not as many entries as `expected` says.
fn expect_count(path: &Path, place: &str, expected: &str, found: usize, holds: bool) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(Error::data(path, format!("{place}: expected {expected} entries, found {found}"))),
    }
}
