//! Finished trainings of a cross-validation, kept until all are.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::json_file;
use crate::files::no_follow::{create_folder, replace_atomically};
use crate::ranking::Tested;

/// Folder with one file for each finished training.
pub(super) struct Kept(PathBuf);

impl Kept {
    /// Name of the folder in that of a cross-validation.
    pub const FOLDER: &str = "folds";

    /// Opens the folder in that of a cross-validation, and makes it where it is missing.
    pub fn create(experiment: &Path) -> Result<Self> {
        let path = experiment.join(Self::FOLDER);
        create_folder(&path)?;
        Ok(Self(path))
    }

    fn file(&self, (seed, fold): (u64, usize)) -> PathBuf {
        self.0.join(format!("seed-{seed}-fold-{fold}.json"))
    }

    /// Returns true where the training with this seed on this fold is kept.
    pub fn has(&self, job: (u64, usize)) -> bool {
        self.file(job).is_file()
    }

    /// Returns what the training tested; `None` where it is not kept.
    pub fn read(&self, job: (u64, usize)) -> Result<Option<Vec<Tested>>> {
        self.has(job).then(|| json_file::read(&self.file(job))).transpose()
    }

    /// Keeps what the training tested.
    pub fn write(&self, job: (u64, usize), tested: &[Tested]) -> Result<()> {
        let text = serde_json::to_string(tested).map_err(|cause| Error::Config(cause.to_string()))?;
        replace_atomically(&self.file(job), |writer| writer.write_all(text.as_bytes()))
    }
}
