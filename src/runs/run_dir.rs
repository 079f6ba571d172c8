//! Folder of a run: `run.toml`, `config.toml`, `metrics.csv`, checkpoints, the model and its baselines.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folder_kind::remove_part;
use super::folder_lock::FolderLock;
use super::part::{PARTS, PartsRecord};
use super::record::RECORD;
use super::{FolderKind, MetricsLog, Part, RunRecord};
use crate::error::{Error, Result};
use crate::files::atomic::remove_unfinished;
use crate::files::no_follow::{create_folder, replace_atomically};
use crate::files::packed::refuse_dash;
use crate::files::{json_file, toml_file};
use crate::game::LogLength;

/// Folder of a run's checkpoints, until it is finished.
const CHECKPOINTS: &str = "checkpoints";

/// Folder that a program writes to, locked for as long as this value lives: of a run, a cross-validation, a sweep, of
/// generated data. It never overwrites another unless asked to, and then removes only what a program made there.
///
/// ```
/// use irgan::runs::{FolderKind, RunDir};
///
/// let parent = tempfile::tempdir()?;
/// let path = parent.path().join("first");
/// let run = RunDir::create(&path, false, &FolderKind::RUN)?;
/// run.save_text("notes.txt", "a first run")?;
/// assert!(RunDir::create(&path, true, &FolderKind::RUN).is_err(), "the folder is locked");
/// drop(run);
/// assert!(RunDir::create(&path, false, &FolderKind::RUN).is_err(), "the folder is not empty");
/// RunDir::create(&path, true, &FolderKind::RUN)?;
/// assert!(path.join("notes.txt").exists(), "the file is not one of a run");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    is_new: bool,      // made by this process
    _lock: FolderLock, // for as long as the folder is written to
}

impl RunDir {
    /// Makes the folder `path` and locks it. A folder that is not empty is refused unless `force`, which removes what a
    /// program made there as one of this `kind`.
    ///
    /// # Errors
    /// When the folder cannot be made, another process writes to it, or it holds files in the way.
    pub fn create(path: &Path, force: bool, kind: &FolderKind) -> Result<Self> {
        Self::check(path, force, kind)?;
        let is_new = !path.exists();
        std::fs::create_dir_all(path).map_err(|source| Error::io(path, "create the folder", source))?;
        let folder = Self::lock(path)?;
        FolderLock::refuse_parts(path)?;
        kind.check_free(path, force)?; // another process may have been here in between
        kind.clear(path)?;
        Ok(Self { is_new, ..folder })
    }

