//! Kinds of folders that the programs write, by which they know their own files from those of others.

use std::fs::DirEntry;
use std::io;
use std::path::Path;

use super::folder_lock::{LOCK, PART_LOCK};
use crate::error::{Error, Result};
use crate::files::atomic::is_unfinished;

/// Kind of folder, with the names that a program writes there.
///
/// A folder is of a kind when it holds the kind's mark. Only the parts of such a folder are ever removed; a file of the
/// same name in another folder belongs to somebody else.
#[derive(Debug)]
pub struct FolderKind {
    /// TOML file by which the folder is known.
    mark: &'static str,
    /// Key of the mark.
    key: &'static str,
    /// Other files and folders that a program writes there.
    parts: &'static [&'static str],
}

impl FolderKind {
    /// Training.
    pub const RUN: Self = Self { mark: "run.toml", key: "arguments", parts: RUN_PARTS };
    /// Cross-validation.
    pub const CROSS_VALIDATION: Self = Self {
        mark: "cv.toml",
        key: "folds",
        parts: &["config.toml", "qrels.txt", "report.html", "parts.toml", "folds"],
    };
    /// Sweep.
    pub const SWEEP: Self = Self {
        mark: "sweep.toml",
        key: "points",
        parts: &["sweep.csv", "sweep.svg", "test.toml", "test.qrels", "report.html", "parts.toml", "points"],
    };
    /// Generated feature vectors.
    pub const FEATURES: Self =
        Self { mark: "optimum.toml", key: "features", parts: &["train.txt", "vali.txt", "test.txt"] };
    /// Generated questions and answers.
    pub const ANSWERS: Self =
        Self { mark: "answers.toml", key: "questions", parts: &["train.txt", "vali.txt", "test.txt"] };
    /// Generated ratings.
    pub const INTERACTIONS: Self =
        Self { mark: "settings.toml", key: "items", parts: &["train.tsv", "test.tsv"] };
    /// Generated collection of texts.
    pub const COLLECTION: Self = Self {
        mark: "collection.toml",
        key: "documents",
        parts: &[
            "documents.jsonl",
            "topics.tsv",
            "topics.train.tsv",
            "topics.valid.tsv",
            "topics.test.tsv",
            "qrels.txt",
            "qrels.train.txt",
            "qrels.valid.txt",
            "qrels.test.txt",
        ],
    };
    /// Oracle with its sentences.
    pub const ORACLE: Self = Self {
        mark: "oracle.toml",
        key: "vocabulary",
        parts: &["oracle.safetensors", "real.txt", "valid.txt", "test.txt"],
    };

    /// Generated pairs.
    pub const PAIRS: Self = Self {
        mark: "pairs.toml",
        key: "sources",
        parts: &["train.tsv", "valid.tsv", "test.tsv", "truth.tsv", "errors.tsv"],
    };

    /// Pairs divided into training, validation and test data.
    pub const PARTS: Self =
        Self { mark: "split.toml", key: "valid-share", parts: &["train.tsv", "valid.tsv", "test.tsv"] };

    const ALL: [&Self; 10] = [
        &Self::RUN,
        &Self::CROSS_VALIDATION,
        &Self::SWEEP,
        &Self::FEATURES,
        &Self::ANSWERS,
        &Self::INTERACTIONS,
        &Self::COLLECTION,
        &Self::ORACLE,
        &Self::PAIRS,
        &Self::PARTS,
    ];

    /// Returns true when a program made `folder` as one of this kind.
    pub fn made(&self, folder: &Path) -> bool {
        let path = folder.join(self.mark);
        let is_file = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let table =
            is_file.then(|| std::fs::read_to_string(&path).ok()?.parse::<toml::Table>().ok()).flatten();
        table.is_some_and(|table| table.contains_key(self.key))
    }

    fn has(&self, name: &str) -> bool {
        name == self.mark || self.parts.contains(&name)
    }

