//! Checkpoints: the state of a training on disk, from which a stopped training resumes, with results that are
//! byte-identical to those of an uninterrupted one.
//!
//! A training is a sequence of named stages: each baseline, the game, the game with each placebo reward. A stage keeps
//! one file: its tensors, its position, and the length of the log of numbers. Random streams are addressed by purpose
//! and position, so the position is all that is needed of them. Nothing here knows what is trained.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::interrupt::Interrupt;
use crate::error::{Error, Result};
use crate::nn::{Notes, Parameters, load_checked, save_checked};
use crate::team::Team;

/// Folder of a training's stages, with the time between two writes and the request to stop. The default keeps nothing
/// and never stops.
#[derive(Clone, Debug, Default)]
pub struct Checkpoints {
    folder: Option<PathBuf>,
    prefix: String,
    every: Duration,
    interrupt: Interrupt,
    log: LogLength,
}

/// Number of bytes written to the log of numbers. The log and the checkpoints share it: a loaded checkpoint truncates
/// the log to the length that it had.
#[derive(Clone, Debug, Default)]
pub struct LogLength(Arc<AtomicU64>);

impl LogLength {
    /// Returns the number of bytes written.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Continues the log behind so many bytes.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::SeqCst);
    }
}

impl Checkpoints {
    /// Keeps stages in `folder`, which exists, at most one write in the time `every`: at zero, after every step.
    pub fn new(folder: &Path, every: Duration, interrupt: Interrupt, log: LogLength) -> Self {
        Self { folder: Some(folder.to_owned()), prefix: String::new(), every, interrupt, log }
    }

    /// Keeps nothing, and stops when `interrupt` asks to.
    pub fn only_interrupted(interrupt: Interrupt) -> Self {
        Self { interrupt, ..Self::default() }
    }

    /// Returns checkpoints of a training inside the training, whose stages are called `NAME-…`.
    pub fn within(&self, name: &str) -> Self {
        Self { prefix: format!("{}{name}-", self.prefix), ..self.clone() }
    }

    /// Returns checkpoints of a training inside the training that keeps nothing, and stops when it is asked to.
    pub fn unkept(&self) -> Self {
        Self { interrupt: self.interrupt.clone(), ..Self::default() }
    }

    /// Returns checkpoints of a training in a thread beside others. In a team it keeps nothing and does not stop, as each process has
    /// trainings of its own: only the team stops, between them.
    pub fn beside_others(&self) -> Self {
        match self.team().size() {
            1 => self.clone(),
            _ => Self { interrupt: Interrupt::default(), ..Self::default() },
        }
    }

    /// Returns the processes that train together.
    pub fn team(&self) -> Team {
        self.interrupt.team()
    }

    /// Path of the file `name` beside the stages; `None` without a folder.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        let name = format!("{}{}", self.prefix, name.replace(' ', "-"));
        self.folder.as_ref().map(|folder| folder.join(name))
    }

    /// Returns the stage `name`, to be resumed or begun.
    pub fn stage(&self, name: &str) -> Stage {
        Stage { owner: self.clone(), path: self.file(&format!("{name}.safetensors")), saved: Instant::now() }
    }

    /// Checks that nobody asked the training to stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when somebody did.
    pub fn check_interrupt(&self) -> Result<()> {
        self.interrupt.signal().map_or(Ok(()), |signal| Err(Error::Interrupted { signal }))
    }
}

/// One stage of a training and the file it is kept in.
#[derive(Debug)]
pub struct Stage {
    owner: Checkpoints,
    path: Option<PathBuf>,
    saved: Instant,
}

impl Stage {
    /// Reads the tensors into `learned` and returns the position they were saved at, `None` where nothing was saved. The
    /// log is truncated to its length then.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or is of another training or of an older version of the program.
    pub fn load<P: Parameters, N: DeserializeOwned>(&self, learned: &mut P) -> Result<Option<N>> {
        let Some(path) = self.path.as_ref().filter(|path| path.exists()) else { return Ok(None) };
        let damaged = |cause: &dyn std::fmt::Display| {
            let message =
                format!("{cause}. Delete this checkpoint: its stage begins again and comes to the same end");
            Error::data(path, message)
        };
        let notes = load_checked(path, learned.tensors_mut()).map_err(|cause| match cause {
            Error::Data { message, .. } => damaged(&message),
            other => other,
        })?;
        let note =
            |name: &str| notes.get(name).ok_or_else(|| damaged(&format!("it has no note of its {name}")));
        let place = toml::from_str(note("place")?).map_err(|cause| damaged(&cause.message()))?;
        self.owner.log.set(note("log")?.parse().map_err(|cause| damaged(&cause))?);
        Ok(Some(place))
    }

    /// Ends a step: saves when it is time, or when the training was asked to stop.
    ///
    /// # Errors
    /// When the file cannot be written, and [`Error::Interrupted`] when the training was asked to stop.
    pub fn step<P: Parameters, N: Serialize>(&mut self, learned: &P, place: &N) -> Result<()> {
        let due = self.saved.elapsed() >= self.owner.every;
        let (asked, due) = self.owner.interrupt.signal_or(due);
        if asked.is_some() || due {
            self.save(learned, place)?;
        }
        asked.map_or(Ok(()), |signal| Err(Error::Interrupted { signal }))
    }

    /// Saves now, when all processes of a team have the same weights.
    ///
    /// # Errors
    /// When the file cannot be written, or a process has come to other weights.
    pub fn save<P: Parameters, N: Serialize>(&mut self, learned: &P, place: &N) -> Result<()> {
        let team = self.owner.team();
        if team.size() > 1 {
            team.same_weights(digest(learned))?;
        }
        if let Some(path) = &self.path {
            let place = toml::to_string(place).map_err(|cause| Error::data(path, cause.to_string()))?;
            let log = self.owner.log.get().to_string();
            let notes = Notes::from([("place".to_owned(), place), ("log".to_owned(), log)]);
            save_checked(path, learned.tensors(), notes)?;
        }
        self.saved = Instant::now();
        Ok(())
    }
}

/// Returns a check sum of all weights.
fn digest(learned: &impl Parameters) -> u64 {
    let mut sum = 0;
    for tensor in learned.tensors() {
        for value in tensor.values.iter() {
            sum = crc32c::crc32c_append(sum, &value.to_le_bytes());
        }
    }
    sum.into()
}
