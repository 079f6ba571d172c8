//! The folder of a run: `run.toml`, `config.toml`, `metrics.csv`, checkpoints, the model and its baselines.

use std::fs::{DirEntry, File, TryLockError};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{MetricsLog, RunRecord};
use crate::error::{Error, Result};
use crate::files::atomic::{is_unfinished, remove_unfinished, write_atomically};
use crate::files::json_file;
use crate::files::toml_file;
use crate::game::LogLength;

/// The file that says how a run was begun.
const RECORD: &str = "run.toml";

/// The folder of a run's checkpoints, until it is finished.
const CHECKPOINTS: &str = "checkpoints";

/// A run's folder. It never overwrites another run unless told to.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes the folder `path`; one that already holds something is refused unless `force`, which
    /// takes an earlier run's model and checkpoints out of it.
    pub fn create(path: &Path, force: bool) -> Result<Self> {
        let io = |source| Error::io(path, "create the folder", source);
        match std::fs::read_dir(path) {
            Ok(_) if force => forget_run(path)?,
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

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of an earlier run, to go on with, and how that was begun.
    pub fn open(path: &Path) -> Result<(Self, RunRecord)> {
        let record = path.join(RECORD);
        if !record.is_file() {
            return Err(Error::data(path, format!("no run to go on with: {RECORD} is missing")));
        }
        let record = toml_file::read(&record).map_err(|cause| Error::data(path, cause.to_string()))?;
        Ok((Self { path: path.to_owned() }, record))
    }

    /// Writes how the run was begun, and whether it is finished.
    pub fn save_record(&self, record: &RunRecord) -> Result<()> {
        self.save_toml(RECORD, record)
    }

    /// Keeps other processes from training in this folder for as long as what is returned lives, and takes away
    /// what a kill has left of files that were being written. Where the file system knows no locks, nobody is
    /// kept away.
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

    /// The folder for checkpoints, which is made when missing.
    pub fn checkpoints(&self) -> Result<PathBuf> {
        let path = self.path.join(CHECKPOINTS);
        std::fs::create_dir_all(&path).map_err(|source| Error::io(&path, "create the folder", source))?;
        Ok(path)
    }

    /// Takes the checkpoints away.
    pub fn forget_checkpoints(&self) -> Result<()> {
        forget(&self.path.join(CHECKPOINTS))
    }

    /// Writes the resolved configuration; a run that goes on must have the same.
    pub fn save_config(&self, config: &impl Serialize) -> Result<()> {
        const NAME: &str = "config.toml";
        let path = self.path.join(NAME);
        let text = toml::to_string_pretty(config).map_err(|cause| Error::data(&path, cause.to_string()))?;
        match std::fs::read_to_string(&path) {
            Ok(before) if before != text => Err(Error::data(
                &path,
                "not the settings that this run was begun with; put those back, or begin a new run with these",
            )),
            Ok(_) => Ok(()),
            Err(_) => self.save_text(NAME, &text),
        }
    }

    /// Writes `value` to the file `name`.
    pub fn save_toml(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let path = self.path.join(name);
        let text = toml::to_string_pretty(value).map_err(|cause| Error::data(&path, cause.to_string()))?;
        self.save_text(name, &text)
    }

    /// Writes `value` to the file `name`.
    pub fn save_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        self.save_text(name, &json_file::text(value)?)
    }

    /// Writes `text` to the file `name`.
    pub fn save_text(&self, name: &str, text: &str) -> Result<()> {
        write_atomically(&self.path.join(name), |writer| writer.write_all(text.as_bytes()))
    }

    /// Opens the log of numbers.
    pub fn metrics(&self, length: LogLength) -> Result<MetricsLog> {
        MetricsLog::open(&self.path.join("metrics.csv"), length)
    }
}

/// Removes what would make a new run's folder look like the run before it.
fn forget_run(path: &Path) -> Result<()> {
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
    PARTS.iter().try_for_each(|part| forget(&path.join(part)))
}

/// Removes a file or a folder, where there is one.
fn forget(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, "replace", cause)),
        _ => Ok(()),
    }
}
