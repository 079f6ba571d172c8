//! Experiments over any task: a training in a run folder, cross-validation, and sweeps of settings.
//!
//! A [`Task`](crate::ranking::Task) says what differs between the kinds of data; what is done with it is here, and is
//! the same for all of them. Nothing is printed: notes, warnings and progress go to a
//! [`Listener`](crate::event::Listener), results are returned and written to the run's folder.

mod cross_validation;
mod kept;
#[cfg(feature = "report")]
pub mod sweep;
#[cfg(feature = "report")]
mod training;

pub use cross_validation::{CrossValidated, CrossValidation};
#[cfg(feature = "report")]
pub use training::{Training, train_in};

use std::path::Path;

use crate::error::{Error, Result};

/// Refuses to merge what parts left in `folder` while trainings are `missing`, and names them.
fn refuse_unfinished(missing: &[String], folder: &Path) -> Result<()> {
    let (shown, rest) = missing.split_at(missing.len().min(6));
    let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::data(
            folder,
            format!("not finished: {}{more}; make these parts with `experiment.part`", shown.join(", ")),
        )),
    }
}