    /// Opens the folder of an experiment: a new one, for which `begin` writes what the experiment is, or that of the same
    /// experiment, as `check` finds. With a `part` the folder is shared with other parts from then on.
    ///
    /// # Errors
    /// When the folder holds something else or parts of another number, or another process works there: for a part, on the
    /// whole or on the same part; without one, on anything.
    pub fn open_experiment(
        path: &Path,
        force: bool,
        kind: &FolderKind,
        part: Option<Part>,
        begin: impl FnOnce(&Self) -> Result<()>,
        check: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Self> {
        let is_begun = kind.made(path) && !force;
        let folder = match (is_begun, part) {
            (true, _) => {
                let folder = if part.is_some() { Self::lock_patiently(path)? } else { Self::lock(path)? };
                check(path)?;
                folder
            }
            (false, None) => Self::create(path, force, kind)?,
            (false, Some(_)) => Self::create_shared(path, kind, check)?,
        };
        if !kind.made(path) {
            begin(&folder)?;
        }
        match part {
            Some(part) => folder.into_part(part),
            None => FolderLock::refuse_parts(path).map(|()| folder),
        }
    }

    /// Makes the folder of an experiment that parts begin, or takes that which another part has made in between.
    fn create_shared(
        path: &Path,
        kind: &FolderKind,
        check: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Self> {
        let is_new = !path.exists();
        std::fs::create_dir_all(path).map_err(|source| Error::io(path, "create the folder", source))?;
        let folder = Self::lock_patiently(path)?;
        if kind.made(path) {
            check(path)?;
            return Ok(folder);
        }
        kind.check_free(path, false)?;
        Ok(Self { is_new, ..folder })
    }

    /// Gives the lock of the whole folder back and holds that of a part.
    fn into_part(self, part: Part) -> Result<Self> {
        let record = self.path.join(PARTS);
        let mine = PartsRecord { count: part.count() };
        if !record.exists() {
            self.save_toml(PARTS, &mine)?;
        }
        let found: PartsRecord = toml_file::read(&record)?;
        if found != mine {
            return Err(Error::Config(format!(
                "{}: this folder holds parts of {}, and part {part} was asked for: choose another `run.folder`",
                self.path.display(),
                found.count
            )));
        }
        let lock = FolderLock::take_named(&self.path, &part.lock())?;
        Ok(Self { _lock: lock, ..self })
    }

    /// Returns the number of parts that work on the experiment in this folder; `None` where one process does it all.
    ///
    /// # Errors
    /// When the record of the parts is damaged.
    pub fn parts(&self) -> Result<Option<usize>> {
        let record = self.path.join(PARTS);
        match record.exists() {
            true => toml_file::read(&record).map(|record: PartsRecord| Some(record.count)),
            false => Ok(None),
        }
    }

    /// Removes the record of the parts, when all is merged, and the `folder` of what they left.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn remove_parts(&self, folder: &str) -> Result<()> {
        remove_part(&self.path.join(PARTS))?;
        remove_part(&self.path.join(folder))
    }

    /// Checks that [`create`](Self::create) may make the folder, before there is anything to put there.
    ///
    /// # Errors
    /// When another process writes to the folder, or it holds files in the way.
    pub fn check(path: &Path, force: bool, kind: &FolderKind) -> Result<()> {
        refuse_dash(path)?;
        FolderLock::check(path)?;
        kind.check_free(path, force)
    }

    /// Makes the first free folder of `runs/NAME`, `runs/NAME-2`, `runs/NAME-3`, …
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn next(name: &str, kind: &FolderKind) -> Result<Self> {
        let runs = Path::new("runs");
        let io = |path: &Path, source| Error::io(path, "create the folder", source);
        std::fs::create_dir_all(runs).map_err(|source| io(runs, source))?;
        for n in 1.. {
            let path = runs.join(if n == 1 { name.to_owned() } else { format!("{name}-{n}") });
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self { is_new: true, ..Self::create(&path, false, kind)? }),
                Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(io(&path, cause)),
            }
        }
        unreachable!("numbers do not end")
    }

    /// Locks the folder `path`, which exists, and removes files that a killed process left unfinished.
    ///
    /// # Errors
    /// Another process writes to it.
    pub fn lock(path: &Path) -> Result<Self> {
        FolderLock::take(path).map(|lock| Self::locked(path, lock))
    }

    /// Locks the folder when another process gives it back within some seconds.
    fn lock_patiently(path: &Path) -> Result<Self> {
        FolderLock::take_patiently(path).map(|lock| Self::locked(path, lock))
    }

    fn locked(path: &Path, lock: FolderLock) -> Self {
        remove_unfinished(path, &[CHECKPOINTS, "baselines", "similarity", "bag"]); // what else is there may live
        Self { path: path.to_owned(), is_new: false, _lock: lock }
    }

    /// Removes what was written as one of this `kind`, and the folder if this process made it and nothing else is in it.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn discard(self, kind: &FolderKind) -> Result<()> {
        kind.clear(&self.path)?;
        let (path, is_new) = (self.path.clone(), self.is_new);
        drop(self); // the lock is a file in the folder
        if !is_new {
            return Ok(());
        }
        match std::fs::remove_dir(&path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::DirectoryNotEmpty => {
                Err(Error::io(path, "remove", cause))
            }
            _ => Ok(()),
        }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the folder of an earlier run to resume it; returns also the record of its start.
    ///
    /// # Errors
    /// When there is no run, or another process trains it.
    pub fn open(path: &Path) -> Result<(Self, RunRecord)> {
        let record = path.join(RECORD);
        if !record.is_file() {
            let what = if !path.exists() {
                "there is no such folder".to_owned()
            } else if FolderKind::SWEEP.made(path) {
                "the folder of a sweep, which the command that began it resumes".to_owned()
            } else {
                format!("{RECORD} is missing")
            };
            return Err(Error::data(path, format!("no run to resume: {what}")));
        }
        let folder = Self::lock(path)?;
        let record = toml_file::read(&record).map_err(|cause| Error::data(path, cause.to_string()))?;
        Ok((folder, record))
    }

    /// Writes the record of the run's start and of its end.
    pub fn save_record(&self, record: &RunRecord) -> Result<()> {
        self.save_toml(RECORD, record)
    }

    /// Returns the folder for checkpoints, which is made when it is missing.
    pub fn checkpoints(&self) -> Result<PathBuf> {
        let path = self.path.join(CHECKPOINTS);
        create_folder(&path)?;
        Ok(path)
    }

    /// Returns true when a training has left something here: a checkpoint or a model.
    pub fn has_trained(&self) -> bool {
        let kept = std::fs::read_dir(self.path.join(CHECKPOINTS)).map(|mut entries| entries.next().is_some());
        kept.unwrap_or(false) || self.path.join("model.toml").exists()
    }

    /// Removes the checkpoints.
    pub fn remove_checkpoints(&self) -> Result<()> {
        remove_part(&self.path.join(CHECKPOINTS))
    }

    /// Writes the resolved configuration; a resumed run must have the one it was started with.
    pub fn save_config(&self, config: &impl Serialize) -> Result<()> {
        const NAME: &str = "config.toml";
        let path = self.path.join(NAME);
        let text = toml::to_string_pretty(config).map_err(|cause| Error::data(&path, cause.to_string()))?;
        match std::fs::read_to_string(&path) {
            Ok(before) if before != text => Err(Error::data(
                &path,
                "not the settings that this run was started with; put those back, or start a new run with these",
            )),
            Ok(_) => Ok(()),
            Err(_) => self.save_text(NAME, &text),
        }
    }

    /// Writes `value` as TOML to the file `name`.
    pub fn save_toml(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let path = self.path.join(name);
        let text = toml::to_string_pretty(value).map_err(|cause| Error::data(&path, cause.to_string()))?;
        self.save_text(name, &text)
    }

    /// Writes `value` to the file `name`, and behind it `more`, which is TOML.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save_toml_with(&self, name: &str, value: &impl Serialize, more: &str) -> Result<()> {
        let path = self.path.join(name);
        let text = toml::to_string_pretty(value).map_err(|cause| Error::data(&path, cause.to_string()))?;
        let gap = if more.is_empty() { "" } else { "\n" };
        self.save_text(name, &format!("{text}{gap}{more}"))
    }

    /// Writes `value` as JSON to the file `name`.
    pub fn save_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        self.save_text(name, &json_file::text(value)?)
    }

    /// Writes `text` to the file `name`.
    pub fn save_text(&self, name: &str, text: &str) -> Result<()> {
        replace_atomically(&self.path.join(name), |writer| writer.write_all(text.as_bytes()))
    }

    /// Opens `metrics.csv`; `length` counts its bytes.
    pub fn metrics(&self, length: LogLength) -> Result<MetricsLog> {
        MetricsLog::open(&self.path.join("metrics.csv"), length)
    }
}
