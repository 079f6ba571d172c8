//! The commands of `seqgan`.

mod data;
mod eval;
mod generate;
mod oracle;
mod report;
mod settings;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::{finish, use_threads};

/// Adversarial text generation: train, generate, evaluate.
#[derive(Debug, Parser)]
#[command(name = "seqgan", version, propagate_version = true, arg_required_else_help = true)]
struct Seqgan {
    /// Threads to use; results do not depend on them
    #[arg(long, global = true, env = "IRGAN_THREADS")]
    threads: Option<usize>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
enum Command {
    Train(train::TrainArgs),
    Generate(generate::GenerateArgs),
    Eval(eval::EvalArgs),
    Oracle(oracle::OracleArgs),
}

/// The `seqgan` program.
pub fn seqgan() -> ExitCode {
    let program = Seqgan::parse();
    finish(use_threads(program.threads).and_then(|()| match program.command {
        Command::Train(args) => train::run(args),
        Command::Generate(args) => generate::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Oracle(args) => oracle::run(&args),
    }))
}

/// The arguments of an earlier `seqgan train`.
fn train_arguments(arguments: &[String]) -> Option<train::TrainArgs> {
    match Seqgan::try_parse_from(arguments).ok()?.command {
        Command::Train(args) => Some(args),
        _ => None,
    }
}
