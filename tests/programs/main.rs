//! `irgan` and `seqgan` as a user meets them: commands, output files, reports, errors, interruption.

#[path = "../support/mod.rs"]
mod support;

mod bag;
mod evaluation_cli;
mod faults;
mod folders;
mod folds;
mod grammar;
mod idle_flags;
mod index_cli;
mod inputs;
mod inspect;
mod languages;
mod lines;
mod pairs;
mod parts;
mod planted_pairs;
mod report;
mod resume;
#[cfg(feature = "serve")]
mod serve;
mod shards;
mod small_data;
mod sweep;
mod terminal;
mod text_faults;
mod text_training;
mod text_words;
mod trees;
