//! Flags that say which pairs `seqgan train` learns from.

use std::path::PathBuf;

use clap::Args;

use super::data::DataArgs;
use crate::data::pairs::{PairCorpus, PairFiles, PairLimits, PairOptions, SplitShares};
use crate::error::Result;
use crate::files::count::counted;
use crate::report::results::DataSummary;
use crate::seed::Stream;
use crate::text::hand_made::DullReplies;
use crate::text::pairs::PairData;

/// Flags that name pairs.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Pairs")]
pub struct PairArgs {
    /// Learn to answer from these pairs: source, tab, answer a line, also .gz and .zst
    #[arg(long, conflicts_with_all = ["text", "oracle", "source", "dialogues"])]
    pub pairs: Option<PathBuf>,
    /// Learn to answer from the sources in this file, one a line, whose answers --target has
    #[arg(long, requires = "target", conflicts_with_all = ["text", "oracle", "dialogues"])]
    pub source: Option<PathBuf>,
    /// Answers to the lines of --source
    #[arg(long, requires = "source")]
    pub target: Option<PathBuf>,
    /// Learn to answer from these conversations: one a line, turns parted by `__eou__` or tabs
    #[arg(long, conflicts_with_all = ["text", "oracle"])]
    pub dialogues: Option<PathBuf>,
    /// Turns of a conversation that a source has at most
    #[arg(long, default_value_t = 2)]
    pub turns: usize,
    /// Dull replies of the hand-made reward, one a line [default: twelve English ones]
    #[arg(long)]
    pub dull: Option<PathBuf>,
    /// Most tokens of a source; 0 for 200
    #[arg(long, default_value_t = 0)]
    pub max_source: usize,
    /// Most tokens of the vocabulary, the most frequent first; 0 for all
    #[arg(long, default_value_t = 0)]
    pub max_vocab: usize,
}

impl PairArgs {
    /// Returns true when pairs are named.
    pub fn are_given(&self) -> bool {
        self.pairs.is_some() || self.source.is_some() || self.dialogues.is_some()
    }

    /// Returns every file that is read but that of validation pairs.
    pub fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        let all = [&self.pairs, &self.source, &self.target, &self.dialogues, &self.dull];
        all.into_iter().flatten()
    }

    /// Returns every file that is read but that of validation pairs, to be changed.
    pub fn inputs_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let all = [&mut self.pairs, &mut self.source, &mut self.target, &mut self.dialogues, &mut self.dull];
        all.into_iter().flatten()
    }

    /// Returns the files of the training pairs.
    fn files(&self) -> PairFiles {
        pair_files(&self.pairs, (&self.source, &self.target), (&self.dialogues, self.turns))
    }

    /// Reads the pairs and describes them on standard error; returns them with the most turns of a source.
    pub fn load(&self, data: &DataArgs) -> Result<(PairData, usize)> {
        let options = PairOptions {
            tokenizer: data.tokenizer(),
            max_source: self.max_source,
            max_len: data.max_len,
            min_count: data.min_count,
            vocabulary: self.max_vocab,
        };
        let files = self.files();
        let name = files.path().display();
        let (train, valid) = match &data.valid {
            Some(path) => {
                let train = PairCorpus::train(&files, &options)?;
                note!("training   {name}: {}", train.report);
                let files = match self.dialogues {
                    Some(_) => PairFiles::Dialogues { path: path.clone(), turns: self.turns },
                    None => PairFiles::Columns(path.clone()),
                };
                let limits = PairLimits {
                    source: train.pairs.source_steps(),
                    answer: train.pairs.steps() - 1,
                    cut: false,
                };
                let valid = PairCorpus::with_vocabulary(&files, &train.vocabulary, limits)?;
                note!("validation {}: {}", path.display(), valid.report);
                (train, valid)
            }
            None => {
                let stream = Stream::new(data.data_seed).named("held out");
                let parts = PairCorpus::split(&files, &options, SplitShares::default(), stream)?;
                note!("training   {name}: {}", parts.train.report);
                note!("validation {} of these, held out", counted(parts.valid.pairs.len(), "pair"));
                (parts.train, parts.valid)
            }
        };
        let repeated = valid.pairs.repeated_in(&train.pairs);
        if repeated > 0 {
            warning!("{} of validation stand in the training data too", counted(repeated, "pair"));
        }
        let turns = most_turns(&train).max(1);
        Ok((PairData::new(train, valid), turns))
    }

    /// Reads the dull replies, where a file is named.
    pub fn dull_replies(&self, data: &PairData) -> Result<Option<DullReplies>> {
        let Some(path) = &self.dull else { return Ok(None) };
        let found = DullReplies::read(path, &data.vocabulary)?;
        let (kept, left_out) = (found.replies().len(), found.left_out);
        note!("dull       {}: {kept} replies, {left_out} left out with unknown words", path.display());
        Ok(Some(found))
    }

    /// Describes what was loaded.
    pub fn summary(&self, data: &PairData) -> DataSummary {
        let files = [&self.pairs, &self.source, &self.target, &self.dialogues].into_iter().flatten();
        let names: Vec<String> = files.map(|path| path.display().to_string()).collect();
        DataSummary {
            task: "pairs".into(),
            training: format!(
                "{}: {} of at most {} and {} tokens, vocabulary {}",
                names.join(", "),
                counted(data.train.len(), "pair"),
                data.source_steps,
                data.steps,
                data.vocabulary.len()
            ),
            validation: counted(data.valid.len(), "pair"),
        }
    }
}

/// Returns the files that one of the flags of pairs names: columns, sources and answers side by side, or conversations with
/// the most turns of a source.
pub(super) fn pair_files(
    columns: &Option<PathBuf>,
    (source, target): (&Option<PathBuf>, &Option<PathBuf>),
    (dialogues, turns): (&Option<PathBuf>, usize),
) -> PairFiles {
    match (columns, source, target, dialogues) {
        (_, Some(sources), Some(answers), _) => {
            PairFiles::Parallel { sources: sources.clone(), answers: answers.clone() }
        }
        (.., Some(path)) => PairFiles::Dialogues { path: path.clone(), turns },
        (path, ..) => PairFiles::Columns(path.clone().expect("pairs are named")),
    }
}

/// Returns the most turns that a source has.
fn most_turns(corpus: &PairCorpus) -> usize {
    let Some(turn_end) = corpus.vocabulary.turn_end() else { return 1 };
    let turns = |source: &[u32]| 1 + source.iter().filter(|&&token| token == turn_end).count();
    corpus.pairs.sources.iter().map(|source| turns(source)).max().unwrap_or(1)
}
