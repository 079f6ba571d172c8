//! Language models.

mod oracle;
mod recurrent;

pub use oracle::{load_oracle, oracle_shape, random_oracle, save_oracle};
pub(super) use recurrent::keep_unfinished;
pub use recurrent::{Generator, GeneratorShape, LikelihoodGradient, SentenceTrace};
