//! Folders that hold no model where one is expected: what is there instead.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// File that makes a folder a model.
pub(crate) const DESCRIPTION: &str = "model.toml";

/// Reads the description of the model in `folder`.
///
/// # Errors
/// When there is none: the error names the models in the folders below, or an unfinished training. When it cannot be
/// read.
pub(crate) fn read_description(folder: &Path) -> Result<String> {
    let path = folder.join(DESCRIPTION);
    match std::fs::read_to_string(&path) {
        Err(_) if folder.is_dir() && !path.exists() => Err(no_model(folder)),
        read => read.map_err(|source| Error::io(&path, "read", source)),
    }
}

/// Refuses a `folder` that holds a model already, which saving would replace.
///
/// # Errors
/// When it does.
pub fn refuse_model(folder: &Path) -> Result<()> {
    match folder.join(DESCRIPTION).exists() {
        true => Err(Error::data(folder, "holds a model already; choose another folder, or set `run.force`")),
        false => Ok(()),
    }
}

/// Returns true when the model in `folder` calls itself of this `kind`.
///
/// # Errors
/// As [`read_description`].
pub(crate) fn is_of_kind(folder: &Path, kind: &str) -> Result<bool> {
    let table = read_description(folder)?.parse::<toml::Table>();
    Ok(table.is_ok_and(|table| table.get("kind").and_then(toml::Value::as_str) == Some(kind)))
}

fn no_model(folder: &Path) -> Error {
    if folder.join("run.toml").is_file() {
        return Error::data(
            folder,
            "model.toml is missing: the training in this folder has not finished; resume it by `run.resume`",
        );
    }
    let models = models_below(folder);
    let names: Vec<_> = models.iter().take(MOST_NAMED).map(|path| path.display().to_string()).collect();
    let more = models.len().saturating_sub(MOST_NAMED);
    let message = match (names.len(), more) {
        (0, _) => format!("no model here: {DESCRIPTION} is missing"),
        (_, 0) => format!("no model here, but in the folders below: {}", names.join(", ")),
        _ => format!("no model here, but in the folders below: {} and {more} more", names.join(", ")),
    };
    Error::data(folder, message)
}

/// Returns the folders of models below `folder`, in the order of their paths.
pub(crate) fn models_below(folder: &Path) -> Vec<PathBuf> {
    let mut models = vec![];
    find_models(folder, DEEPEST, &mut models);
    models.sort();
    models
}

/// Levels of folders that are looked into: those of a sweep are `points/NUMBER/seed-NUMBER`.
const DEEPEST: usize = 4;

/// Models that an error names.
const MOST_NAMED: usize = 8;

/// Adds the folders below `folder` that hold a model, but not what stands inside a model.
fn find_models(folder: &Path, levels: usize, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if path.join(DESCRIPTION).is_file() {
            found.push(path);
        } else if levels > 1 {
            find_models(&path, levels - 1, found);
        }
    }
}
