//! Flags of a run's folder, which `irgan train` and `seqgan train` share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, CommandFactory};

use crate::cli::command_of;
use crate::cli::given::is_given;
use crate::cli::team::{keep_apart, team};
use crate::error::{Error, Result};
use crate::files::packed::is_standard_input;
use crate::runs::{ActiveRun, RunDir, RunOptions, RunRecord};

/// Flags of the folder that a run is kept in.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Run")]
pub(in crate::cli) struct RunArgs {
    /// Folder for the run [default: the next free runs/NAME]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Write into --out even when it is not empty
    #[arg(long)]
    pub force: bool,
    /// Resume the interrupted run in this folder, by its own arguments; results are those of an uninterrupted run
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Seconds between two checkpoints, which --resume starts from; 0: one after every step [default: 20]
    #[arg(long, value_name = "SECONDS")]
    checkpoint_every: Option<u64>,
}

/// Seconds between two checkpoints when nobody says otherwise.
const BETWEEN_CHECKPOINTS: u64 = 20;

/// Arguments of a training of either program.
pub(in crate::cli) trait Resumable: Sized {
    /// Flags of the run's folder.
    fn run_args(&mut self) -> &mut RunArgs;

    /// Every file and folder that is read.
    fn inputs(&mut self) -> Vec<&mut PathBuf>;

    /// Returns the arguments of the run that `--resume` names, or these; `None` when that run is finished. The program `P`
    /// knows the flags, and `parse` reads the arguments of the earlier run.
    fn resumed<P: CommandFactory>(
        mut self,
        parse: impl FnOnce(&[String]) -> Option<Self>,
    ) -> Result<Option<Self>> {
        let run = self.run_args();
        keep_apart(&mut run.out, &mut run.resume)?;
        let own = run.clone();
        let Some(folder) = &own.resume else { return Ok(Some(self)) };
        let Some((record, mut earlier)) = RunArgs::earlier::<P, _>(folder, parse)? else { return Ok(None) };
        let run = earlier.run_args();
        *run = own.over(run);
        let files = earlier.inputs().into_iter().filter(|path| !is_standard_input(path));
        files.for_each(|path| *path = record.folder.join(&*path));
        Ok(Some(earlier))
    }
}

impl RunArgs {
    /// Returns these flags, with the interval of the `earlier` run where they name none.
    fn over(self, earlier: &Self) -> Self {
        Self { checkpoint_every: self.checkpoint_every.or(earlier.checkpoint_every), ..self }
    }

    /// Returns the record of the run in the folder of `--resume`, and its arguments as `parse` reads them; `None` when it is
    /// finished, which is told. Flags of the program P beside `--resume` would have no effect: an error.
    fn earlier<P: CommandFactory, A>(
        folder: &Path,
        parse: impl FnOnce(&[String]) -> Option<A>,
    ) -> Result<Option<(RunRecord, A)>> {
        let mut command = command_of::<P>();
        if let Ok(matches) = command.try_get_matches_from_mut(std::env::args_os())
            && let Some((name, matches)) = matches.subcommand()
        {
            let known = command.find_subcommand(name).into_iter().flat_map(clap::Command::get_arguments);
            let given = |argument: &&clap::Arg| {
                let id = argument.get_id().as_str();
                let own = ["resume", "checkpoint_every"].contains(&id);
                !own && is_given(argument, matches)
            };
            if let Some(other) = known.filter(|argument| !argument.is_global_set()).find(given) {
                let flag = other.get_long().unwrap_or_default();
                return Err(Error::Config(format!(
                    "--{flag} has no effect beside --resume: a run goes on by the arguments it was begun with"
                )));
            }
        }
        let (run, record) = RunDir::open(folder)?;
        if record.finished {
            run.remove_checkpoints()?;
            warning!("{}: this run is finished: nothing to do", folder.display());
            return Ok(None);
        }
        if let Some(message) = record.validate(folder)? {
            warning!("{message}");
        }
        match parse(&record.arguments) {
            Some(arguments) => Ok(Some((record, arguments))),
            None => Err(Error::data(folder.join("run.toml"), not_a_training(&record.arguments))),
        }
    }

    /// Returns the place of the run that these flags describe.
    pub fn options(&self) -> RunOptions {
        let Self { out, force, resume, checkpoint_every } = self.clone();
        let checkpoint_every = Duration::from_secs(checkpoint_every.unwrap_or(BETWEEN_CHECKPOINTS));
        RunOptions { out, force, resume, checkpoint_every, team: team() }
    }
}

/// Tells how to resume a run whose arguments are not those of a training.
fn not_a_training(arguments: &[String]) -> String {
    let words: Vec<_> = arguments.iter().map(|word| quoted(word)).collect();
    match arguments.get(1).map(String::as_str) {
        Some("sweep") => format!(
            "this training is one of a sweep; the command that began the sweep resumes it: irgan {}",
            words[1..].join(" ")
        ),
        _ => "its arguments are not those of a training".into(),
    }
}

/// Returns the command that this process runs, to be pasted into a shell.
pub(in crate::cli) fn this_command() -> String {
    let words = std::env::args_os().skip(1).map(|word| quoted(&word.to_string_lossy()));
    std::iter::once("irgan".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// Returns `word` as a shell reads it.
pub(in crate::cli) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// Returns `run` beside the value of its training; after an interruption, tells how to resume it. Nothing stays of a run
/// that was refused before anything was trained.
pub(in crate::cli) fn resumable<T>(
    program: &str,
    run: ActiveRun,
    outcome: Result<T>,
) -> Result<(ActiveRun, T)> {
    if let Err(Error::Interrupted { .. }) = outcome {
        let folder = run.folder.path().to_string_lossy();
        warning!("saved; resume with: {program} train --resume {}", quoted(&folder));
    }
    run.unless_refused(outcome)
}