    /// Checks that a folder of this kind can be made at `path`: nothing is there, or an empty folder; with `force` any
    /// folder in which nobody else's file has a name of this kind.
    ///
    /// # Errors
    /// When something is in the way, named.
    pub(super) fn check_free(&self, path: &Path, force: bool) -> Result<()> {
        let names: Vec<String> = match std::fs::read_dir(path) {
            Ok(entries) => {
                entries.filter(is_content).map(|entry| Ok(named(&entry?))).collect::<io::Result<_>>()
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(cause) => Err(cause),
        }
        .map_err(|cause| Error::io(path, "create the folder", cause))?;
        if !force && !names.is_empty() {
            return Err(Error::Config(format!(
                "{}: this folder is not empty; choose another `run.folder`, or `run.force` to write over it",
                path.display()
            )));
        }
        let made: Vec<_> = Self::ALL.into_iter().filter(|kind| kind.made(path)).collect();
        match names.iter().find(|name| self.has(name) && !made.iter().any(|kind| kind.has(name))) {
            Some(name) => Err(Error::Config(format!(
                "{}: this program did not make it, so `run.force` leaves it; move it away, or choose another \
                 `run.folder`",
                path.join(name).display()
            ))),
            None => Ok(()),
        }
    }

    /// Removes what a program made in `folder` as one of this kind, and what stands in its way of another kind. The marks
    /// go last, so that an interruption leaves them known.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub(super) fn clear(&self, folder: &Path) -> Result<()> {
        let made: Vec<_> = Self::ALL.into_iter().filter(|kind| kind.made(folder)).collect();
        let parts = made.iter().flat_map(|kind| kind.parts.iter().map(move |part| (kind, part)));
        let marks = made.iter().map(|kind| (kind, &kind.mark));
        let in_the_way = |(kind, name): &(&&Self, &&str)| kind.mark == self.mark || self.has(name);
        parts.chain(marks).filter(in_the_way).try_for_each(|(_, name)| remove_part(&folder.join(name)))
    }
}

/// Removes a file or link; of a folder those files that a training makes, and the folder itself if nothing else is in it.
///
/// # Errors
/// When something cannot be removed.
pub(super) fn remove_part(path: &Path) -> Result<()> {
    let is_folder = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = if is_folder { remove_made(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(Error::io(path, "replace", cause)),
        _ => Ok(()),
    }
}

/// Removes the files of trainings in `folder` and in the folders below it, and every folder that is empty then.
fn remove_made(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_made(&entry.path())?;
        } else if is_of_training(&entry) {
            std::fs::remove_file(entry.path())?;
        }
    }
    match std::fs::remove_dir(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::DirectoryNotEmpty => Err(cause),
        _ => Ok(()),
    }
}

fn is_of_training(entry: &DirEntry) -> bool {
    let name = named(entry);
    let is_named = FolderKind::RUN.has(&name) || ["outcome.toml", "tune.toml"].contains(&&*name);
    let is_of_fold = name.starts_with("seed-") && name.ends_with(".json");
    is_named || is_of_fold || is_lock(&name) || name.ends_with(".safetensors") || is_unfinished(entry)
}

/// Returns false for the lock and for what a killed process left unfinished.
fn is_content(entry: &io::Result<DirEntry>) -> bool {
    !entry.as_ref().is_ok_and(|entry| is_unfinished(entry) || is_lock(&named(entry)))
}

fn is_lock(name: &str) -> bool {
    name == LOCK || name.starts_with(PART_LOCK)
}

fn named(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

/// Files and folders of a training beside its record.
const RUN_PARTS: &[&str] = &[
    "model.toml",
    "config.toml",
    "metrics.csv",
    "events.out.tfevents.run",
    "results.json",
    "report.json",
    "report.md",
    "report.html",
    "timing.json",
    "generator.safetensors",
    "discriminator.safetensors",
    "both-generator.safetensors",
    "both-discriminator.safetensors",
    "ranker.safetensors",
    "prior.safetensors",
    "generator.neighbours",
    "discriminator.neighbours",
    "both-generator.neighbours",
    "both-discriminator.neighbours",
    "ranker.neighbours",
    "idf.safetensors",
    "mle.safetensors",
    "reinforce.safetensors",
    "regs-mc.safetensors",
    "regs-prefix.safetensors",
    "rival.safetensors",
    "reward.safetensors",
    "reverse.safetensors",
    "pretrained.safetensors",
    "ensemble.safetensors",
    "distilled.safetensors",
    "retrieval.toml",
    "neighbours.toml",
    "latent.toml",
    "latent.safetensors",
    "users.txt",
    "items.txt",
    "known.txt",
    "words.txt",
    "samples.tsv",
    "stems.txt",
    "vocabulary.txt",
    "checkpoints",
    "baselines",
    "bag",
    "similarity",
];
