//! The commands of `irgan`.

mod compare;
mod cv;
mod effects;
pub(super) mod eval;
mod features;
mod index;
mod inspect;
mod qrels;
mod rank;
mod recommend;
mod search;
#[cfg(feature = "serve")]
mod serve;
mod subsample;
mod sweep;
mod synth;
pub(super) mod train;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use super::console::ConsoleArgs;
use super::team::{finish, join};
use super::{EXIT_CODES, completions, man, parsed, parsed_again, report};

/// Adversarial ranking: train, rank, evaluate, compare
#[derive(Debug, Parser)]
#[command(name = "irgan", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = format!("Examples:
  irgan train --pairwise
  irgan train --pairwise --train train.txt --valid vali.txt --out runs/pair
  irgan rank --model runs/pair --data test.txt --out pair.run
  irgan eval qrels.txt pair.run

{EXIT_CODES}"))]
struct Irgan {
    #[command(flatten)]
    console: ConsoleArgs,
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
    #[cfg(feature = "serve")]
    Serve(serve::ServeArgs),
    Inspect(inspect::InspectArgs),
    Eval(eval::EvalArgs),
    Compare(compare::CompareArgs),
    #[command(after_help = "Examples:
  irgan report runs/a
  irgan report runs/a runs/b --out ab.html
  irgan report runs/a --picture a.svg")]
    Report(report::ReportArgs),
    Cv(cv::CvArgs),
    Sweep(sweep::SweepArgs),
    Synth(synth::SynthArgs),
    Subsample(subsample::SubsampleArgs),
    Qrels(qrels::QrelsArgs),
    #[command(after_help = "Examples:
  irgan completions bash > ~/.local/share/bash-completion/completions/irgan
  irgan completions zsh > ~/.zfunc/_irgan
  irgan completions fish > ~/.config/fish/completions/irgan.fish")]
    Completions(completions::CompletionsArgs),
    #[command(after_help = "Examples:
  irgan man --out ~/.local/share/man/man1")]
    Man(man::ManArgs),
}

/// The `irgan` program.
pub fn irgan() -> ExitCode {
    crate::memory::keep_freed();
    let program = parsed::<Irgan>();
    let shares = match &program.command {
        Command::Search(_) => true,
        Command::Train(args) => args.may_share(),
        Command::Rank(args) => args.shares(),
        _ => false,
    };
    let done = program.console.apply().and_then(|()| join(shares)).and_then(|()| match program.command {
        Command::Train(args) => train::run::<Irgan>(args, train_arguments),
        Command::Index(args) => index::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Rank(args) => rank::run(&args),
        Command::Recommend(args) => recommend::run(&args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Cv(args) => cv::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Synth(args) => synth::run(&args),
        Command::Subsample(args) => subsample::run(&args),
        Command::Qrels(args) => qrels::run(&args),
        Command::Completions(args) => completions::run(&args, Irgan::command()),
        Command::Man(args) => man::run(&args, Irgan::command()),
    });
    finish(done)
}

/// The arguments of an earlier `irgan train`.
fn train_arguments(arguments: &[String]) -> Option<train::TrainArgs> {
    match parsed_again::<Irgan>(arguments)?.command {
        Command::Train(args) => Some(args),
        _ => None,
    }
}

/// The commands and flags of `irgan`.
#[cfg(test)]
pub(super) fn command() -> clap::Command {
    Irgan::command()
}
