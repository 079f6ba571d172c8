//! Flags that stand on the command line, and what is said of those that have no effect.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use super::console;
use crate::error::{Error, Result};

/// Flags given to the command, as they are written: `--name`, or `-k` for those that are only short.
static GIVEN: OnceLock<BTreeSet<String>> = OnceLock::new();

/// Flags of one purpose, with the reason for which they have no effect; none when they have one.
pub(super) type Rule<'a> = (&'a [&'a str], Option<String>);

/// Notes which flags of `program` were given.
pub(super) fn record(program: &Command, matches: &ArgMatches) {
    let given = match matches.subcommand() {
        Some((name, matches)) => {
            let command = program.find_subcommand(name).expect("it was parsed");
            command.get_arguments().filter(|arg| is_given(arg, matches)).map(name_of).collect()
        }
        None => BTreeSet::new(),
    };
    GIVEN.get_or_init(|| given);
}

/// Returns true when an argument stands on the command line; a default or a variable of the environment does not.
pub(super) fn is_given(argument: &clap::Arg, matches: &ArgMatches) -> bool {
    let id = argument.get_id().as_str();
    matches!(matches.try_contains_id(id), Ok(true))
        && matches.value_source(id) == Some(ValueSource::CommandLine)
}

fn name_of(argument: &clap::Arg) -> String {
    let short = || argument.get_short().map(|letter| format!("-{letter}"));
    argument.get_long().map(|name| format!("--{name}")).or_else(short).unwrap_or_default()
}

/// Warns of every flag that was given and that its rule says has no effect, those of one reason together; not with
/// `--quiet`, since nothing goes wrong.
pub(super) fn warn_without_effect(rules: &[Rule<'_>]) {
    let Some(given) = GIVEN.get().filter(|_| !console::is_quiet()) else { return };
    for (flags, reason) in rules {
        let Some(reason) = reason else { continue };
        let written = |flag: &&str| {
            let forms = [format!("--{flag}"), format!("-{flag}")];
            forms.into_iter().find(|form| given.contains(form))
        };
        let idle: Vec<String> = flags.iter().filter_map(written).collect();
        if let Some((last, others)) = idle.split_last() {
            let (list, verb) = match others {
                [] => (last.clone(), "has"),
                others => (format!("{} and {last}", others.join(", ")), "have"),
            };
            warning!("{list} {verb} no effect {reason}");
        }
    }
}

/// Refuses flags that were given and that do not apply, for this `reason`.
///
/// # Errors
/// When one was given.
pub(super) fn refuse(flags: &[&str], reason: &str) -> Result<()> {
    refuse_those(|name| flags.contains(&name), reason)
}

/// Refuses every flag that was given and is not among `flags`, for this `reason`.
///
/// # Errors
/// When one was given.
pub(super) fn refuse_others(flags: &[&str], reason: &str) -> Result<()> {
    refuse_those(|name| !flags.contains(&name), reason)
}

fn refuse_those(is_refused: impl Fn(&str) -> bool, reason: &str) -> Result<()> {
    let name = |flag: &&String| is_refused(flag.trim_start_matches('-'));
    match GIVEN.get().and_then(|given| given.iter().find(name)) {
        Some(flag) => Err(Error::Config(format!("{flag} {reason}"))),
        None => Ok(()),
    }
}

/// Warns of `--force` where no folder is named: a new one is made then.
pub(super) fn of_folder(is_named: bool) {
    warn_without_effect(&[(&["force"], unless(is_named, "without --out: a new folder is made"))]);
}

/// Returns the reason unless the flags are used.
pub(super) fn unless(used: bool, reason: &str) -> Option<String> {
    (!used).then(|| reason.to_owned())
}
