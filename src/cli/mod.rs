//! The command line: typed arguments become a configuration, one library call and a report.

#[macro_use]
mod console;
mod compare;
mod completions;
mod cv;
mod eval;
mod features;
mod index;
mod man;
mod qrels;
mod rank;
mod ratings;
mod recommend;
mod report;
mod search;
mod seqgan;
mod session;
mod settings;
mod subsample;
mod sweep;
mod synth;
mod topics;
mod train;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::error::Result;

pub use seqgan::seqgan;

/// What the exit status of both programs tells.
const EXIT_CODES: &str = "\
Exit codes:
  0         success
  1         the data or the machine: a malformed file, a full disk, numbers that stopped being finite
  2         usage: an unknown flag, settings out of range
  130, 143  ended by SIGINT (Ctrl-C) or SIGTERM";

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
    console: console::ConsoleArgs,
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
    #[command(after_help = "Examples:
  irgan report runs/a
  irgan report runs/a runs/b --out ab.html")]
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
    let program = Irgan::parse();
    let done = program.console.apply().and_then(|()| match program.command {
        Command::Train(args) => train::run(args),
        Command::Index(args) => index::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Rank(args) => rank::run(&args),
        Command::Recommend(args) => recommend::run(&args),
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
            console::error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line as a shell reads them, up to a redirection: quotes hold blanks together.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quoted) = (vec![], String::new(), false);
        for c in line.chars().chain([' ']) {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted && !word.is_empty() => words.push(std::mem::take(&mut word)),
                ' ' if !quoted => {}
                c => word.push(c),
            }
        }
        assert!(!quoted, "{line}");
        words.into_iter().take_while(|word| word != ">").collect()
    }

    /// The examples in the help of `command` are lines that `program` takes.
    fn assert_examples(program: &clap::Command, command: &clap::Command) {
        let name = command.get_name();
        let help = command.get_after_help().unwrap_or_else(|| panic!("{name}: no examples")).to_string();
        let examples = help.strip_prefix("Examples:\n").unwrap_or_else(|| panic!("{name}: {help}"));
        let mut found = 0;
        for line in examples.lines().take_while(|line| line.starts_with("  ")) {
            let words = words(line);
            assert_eq!(words[0], program.get_name(), "{line}");
            let parsed = program.clone().try_get_matches_from(&words);
            parsed.unwrap_or_else(|cause| panic!("{line}\n{cause}"));
            found += usize::from(name == words[0] || name == words[1]);
        }
        assert!(found > 0, "{name}: {help}");
    }

    #[test]
    fn every_command_shows_examples_that_parse() {
        for program in [Irgan::command(), seqgan::command()] {
            program.clone().debug_assert();
            assert_examples(&program, &program);
            program.get_subcommands().for_each(|command| assert_examples(&program, command));
            assert!(program.get_after_help().expect("it has one").to_string().ends_with(EXIT_CODES));
        }
    }

    /// A flag that several commands have takes a value in all of them, or in none; but those of `synth` say what to make.
    #[test]
    fn flags_of_one_name_all_take_a_value_or_none_does() {
        for program in [Irgan::command(), seqgan::command()] {
            let mut kinds = std::collections::HashMap::new();
            for command in program.get_subcommands().filter(|command| command.get_name() != "synth") {
                for flag in command.get_arguments().filter(|flag| flag.get_long().is_some()) {
                    let long = flag.get_long().expect("only those");
                    let valued = flag.get_action().takes_values();
                    let known = *kinds.entry(long.to_owned()).or_insert(valued);
                    assert_eq!(known, valued, "--{long} of {}", command.get_name());
                }
            }
        }
    }
}
