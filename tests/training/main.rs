//! Trainings learn, repeat themselves to the bit, and stop or return when a game collapses; the tasks over pools,
//! from their scorers to their commands.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod bag;
mod collapse;
mod determinism;
mod encoder_decoder;
mod inner;
mod interactions;
mod latent;
mod learning;
mod pairs;
mod towers;
