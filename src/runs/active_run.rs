//! Folder of a run while a training writes to it.

use std::path::PathBuf;
use std::time::Duration;

use super::{FolderKind, MetricsLog, RunDir, RunRecord};
use crate::error::{Error, Result};
use crate::game::{Checkpoints, Interrupt, LogLength};
use crate::team::Team;

/// Folder of a run, and the time between its checkpoints.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Folder of the run; the next free `runs/NAME` when there is none.
    pub out: Option<PathBuf>,
    /// Writes into `out` even when it is not empty.
    pub force: bool,
    /// Folder of an interrupted run to resume, in the place of `out`.
    pub resume: Option<PathBuf>,
    /// Time between two checkpoints.
    pub checkpoint_every: Duration,
    /// Processes that train together, all of which stop where the first is asked to.
    pub team: Team,
}

impl RunOptions {
    /// Checks the folder before data are read: [`begin`](Self::begin) will not refuse it.
    ///
    /// # Errors
    /// When the folder holds another run, or another process trains in it.
    pub fn check(&self) -> Result<()> {
        match (&self.resume, &self.out) {
            (Some(path), _) => RunDir::open(path).map(|_| ()),
            (None, Some(path)) => RunDir::check(path, self.force, &FolderKind::RUN),
            (None, None) => Ok(()),
        }
    }

    /// Opens the run's folder, which is called `runs/NAME` unless the options say otherwise, and records the
    /// `inputs`: the files and folders that the training reads.
    ///
    /// # Errors
    /// When the folder cannot be made, holds another run, or another process trains in it.
    pub fn begin(&self, name: &str, inputs: &[PathBuf]) -> Result<ActiveRun> {
        let (folder, record) = match (&self.resume, &self.out) {
            (Some(path), _) => RunDir::open(path)?,
            (None, out) => {
                let record = RunRecord::of_this_process(inputs)?;
                let folder = match out {
                    Some(path) => RunDir::create(path, self.force, &FolderKind::RUN)?,
                    None => RunDir::next(name, &FolderKind::RUN)?,
                };
                folder.save_record(&record)?;
                (folder, record)
            }
        };
        let length = LogLength::default();
        let log = folder.metrics(length.clone())?;
        let interrupt = Interrupt::listen_for(self.team)
            .map_err(|source| Error::io(folder.path(), "listen to signals for", source))?;
        let checkpoints = Checkpoints::new(&folder.checkpoints()?, self.checkpoint_every, interrupt, length);
        Ok(ActiveRun { folder, log, checkpoints, record, is_resumed: self.resume.is_some() })
    }
}

/// Run that is being trained.
#[derive(Debug)]
pub struct ActiveRun {
    /// Folder of the run.
    pub folder: RunDir,
    /// Log of its numbers.
    pub log: MetricsLog,
    /// Checkpoints of every stage.
    pub checkpoints: Checkpoints,
    record: RunRecord,
    is_resumed: bool,
}

impl ActiveRun {
    /// Returns the run beside the value of its training. After an error before anything was trained, a run that began in
    /// this process is removed: the corrected training finds its folder free.
    ///
    /// # Errors
    /// When the training had one.
    pub fn unless_refused<T>(self, outcome: Result<T>) -> Result<(Self, T)> {
        let cause = match outcome {
            Ok(value) => return Ok((self, value)),
            Err(cause) => cause,
        };
        let was_training = matches!(cause, Error::Interrupted { .. } | Error::NonFinite(_));
        let has_trained = was_training || !self.log.is_empty() || self.folder.has_trained();
        if !has_trained && !self.is_resumed {
            let Self { folder, log, .. } = self;
            drop(log); // an open file
            let _ = folder.discard(&FolderKind::RUN); // what stays is in the way, and named then
        }
        Err(cause)
    }

    /// Marks the run as finished and removes its checkpoints.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn finish(self) -> Result<()> {
        self.log.finish()?;
        self.folder.save_record(&RunRecord { finished: true, ..self.record })?;
        self.folder.remove_checkpoints()
    }
}
