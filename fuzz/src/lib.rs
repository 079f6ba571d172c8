//! Targets of fuzzing: every file that users give or that the programs read back.

mod targets;

pub use targets::{Place, TARGETS, Target, make_folder};
