//! `seqgan split`: pairs divided into training, validation and test data.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::pair_data::pair_files;
use crate::cli::given::{unless, warn_without_effect};
use crate::data::pairs::{PairTexts, SplitShares};
use crate::error::Result;
use crate::files::count::counted;
use crate::runs::{FolderKind, RunDir};
use crate::seed::Stream;

/// Divide pairs of sources and answers into training, validation and test files
///
/// OUT receives train.tsv, valid.tsv, test.tsv (source, tab, answer a line; turns of a source parted by `__eou__`), and
/// split.toml with the settings. All pairs of a conversation are of one file, as are all copies of a pair.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan split --pairs dialogue.tsv --out parts
  seqgan split --source lines.txt --target replies.txt --valid-share 0.05 --test-share 0.05 --out parts
  seqgan split --dialogues talks.txt --turns 3 --out parts")]
pub struct SplitArgs {
    /// Pairs: source, tab, answer a line, also .gz and .zst
    #[arg(long, required_unless_present_any = ["source", "dialogues"], conflicts_with_all = ["source", "dialogues"])]
    pairs: Option<PathBuf>,
    /// Sources, one a line, whose answers --target has
    #[arg(long, requires = "target", conflicts_with = "dialogues")]
    source: Option<PathBuf>,
    /// Answers to the lines of --source
    #[arg(long, requires = "source")]
    target: Option<PathBuf>,
    /// Conversations: one a line, turns parted by `__eou__` or tabs
    #[arg(long)]
    dialogues: Option<PathBuf>,
    /// Turns of a conversation that a source has at most
    #[arg(long, default_value_t = 2)]
    turns: usize,
    /// Share of the pairs for validation
    #[arg(long, default_value_t = 0.1)]
    valid_share: f64,
    /// Share of the pairs for tests
    #[arg(long, default_value_t = 0.1)]
    test_share: f64,
    /// Seed of the division
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder to write into
    #[arg(long)]
    out: PathBuf,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
}

/// Content of `split.toml`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Description {
    files: String,
    valid_share: f64,
    test_share: f64,
    seed: u64,
}

/// Runs the command.
pub fn run(args: &SplitArgs) -> Result<()> {
    warn_without_effect(&[(&["turns"], unless(args.dialogues.is_some(), "without --dialogues"))]);
    let files = pair_files(&args.pairs, (&args.source, &args.target), (&args.dialogues, args.turns));
    let kind = &FolderKind::PARTS;
    RunDir::check(&args.out, args.force, kind)?;
    let texts = PairTexts::read(&files)?;
    let shares = SplitShares { valid: args.valid_share, test: args.test_share };
    let stream = Stream::new(args.seed).named("split");
    let parts = texts.divide(shares, stream).map_err(|error| error.in_file(files.path()))?;
    let folder = RunDir::create(&args.out, args.force, kind)?;
    note!("{files}: {}", counted(texts.pairs.len(), "pair"));
    texts.report.remarks().iter().for_each(|remarks| note!("{remarks}"));
    for (name, numbers) in ["train", "valid", "test"].iter().zip(&parts) {
        texts.write(&folder.path().join(format!("{name}.tsv")), numbers)?;
        note!("{name}.tsv: {}", counted(numbers.len(), "pair"));
    }
    let (valid_share, test_share) = (shares.valid, shares.test);
    folder.save_toml(
        "split.toml",
        &Description { files: files.to_string(), valid_share, test_share, seed: args.seed },
    )
}
