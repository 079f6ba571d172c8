//! Experiments over any task: a training in a run folder, cross-validation, and sweeps of settings.
//!
//! A [`Task`](crate::ranking::Task) says what differs between the kinds of data; what is done with it is here, and is
//! the same for all of them. Nothing is printed: notes, warnings and progress go to a
//! [`Listener`](crate::event::Listener), results are returned and written to the run's folder.

mod cross_validation;
#[cfg(feature = "report")]
pub mod sweep;
#[cfg(feature = "report")]
mod training;

pub use cross_validation::{CrossValidated, CrossValidation};
#[cfg(feature = "report")]
pub use training::{Training, train_in};
