//! `irgan synth`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::atomic::write_atomically;
use crate::data::answers::{self, Synthetic, SyntheticConfig};
use crate::data::letor;
use crate::data::planted::{Planted, PlantedConfig};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::training::RunDir;

/// Write a benchmark with a planted optimum as LETOR files, or questions with answers
///
/// OUT receives train.txt, vali.txt and test.txt; of LETOR files also optimum.toml: the settings, and
/// what the hidden teacher itself scores on the validation and test data.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan synth --out planted --queries 784 --documents 1000 --features 46
  irgan synth --qa --out answers")]
pub struct SynthArgs {
    /// Generate questions with one right answer each; --queries counts them, --documents their answers
    #[arg(long, conflicts_with_all = ["features", "hidden", "noise", "observed"])]
    qa: bool,
    /// Folder to write into
    #[arg(long)]
    out: PathBuf,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Training queries; validation and test data have half as many each [default: 150, of questions 80]
    #[arg(long)]
    queries: Option<usize>,
    /// Documents of every query [default: 60, of questions 6 answers]
    #[arg(long)]
    documents: Option<usize>,
    /// Features of every document
    #[arg(long, default_value_t = PlantedConfig::default().features)]
    features: usize,
    /// Hidden units of the teacher
    #[arg(long, default_value_t = PlantedConfig::default().hidden)]
    hidden: usize,
    /// Deviation of the noise, in deviations of the teacher's scores
    #[arg(long, default_value_t = PlantedConfig::default().noise)]
    noise: f32,
    /// Share of the training positives that is observed
    #[arg(long, default_value_t = PlantedConfig::default().observed)]
    observed: f64,
    /// Seed of the teacher, the documents and the noise
    #[arg(long, default_value_t = PlantedConfig::default().seed)]
    seed: u64,
}

/// Runs the command.
pub fn run(args: &SynthArgs) -> Result<()> {
    if args.qa { questions(args) } else { planted(args) }
}

/// Writes questions and answers.
fn questions(args: &SynthArgs) -> Result<()> {
    let usual = SyntheticConfig::default();
    let made = Synthetic::generate(&SyntheticConfig {
        questions: args.queries.unwrap_or(usual.questions),
        answers: args.documents.unwrap_or(usual.answers),
        seed: args.seed,
    })?;
    let folder = RunDir::create(&args.out, args.force)?;
    for (name, set) in [("train.txt", &made.train), ("vali.txt", &made.valid), ("test.txt", &made.test)] {
        answers::write(&folder.path().join(name), set)?;
        eprintln!("{name}: {}", set.summary());
    }
    Ok(())
}

/// Writes the planted benchmark.
fn planted(args: &SynthArgs) -> Result<()> {
    let usual = PlantedConfig::default();
    let config = PlantedConfig {
        queries: args.queries.unwrap_or(usual.queries),
        documents: args.documents.unwrap_or(usual.documents),
        features: args.features,
        hidden: args.hidden,
        noise: args.noise,
        observed: args.observed,
        seed: args.seed,
    };
    let planted = Planted::generate(&config)?;
    let folder = RunDir::create(&args.out, args.force)?;
    for (name, set) in
        [("train.txt", &planted.train), ("vali.txt", &planted.valid), ("test.txt", &planted.test)]
    {
        letor::write(&folder.path().join(name), set)?;
        eprintln!("{name}: {}", set.summary());
    }
    let mut text = toml::to_string(&config).map_err(|cause| Error::Config(cause.to_string()))?;
    for (name, optimum) in [("vali", Planted::optimum as Optimum), ("test", Planted::optimum_test)] {
        let _ = writeln!(text, "\n[{name}]");
        for measure in ["nDCG@10", "P@5", "AP"] {
            let value = optimum(&planted, &measure.parse()?);
            let _ = writeln!(text, "\"{measure}\" = {value:.4}");
        }
    }
    write_atomically(&folder.path().join("optimum.toml"), |writer| writer.write_all(text.as_bytes()))
}

/// What the teacher scores on one part of the data.
type Optimum = fn(&Planted, &Measure) -> f64;
