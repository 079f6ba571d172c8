//! `seqgan synth`: generated data whose best answers are known.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::console::print_text;
use crate::data::pairs::planted::{PlantedPairs, PlantedPairsConfig, PlantedTruth};
use crate::error::Result;
use crate::runs::{FolderKind, RunDir};

/// Write generated pairs of sources and answers with a known best answer
///
/// A source is a few words; its best answer says them from the last to the first, translated word by word. Training and
/// validation answers have wrong words in some places. OUT receives train.tsv, valid.tsv and test.tsv (source, tab,
/// answer; test answers are the best), truth.tsv with the best answer to every source, errors.tsv with an answer of
/// one wrong word to every test source (source, answer, place of the word from 1, best answer), and pairs.toml with the
/// settings and what is known of the data.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan synth --pairs --out toy
  seqgan synth --pairs --corrupt 0.6 --out bad-start
  seqgan synth --pairs --sources 30 --vocab 3 --length 3 --answers 8 --out tiny")]
pub struct SynthArgs {
    /// Write pairs, the one kind of data so far
    #[arg(long, required = true)]
    pairs: bool,
    /// Folder to write into
    #[arg(long)]
    out: PathBuf,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Different sources to learn from; validation and test data have a tenth as many each
    #[arg(long, default_value_t = PlantedPairsConfig::default().sources)]
    sources: usize,
    /// Training answers to each source, each with wrong words of its own
    #[arg(long, default_value_t = PlantedPairsConfig::default().answers)]
    answers: usize,
    /// Words of the vocabulary
    #[arg(long, default_value_t = PlantedPairsConfig::default().vocabulary)]
    vocab: usize,
    /// Words of the longest source
    #[arg(long, default_value_t = PlantedPairsConfig::default().length)]
    length: usize,
    /// Probability that a word of a training or validation answer is wrong
    #[arg(long, default_value_t = PlantedPairsConfig::default().corrupt)]
    corrupt: f64,
    /// Seed of everything drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the command.
pub fn run(args: &SynthArgs) -> Result<()> {
    let config = PlantedPairsConfig {
        sources: args.sources,
        answers: args.answers,
        vocabulary: args.vocab,
        length: args.length,
        corrupt: args.corrupt,
        seed: args.seed,
    };
    let kind = &FolderKind::PAIRS;
    RunDir::check(&args.out, args.force, kind)?;
    let made = PlantedPairs::generate(&config)?;
    let folder = RunDir::create(&args.out, args.force, kind)?;
    let files =
        [("train", &made.train), ("valid", &made.valid), ("test", &made.test), ("truth", &made.truth)];
    for (name, pairs) in files {
        folder.save_text(&format!("{name}.tsv"), &lines(pairs))?;
        note!("{name}.tsv: {} pairs", pairs.len());
    }
    let errors = made
        .errors
        .iter()
        .map(|error| format!("{}\t{}\t{}\t{}\n", error.source, error.answer, error.place, error.best));
    folder.save_text("errors.tsv", &errors.collect::<String>())?;
    let truth = made.known(&config);
    folder.save_toml("pairs.toml", &Description { config, truth })?;
    print_text(&format!(
        "pairs in {}: {:.1} % of the training answers are right, {:.1} % of their words; floor {:.4} nats a token\n",
        args.out.display(),
        100.0 * truth.right,
        100.0 * truth.reward,
        truth.floor
    ))
}

/// Content of `pairs.toml`.
#[derive(Serialize)]
struct Description {
    #[serde(flatten)]
    config: PlantedPairsConfig,
    truth: PlantedTruth,
}

fn lines(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(source, answer)| format!("{source}\t{answer}\n")).collect()
}
