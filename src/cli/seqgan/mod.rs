//! The commands of `seqgan`.

mod answer;
mod beam;
mod chat;
mod data;
mod effects;
mod eval;
mod explain;
mod generate;
mod oracle;
mod pair_data;
mod score;
mod settings;
mod split;
mod synth;
mod train;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use super::team::{finish, join};
use super::{EXIT_CODES, completions, console, man, parsed, parsed_again, report};

/// Adversarial text generation: train, generate, evaluate
#[derive(Debug, Parser)]
#[command(name = "seqgan", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = format!("Examples:
  seqgan train
  seqgan train --text captions.txt --out runs/captions
  seqgan generate --model runs/captions -n 20
  seqgan eval --model runs/captions --reference test.txt

{EXIT_CODES}"))]
struct Seqgan {
    #[command(flatten)]
    console: console::ConsoleArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
enum Command {
    Train(train::TrainArgs),
    Generate(generate::GenerateArgs),
    Answer(answer::AnswerArgs),
    Chat(chat::ChatArgs),
    Eval(eval::EvalArgs),
    Score(score::ScoreArgs),
    Explain(explain::ExplainArgs),
    #[command(after_help = "Examples:
  seqgan report runs/a
  seqgan report runs/a runs/b --out ab.html
  seqgan report runs/a --picture a.svg
  seqgan report seeds/1 seeds/2 seeds/3 --mean")]
    Report(report::ReportArgs),
    Oracle(oracle::OracleArgs),
    Synth(synth::SynthArgs),
    Split(split::SplitArgs),
    #[command(after_help = "Examples:
  seqgan completions bash > ~/.local/share/bash-completion/completions/seqgan
  seqgan completions zsh > ~/.zfunc/_seqgan
  seqgan completions fish > ~/.config/fish/completions/seqgan.fish")]
    Completions(completions::CompletionsArgs),
    #[command(after_help = "Examples:
  seqgan man --out ~/.local/share/man/man1")]
    Man(man::ManArgs),
}

/// Returns the commands and flags of `seqgan`.
#[cfg(test)]
pub(super) fn command() -> clap::Command {
    Seqgan::command()
}

/// Runs the `seqgan` program.
pub fn seqgan() -> ExitCode {
    crate::memory::keep_freed();
    let program = parsed::<Seqgan>();
    let shares = matches!(program.command, Command::Train(_));
    finish(program.console.apply().and_then(|()| join(shares)).and_then(|()| match program.command {
        Command::Train(args) => train::run::<Seqgan>(args, train_arguments),
        Command::Generate(args) => generate::run(&args),
        Command::Answer(args) => answer::run(&args),
        Command::Chat(args) => chat::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Oracle(args) => oracle::run(&args),
        Command::Synth(args) => synth::run(&args),
        Command::Split(args) => split::run(&args),
        Command::Completions(args) => completions::run(&args, Seqgan::command()),
        Command::Man(args) => man::run(&args, Seqgan::command()),
    }))
}

/// Parses the arguments of an earlier `seqgan train`.
fn train_arguments(arguments: &[String]) -> Option<train::TrainArgs> {
    match parsed_again::<Seqgan>(arguments)?.command {
        Command::Train(args) => Some(args),
        _ => None,
    }
}
