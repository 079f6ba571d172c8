//! The command line: typed arguments become a configuration, one library call and a report.

mod compare;
mod cv;
mod eval;
mod features;
mod index;
mod qrels;
mod rank;
mod ratings;
mod recommend;
mod search;
mod seqgan;
mod session;
mod settings;
mod subsample;
mod synth;
mod topics;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{Error, Result};

pub use seqgan::seqgan;

/// Adversarial ranking: train, rank, evaluate, compare.
#[derive(Debug, Parser)]
#[command(name = "irgan", version, propagate_version = true, arg_required_else_help = true)]
struct Irgan {
    /// Threads to use; results do not depend on them
    #[arg(long, global = true, env = "IRGAN_THREADS")]
    threads: Option<usize>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)] // made once
enum Command {
    Train(train::TrainArgs),
    Index(index::IndexArgs),
    Search(search::SearchArgs),
    Features(features::FeaturesArgs),
    Rank(rank::RankArgs),
    Recommend(recommend::RecommendArgs),
    Eval(eval::EvalArgs),
    Compare(compare::CompareArgs),
    Cv(cv::CvArgs),
    Synth(synth::SynthArgs),
    Subsample(subsample::SubsampleArgs),
    Qrels(qrels::QrelsArgs),
}

/// The `irgan` program.
pub fn irgan() -> ExitCode {
    let program = Irgan::parse();
    let done = use_threads(program.threads).and_then(|()| match program.command {
        Command::Train(args) => train::run(args),
        Command::Index(args) => index::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Rank(args) => rank::run(&args),
        Command::Recommend(args) => recommend::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Cv(args) => cv::run(&args),
        Command::Synth(args) => synth::run(&args),
        Command::Subsample(args) => subsample::run(&args),
        Command::Qrels(args) => qrels::run(&args),
    });
    finish(done)
}

/// The arguments of an earlier `irgan train`.
fn train_arguments(arguments: &[String]) -> Option<train::TrainArgs> {
    match Irgan::try_parse_from(arguments).ok()?.command {
        Command::Train(args) => Some(args),
        _ => None,
    }
}

/// Reports an error and turns the outcome into an exit status.
fn finish(done: Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn use_threads(threads: Option<usize>) -> Result<()> {
    match threads {
        None => Ok(()),
        Some(0) => Err(Error::Config("--threads must be at least 1".into())),
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|cause| Error::Config(format!("--threads {threads}: {cause}"))),
    }
}
