//! Readers, writers, normalisation and generated benchmarks: one folder for each kind of data.

pub mod answers;
pub mod documents;
pub mod features;
pub mod grammar;
pub mod interactions;
pub mod pairs;
pub mod sentences;
pub mod words;

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Description of the data that a model was trained on, in words.
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

/// Returns `path: summary`.
pub(crate) fn described(path: &Path, summary: impl std::fmt::Display) -> String {
    format!("{}: {summary}", path.display())
}
