//! The folder of a run: `config.toml`, `metrics.csv`, the model and its baselines.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::MetricsLog;
use crate::atomic::write_atomically;
use crate::error::{Error, Result};
use crate::json_file;

/// A run's folder. It never overwrites another run unless told to.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes the folder `path`; one that already holds something is refused unless `force`, which
    /// takes an earlier run's model out of it.
    pub fn create(path: &Path, force: bool) -> Result<Self> {
        let io = |source| Error::io(path, "create the folder", source);
        match std::fs::read_dir(path) {
            Ok(_) if force => forget_model(path)?,
            Ok(entries) => {
                if entries.count() > 0 {
                    return Err(Error::Config(format!(
                        "{}: this folder is not empty; choose another --out, or --force to write over it",
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

    /// The folder of an earlier run, to go on with.
    pub fn open(path: &Path) -> Result<Self> {
        match path.join("config.toml").is_file() {
            true => Ok(Self { path: path.to_owned() }),
            false => Err(Error::data(path, "no run to go on with: config.toml is missing")),
        }
    }

    /// Writes the resolved configuration.
    pub fn save_config(&self, config: &impl Serialize) -> Result<()> {
        self.save_toml("config.toml", config)
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

    /// Opens the log of numbers again, with the rows of the (phase, step) that `keep` holds true for.
    pub fn metrics_until(&self, keep: impl Fn(&str, usize) -> bool) -> Result<MetricsLog> {
        MetricsLog::reopen(&self.path.join("metrics.csv"), keep)
    }

    /// Opens the log of numbers.
    pub fn metrics(&self) -> Result<MetricsLog> {
        MetricsLog::create(&self.path.join("metrics.csv"))
    }
}

/// Removes what would make an interrupted run's folder look like the model before it.
fn forget_model(path: &Path) -> Result<()> {
    const FILES: [&str; 7] = [
        "model.toml",
        "checkpoint.safetensors",
        "results.json",
        "report.json",
        "report.md",
        "report.html",
        "timing.json",
    ];
    let files = FILES.map(|name| path.join(name)).map(|part| (std::fs::remove_file(&part), part));
    let baselines = path.join("baselines");
    let all = files.into_iter().chain([(std::fs::remove_dir_all(&baselines), baselines)]);
    for (removed, part) in all {
        match removed {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io(&part, "replace", cause));
            }
            _ => {}
        }
    }
    Ok(())
}
