//! The command line: typed arguments become a configuration, one library call and a report.

pub mod compare;
pub mod eval;

use std::process::ExitCode;

use clap::Parser;

/// Adversarial ranking: train, rank, evaluate and compare
#[derive(Parser)]
#[command(name = "irgan", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Eval(eval::EvalArgs),
    Compare(compare::CompareArgs),
}

/// The `irgan` program.
pub fn irgan() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Eval(args) => eval::run(&args),
        Command::Compare(args) => compare::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// The `seqgan` program.
pub fn seqgan() -> ExitCode {
    ExitCode::SUCCESS
}
