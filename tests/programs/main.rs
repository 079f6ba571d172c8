//! `irgan` and `seqgan` as a user meets them: commands, output files, reports, errors, interruption.

#[path = "../support/mod.rs"]
mod support;

mod evaluation_cli;
mod faults;
mod index_cli;
mod languages;
mod report;
mod resume;
mod sweep;
mod terminal;
mod text_faults;
mod text_training;
