//! Language models: the trait, the recurrent model of SeqGAN's generator, and the oracle.

mod language_model;
mod oracle;
mod oracle_arrays;
mod places;
mod recurrent;
#[cfg(test)]
mod table;

pub(super) use language_model::keep_unfinished;
pub use language_model::{
    BatchState, Choice, LanguageModel, LikelihoodGradient, Reading, SentenceLimits, read_by_steps,
};
pub use oracle::{load_oracle, oracle_shape, random_oracle, save_oracle};
pub(super) use places::places;
pub use recurrent::{RecurrentModel, RecurrentShape};
#[cfg(test)]
pub(super) use table::ClassTable;
