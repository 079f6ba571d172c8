//! Beam search: the likeliest sentences of a language model, for many contexts at once.
//!
//! [`Beam`] holds the settings and finds n-best lists, [`rerank`] sorts them by a second score, such as the likelihood of
//! the source given the answer ([`reverse_scores`]).

mod batch;
mod length;
mod rerank;
mod search;
mod settings;
#[cfg(test)]
mod tests;

pub use batch::beam_search;
pub use length::LengthNorm;
pub(super) use rerank::reverse_log_probabilities;
pub use rerank::{rerank, reverse_scores};
pub use settings::{Beam, Hypothesis, MOST_WIDTH};
