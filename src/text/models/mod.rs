//! Language models: the trait, the recurrent model of SeqGAN's generator, the encoder–decoder, ensembles, and the oracle.

mod encoder_decoder;
mod ensemble;
mod language_model;
mod oracle;
mod oracle_arrays;
mod outputs;
mod places;
mod recurrent;
mod relaxed;
#[cfg(test)]
mod table;

pub use encoder_decoder::{AnswerReading, AnswerState, EncoderDecoder, EncoderDecoderShape, EncoderKind};
pub use ensemble::{Ensemble, OfMembers};
pub(super) use language_model::keep_unfinished;
pub use language_model::{
    BatchState, Choice, LanguageModel, LikelihoodGradient, Reading, SentenceLimits, read_by_steps,
};
pub use oracle::{load_oracle, oracle_shape, random_oracle, save_oracle};
pub(super) use places::{places, trimmed};
pub(super) use recurrent::Lane;
pub use recurrent::{RecurrentModel, RecurrentShape};
pub use relaxed::{RelaxedGradient, RelaxedModel, RelaxedSentences, RelaxedStep, Relaxing};
#[cfg(test)]
pub(super) use table::{BySource, ClassTable};
