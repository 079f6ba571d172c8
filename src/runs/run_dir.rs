//! Folder of a run: `run.toml`, `config.toml`, `metrics.csv`, checkpoints, the model and its baselines.

use std::fs::{DirEntry, File, TryLockError};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{MetricsLog, RunRecord};
use crate::error::{Error, Result};
use crate::files::atomic::{is_unfinished, remove_unfinished, write_atomically};
use crate::files::{json_file, toml_file};
use crate::game::LogLength;

/// File of the [`RunRecord`].
const RECORD: &str = "run.toml";

/// Folder of a run's checkpoints, until it is finished.
const CHECKPOINTS: &str = "checkpoints";

/// Folder of a run. It never overwrites another run unless asked to.
///
/// ```
/// use irgan::runs::RunDir;
///
/// let parent = tempfile::tempdir()?;
/// let path = parent.path().join("first");
/// let run = RunDir::create(&path, false)?;
/// run.save_text("notes.txt", "a first run")?;
/// assert!(RunDir::create(&path, false).is_err(), "the folder is not empty");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes the folder `path`. A folder that is not empty is refused unless `force`, which removes the files of an
    /// earlier run.
    pub fn create(path: &Path, force: bool) -> Result<Self> {
        let io = |source| Error::io(path, "create the folder", source);
        match std::fs::read_dir(path) {
            Ok(_) if force => remove_run(path)?,
            Ok(entries) => {
                let written = |entry: &std::io::Result<DirEntry>| !entry.as_ref().is_ok_and(is_unfinished);
                if entries.filter(written).count() > 0 {
                    return Err(Error::Config(format!(
                        "{}: this folder is not empty; choose another `run.folder`, or `run.force` to write over it",
                        path.display()
                    )));
                }
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                std::fs::create_dir_all(path).map_err(io)?;
            }
            Err(cause) => return Err(io(cause)),
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Makes the first free folder of `runs/NAME`, `runs/NAME-2`, `runs/NAME-3`, …
    pub fn next(name: &str) -> Result<Self> {
        let numbered = |n: usize| match n {
            1 => PathBuf::from("runs").join(name),
            _ => PathBuf::from("runs").join(format!("{name}-{n}")),
        };
        let free = (1..).map(numbered).find(|path| !path.exists()).expect("numbers do not end");
        Self::create(&free, false)
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the folder of an earlier run to resume it; returns also the record of its start.
    pub fn open(path: &Path) -> Result<(Self, RunRecord)> {
        let record = path.join(RECORD);
        if !record.is_file() {
            return Err(Error::data(path, format!("no run to resume: {RECORD} is missing")));
        }
        let record = toml_file::read(&record).map_err(|cause| Error::data(path, cause.to_string()))?;
        Ok((Self { path: path.to_owned() }, record))
    }

    /// Writes the record of the run's start and of its end.
    pub fn save_record(&self, record: &RunRecord) -> Result<()> {
        self.save_toml(RECORD, record)
    }

    /// Locks the folder for as long as the returned file lives, and removes files that a killed process left
    /// unfinished. On a file system without locks no other process is refused.
    ///
    /// # Errors
    /// Another process holds the lock.
    pub fn lock(&self) -> Result<File> {
        let path = self.path.join(RECORD);
        let file = File::open(&path).map_err(|source| Error::io(&path, "read", source))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Err(Error::data(&self.path, "another process is training here; wait for it, or stop it"))
            }
            _ => {
                remove_unfinished(&self.path);
                Ok(file)
            }
        }
    }

    /// Returns the folder for checkpoints, which is made when it is missing.
    pub fn checkpoints(&self) -> Result<PathBuf> {
        let path = self.path.join(CHECKPOINTS);
        std::fs::create_dir_all(&path).map_err(|source| Error::io(&path, "create the folder", source))?;
        Ok(path)
    }

    /// Removes the checkpoints.
    pub fn remove_checkpoints(&self) -> Result<()> {
        remove(&self.path.join(CHECKPOINTS))
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
        write_atomically(&self.path.join(name), |writer| writer.write_all(text.as_bytes()))
    }

    /// Opens `metrics.csv`; `length` counts its bytes.
    pub fn metrics(&self, length: LogLength) -> Result<MetricsLog> {
        MetricsLog::open(&self.path.join("metrics.csv"), length)
    }
}

/// Removes the files of an earlier run, so that none is taken for one of the new run.
fn remove_run(path: &Path) -> Result<()> {
    const PARTS: [&str; 11] = [
        RECORD,
        "model.toml",
        "config.toml",
        "metrics.csv",
        CHECKPOINTS,
        "baselines",
        "results.json",
        "report.json",
        "report.md",
        "report.html",
        "timing.json",
    ];
    PARTS.iter().try_for_each(|part| remove(&path.join(part)))
}

/// Removes a file or a folder if it exists.
fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, "replace", cause)),
        _ => Ok(()),
    }
}
