//! Command line of both programs: typed arguments become a configuration, one library call and a report.

#[macro_use]
mod console;
mod args;
mod completions;
#[cfg(test)]
mod documents;
mod flags;
mod given;
mod irgan;
mod man;
mod progress;
mod report;
mod seqgan;
mod team;
mod tips;

pub use irgan::irgan;
pub use seqgan::seqgan;

/// Meaning of the exit status of both programs.
const EXIT_CODES: &str = "\
Exit codes:
  0         success, also when the reader of standard output leaves (| head)
  1         the data or the machine: a malformed file, a full disk, numbers that stopped being finite
  2         usage: an unknown flag, settings out of range
  130, 143  ended by SIGINT (Ctrl-C) or SIGTERM; 138 by SIGUSR1, which stops a training under MPI
  141       the reader of standard error has left; a training goes on, but for --log json";

/// Parses the command line of the program `P`, and notes which flags were given.
fn parsed<P: clap::Parser>() -> P {
    let mut command = command_of::<P>();
    let matches = command.try_get_matches_from_mut(std::env::args_os()).unwrap_or_else(|error| {
        let name = std::env::args().nth(1).unwrap_or_default();
        tips::with_tip(error, command.get_name(), &name).exit()
    });
    given::record(&command, &matches);
    P::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}

/// Returns the command line of `P`, on which a negative number is a value, never a flag: its range is told by what takes it.
fn command_of<P: clap::CommandFactory>() -> clap::Command {
    let valued = |argument: clap::Arg| match argument.get_action().takes_values() {
        true => argument.allow_negative_numbers(true),
        false => argument,
    };
    P::command().mut_subcommands(|command| command.mut_args(valued))
}

/// Parses the arguments of an earlier process; none when they are not of this version.
fn parsed_again<P: clap::Parser>(arguments: &[String]) -> Option<P> {
    P::from_arg_matches(&command_of::<P>().try_get_matches_from(arguments).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples in the help of `command` are lines that `program` takes.
    fn assert_examples(program: &clap::Command, command: &clap::Command) {
        let name = command.get_name();
        let help = command.get_after_help().unwrap_or_else(|| panic!("{name}: no examples")).to_string();
        let examples = help.strip_prefix("Examples:\n").unwrap_or_else(|| panic!("{name}: {help}"));
        let mut found = 0;
        for line in examples.lines().take_while(|line| line.starts_with("  ")) {
            let words = documents::shell_commands(line).remove(0);
            assert_eq!(words[0], program.get_name(), "{line}");
            let parsed = program.clone().try_get_matches_from(&words);
            parsed.unwrap_or_else(|cause| panic!("{line}\n{cause}"));
            found += usize::from(name == words[0] || name == words[1]);
        }
        assert!(found > 0, "{name}: {help}");
    }

    #[test]
    fn every_command_shows_examples_that_parse() {
        for program in [irgan::command(), seqgan::command()] {
            program.clone().debug_assert();
            assert_examples(&program, &program);
            program.get_subcommands().for_each(|command| assert_examples(&program, command));
            assert!(program.get_after_help().expect("it has one").to_string().ends_with(EXIT_CODES));
        }
    }

    /// A flag that several commands have takes a value in all of them, or in none; but those of `synth` say what to make, and
    /// `answer --systems` asks for all that `train --systems LIST` trained.
    #[test]
    fn flags_of_one_name_all_take_a_value_or_none_does() {
        for program in [irgan::command(), seqgan::command()] {
            let mut kinds = std::collections::HashMap::new();
            for command in program.get_subcommands().filter(|command| command.get_name() != "synth") {
                for flag in command.get_arguments().filter(|flag| flag.get_long().is_some()) {
                    let long = flag.get_long().expect("only those");
                    if (command.get_name(), long) == ("answer", "systems") {
                        continue;
                    }
                    let valued = flag.get_action().takes_values();
                    let known = *kinds.entry(long.to_owned()).or_insert(valued);
                    assert_eq!(known, valued, "--{long} of {}", command.get_name());
                }
            }
        }
    }
}
