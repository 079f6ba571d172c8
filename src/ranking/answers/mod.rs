//! Answer selection (IRGAN, section 4.3): questions, their candidate answers, and a convolutional scorer.
//!
//! Letters in the docs: N texts, T tokens, E embedding, F features of a text, K overlap features.

mod config;
mod encoder;
mod folds;
mod lexicon;
mod model;
mod overlap;
mod pools;
mod preset;
mod scorer;
mod sources;
mod task;
mod train;

pub use config::AnswerConfig;
pub use encoder::TextEncoder;
pub use lexicon::Lexicon;
pub use model::AnswerModel;
pub use overlap::{OVERLAPS, overlaps};
pub use pools::AnswerPools;
pub use scorer::AnswerScorer;
pub use sources::{AnswerTask, Keep};
pub use task::{judgements, rank};
pub use train::train_answers;
