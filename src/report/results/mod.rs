//! What a finished run ended with, as its folder keeps it for reports and other programs.

mod ranking;
mod text;

use std::time::Instant;

use serde::{Deserialize, Serialize};

pub use ranking::{AgainstBaseline, Chosen, RankingResults, Reference};
pub(super) use ranking::{differences, p_shown, player_name};
pub use text::{ReverseNll, Samples, TextControl, TextResults};

/// What a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DataSummary {
    /// The kind of data: `feature vectors`, `texts`, `interactions`, `questions and answers`, `sentences`.
    pub task: String,
    /// What was learnt from: its source and its size.
    pub training: String,
    /// What chose epochs and rounds.
    pub validation: String,
}

/// The circumstances of a run, kept apart as `timing.json`: what may differ between two runs of the same results.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Timing {
    /// Wall time in seconds from the start of the process that finished the run.
    pub seconds: f64,
    /// Threads it could use.
    pub threads: usize,
}

impl Timing {
    /// Now, after a training that began at `started`.
    pub fn since(started: Instant) -> Self {
        let seconds = (started.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        Self { seconds, threads: rayon::current_num_threads() }
    }
}
