//! Settings from TOML files, and as TOML.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::console::print;
use crate::error::{Error, Result};
use crate::files;
use crate::ranking::{Method, TrainConfig};

/// Prints settings as `--config` reads them.
pub(in crate::cli) fn print_config(config: &impl Serialize) -> Result<()> {
    print(&toml::to_string_pretty(config).map_err(|cause| Error::Config(cause.to_string()))?)
}

/// Returns the method of a file of settings, or the default one.
pub(super) fn method_of(path: &Path) -> Result<Method> {
    let file: toml::Table = crate::files::toml_file::read(path)?;
    let alone: TrainConfig = crate::files::toml_file::read(path)?;
    Ok(if file.contains_key("method") { alone.method } else { Method::default() })
}

/// Returns the settings of the TOML file at `path` over those of `preset`.
pub(in crate::cli) fn overlaid<C: Serialize + DeserializeOwned>(path: &Path, preset: &C) -> Result<C> {
    let _: C = crate::files::toml_file::read(path)?; // for its own errors, which know their lines
    let file: toml::Table = crate::files::toml_file::read(path)?;
    files::overlaid(preset, &file).map_err(|cause| Error::Config(format!("{}: {cause}", path.display())))
}
