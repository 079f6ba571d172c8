//! A run's folder while a training writes to it: what `irgan train` and `seqgan train` share.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory};

use crate::error::{Error, Result};
use crate::game::{Checkpoints, Interrupt, LogLength};
use crate::runs::{MetricsLog, RunDir, RunRecord};

/// Where a run is kept.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Run")]
pub(in crate::cli) struct RunArgs {
    /// Folder for the run [default: the next free runs/NAME]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Write into --out even when it is not empty
    #[arg(long)]
    pub force: bool,
    /// Go on with the interrupted run in this folder, by its own arguments, to the bits of an unbroken one
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Seconds between two checkpoints, from which --resume goes on; 0: one after every step [default: 20]
    #[arg(long, value_name = "SECONDS")]
    checkpoint_every: Option<u64>,
}

/// Seconds between two checkpoints when nobody says otherwise.
const BETWEEN_CHECKPOINTS: u64 = 20;

impl RunArgs {
    /// These, with what the arguments of the run they go on with say beside.
    pub fn over(self, earlier: &Self) -> Self {
        Self { checkpoint_every: self.checkpoint_every.or(earlier.checkpoint_every), ..self }
    }

    /// These for a run in `folder`, in which an earlier one may have been interrupted; in none for a comparison.
    pub fn at(&self, folder: Option<&Path>) -> Self {
        Self { out: folder.map(Path::to_owned), force: folder.is_some(), ..self.clone() }
    }

    /// How the run in the folder of `--resume` was begun, and its arguments as `parse` reads them; `None` when it is
    /// finished, which is told. Flags of the program P beside `--resume` would have no effect: an error.
    pub fn earlier<P: CommandFactory, A>(
        folder: &Path,
        parse: impl FnOnce(&[String]) -> Option<A>,
    ) -> Result<Option<(RunRecord, A)>> {
        let mut command = P::command();
        if let Ok(matches) = command.try_get_matches_from_mut(std::env::args_os())
            && let Some((name, matches)) = matches.subcommand()
        {
            let known = command.find_subcommand(name).into_iter().flat_map(clap::Command::get_arguments);
            let given = |argument: &&clap::Arg| {
                let id = argument.get_id().as_str();
                let own = ["resume", "checkpoint_every"].contains(&id);
                !own && matches!(matches.try_contains_id(id), Ok(true))
                    && matches.value_source(id) == Some(ValueSource::CommandLine)
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
            None => Err(Error::data(folder.join("run.toml"), "its arguments are not those of a training")),
        }
    }

    /// Opens the run's folder, which is called `runs/NAME` unless the arguments say otherwise, and records the
    /// files and folders `given` to it.
    pub fn begin(&self, name: &str, given: &[PathBuf]) -> Result<Session> {
        let (folder, record) = match (&self.resume, &self.out) {
            (Some(path), _) => RunDir::open(path)?,
            (None, out) => {
                let record = RunRecord::of_this_process(given)?;
                let folder = match out {
                    Some(path) => RunDir::create(path, self.force)?,
                    None => RunDir::next(name)?,
                };
                folder.save_record(&record)?;
                (folder, record)
            }
        };
        let lock = folder.lock()?;
        let length = LogLength::default();
        let log = folder.metrics(length.clone())?;
        let every = Duration::from_secs(self.checkpoint_every.unwrap_or(BETWEEN_CHECKPOINTS));
        let interrupt = Interrupt::listen()
            .map_err(|source| Error::io(folder.path(), "listen to signals for", source))?;
        let checkpoints = Checkpoints::new(&folder.checkpoints()?, every, interrupt, length);
        Ok(Session { folder, log, checkpoints, record, _lock: lock })
    }
}

/// A run that is being trained.
#[derive(Debug)]
pub(in crate::cli) struct Session {
    /// Its folder.
    pub folder: RunDir,
    /// Its numbers.
    pub log: MetricsLog,
    /// Its checkpoints.
    pub checkpoints: Checkpoints,
    record: RunRecord,
    _lock: File, // for as long as the training lasts
}

impl Session {
    /// What a training ended with; after an interruption, says how to go on.
    pub fn told<T>(&self, program: &str, outcome: Result<T>) -> Result<T> {
        if let Err(Error::Interrupted { .. }) = outcome {
            warning!("saved; go on with: {program} train --resume {}", self.folder.path().display());
        }
        outcome
    }

    /// The training is at its end, and all it leaves is written.
    pub fn finish(self) -> Result<()> {
        self.log.finish()?;
        self.folder.save_record(&RunRecord { finished: true, ..self.record })?;
        self.folder.remove_checkpoints()
    }
}
