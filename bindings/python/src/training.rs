//! Results of a finished training, beside its model.

use irgan::ranking::{Ranker, Trained};
use pyo3::prelude::*;

/// Value of the choosing measure on the validation data, the player that was chosen, warnings, and why the training ended early if it did.
#[derive(IntoPyObject)]
pub(crate) struct Fitted {
    value: f64,
    player: String,
    warnings: Vec<String>,
    failure: Option<String>,
}

impl Fitted {
    /// Takes the results of a ranker's training.
    pub(crate) fn of<M: Ranker>(trained: &Trained<M>) -> Self {
        Self {
            value: trained.value(),
            player: trained.model.chosen().to_string(),
            warnings: trained.warnings.clone(),
            failure: trained.failure.clone(),
        }
    }
}
