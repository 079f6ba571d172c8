//! Outcome of a finished run, as its folder keeps it for reports and other programs.

mod lines;
mod pairs;
mod ranking;
mod text;

use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub use crate::data::DataSummary;
pub use crate::ranking::Reference;
pub use lines::{LineResults, LineRow, line_table};
pub use pairs::{Answered, Attended, Measuring, PairResults, SystemRow};
pub use ranking::{AgainstBaseline, Best, BestSource, Chosen, Competitor, RankingResults, Row};
pub(super) use ranking::{against_shown, differences, player_name};
pub use text::{ReverseNll, Samples, TextControl, TextResults};

/// Name of the file in a run's folder.
pub const FILE: &str = "results.json";

/// Explanation of the columns `grammatical` and `entropy`.
const GRAMMAR_NOTE: &str =
    "grammatical: share of sentences that the grammar accepts; entropy: of those among each other, in nats";

/// Name of the file in folders of text runs of older versions.
pub(super) const OLD_TEXT_FILE: &str = "report.json";

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
