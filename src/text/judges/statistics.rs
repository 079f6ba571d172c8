//! What is reported of a judge.

use serde::{Deserialize, Serialize};

/// Means of one epoch of a judge over its batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JudgeStatistics {
    /// Share of sentences that were classified correctly.
    pub accuracy: f64,
    /// Cross-entropy; `None` for a judge of which only the gradient is computed.
    #[serde(default)]
    pub loss: Option<f64>,
    /// Mean P(real) minus the share of real sentences; `None` as for the loss.
    #[serde(default)]
    pub calibration: Option<f64>,
}
