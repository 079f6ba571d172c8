//! Questions with one right answer each.

use super::args::SynthArgs;
use crate::data::answers::{self, SyntheticAnswers, SyntheticAnswersConfig};
use crate::error::Result;
use crate::runs::{FolderKind, RunDir};

/// Writes questions and answers.
pub(super) fn run(args: &SynthArgs) -> Result<()> {
    let usual = SyntheticAnswersConfig::default();
    let config = SyntheticAnswersConfig {
        questions: args.queries.unwrap_or(usual.questions),
        answers: args.documents.unwrap_or(usual.answers),
        seed: args.seed,
    };
    let kind = &FolderKind::ANSWERS;
    RunDir::check(&args.out, args.force, kind)?;
    let made = SyntheticAnswers::generate(&config)?;
    let folder = RunDir::create(&args.out, args.force, kind)?;
    for (name, set) in [("train.txt", &made.train), ("vali.txt", &made.valid), ("test.txt", &made.test)] {
        answers::write(&folder.path().join(name), set)?;
        note!("{name}: {}", set.summary());
    }
    folder.save_toml("answers.toml", &config)
}
