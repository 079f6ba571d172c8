//! Sources of a task of questions and answers.

use std::path::PathBuf;

/// Training and validation files of questions and answers, and word vectors to start from.
#[derive(Clone, Debug)]
pub struct AnswerTask {
    /// Training file.
    pub train: PathBuf,
    /// Validation file; without one, part of the training questions is held out.
    pub valid: Option<PathBuf>,
    /// Share of the training questions that is held out.
    pub valid_share: f64,
    /// File of word vectors that networks start from; without one, all vectors start at random.
    pub vectors: Option<PathBuf>,
}

/// Choice of the questions that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All of them; those without a right answer score 0.
    All,
    /// Those with a right answer.
    Right,
    /// Those with a right and a wrong answer.
    Both,
}
