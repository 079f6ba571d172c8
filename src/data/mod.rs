//! Readers, writers, normalisation and generated benchmarks: one folder for each kind of data.

pub mod answers;
pub mod documents;
pub mod features;
pub mod interactions;
pub mod sentences;
pub mod words;
