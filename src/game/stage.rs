//! Checkpoints: what a training has learnt so far, on disk, so that one that was stopped goes on to the same bits.
//!
//! A training is a sequence of named stages: each baseline, the game, the game under each control. A stage
//! keeps one file: its tensors, where it stands, and how long the log of numbers was then. Random streams are
//! addressed by purpose and place, so the place is all that is needed of them. Nothing here knows what is trained.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::interrupt::Interrupt;
use crate::error::{Error, Result};
use crate::nn::{Notes, Parameters, load_checked, save_checked};

/// Where the stages of a training are kept, how often they are written, and whether it was asked to stop. The
/// default keeps nothing and never stops.
#[derive(Clone, Debug, Default)]
pub struct Checkpoints {
    folder: Option<PathBuf>,
    prefix: String,
    every: Duration,
    interrupt: Interrupt,
    log: LogLength,
}

/// How many bytes of the log of numbers have been written: shared by the log and the checkpoints, which take it
/// back to where they stand.
#[derive(Clone, Debug, Default)]
pub struct LogLength(Arc<AtomicU64>);

impl LogLength {
    /// Bytes written.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// The log goes on behind so many bytes.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::SeqCst);
    }
}

impl Checkpoints {
    /// Kept in `folder`, which exists, and written again every so often: at zero, after every step.
    pub fn new(folder: &Path, every: Duration, interrupt: Interrupt, log: LogLength) -> Self {
        Self { folder: Some(folder.to_owned()), prefix: String::new(), every, interrupt, log }
    }

    /// The same for a training inside the training: its stages are called `NAME-…`.
    pub fn within(&self, name: &str) -> Self {
        Self { prefix: format!("{}{name}-", self.prefix), ..self.clone() }
    }

    /// For a training inside the training whose stages are not kept: it only stops when it is asked to.
    pub fn unkept(&self) -> Self {
        Self { interrupt: self.interrupt.clone(), ..Self::default() }
    }

    /// The file `name` beside the stages, where there is a folder.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        let name = format!("{}{}", self.prefix, name.replace(' ', "-"));
        self.folder.as_ref().map(|folder| folder.join(name))
    }

    /// The stage `name`, to go on with or to begin.
    pub fn stage(&self, name: &str) -> Stage {
        Stage { owner: self.clone(), path: self.file(&format!("{name}.safetensors")), saved: Instant::now() }
    }

    /// An error when the training was asked to stop.
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
    /// Reads what was learnt and the place it was saved at; `None` where nothing was. The log goes on where it
    /// stood then.
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

    /// After every step: saves when it is time, or when the training was asked to stop, which is an error then.
    pub fn step<P: Parameters, N: Serialize>(&mut self, learned: &P, place: &N) -> Result<()> {
        let asked = self.owner.check_interrupt();
        if asked.is_err() || self.saved.elapsed() >= self.owner.every {
            self.save(learned, place)?;
        }
        asked
    }

    /// Saves, whatever the time.
    pub fn save<P: Parameters, N: Serialize>(&mut self, learned: &P, place: &N) -> Result<()> {
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
