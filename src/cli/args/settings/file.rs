//! Settings from TOML files, and as TOML.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::console::print;
use crate::error::{Error, Result};
use crate::ranking::{Method, TrainConfig};

/// Prints settings as `--config` reads them.
pub(in crate::cli) fn print_config(config: &impl Serialize) -> Result<()> {
    print(&toml::to_string_pretty(config).map_err(|cause| Error::Config(cause.to_string()))?)
}

/// Returns the preset of `method`, or of the file's method, with the file's settings over it.
pub(super) fn method_config(
    path: &Path,
    preset: impl Fn(Method) -> TrainConfig,
    method: Option<Method>,
) -> Result<TrainConfig> {
    let alone: TrainConfig = crate::files::toml_file::read(path)?;
    let file: toml::Table = crate::files::toml_file::read(path)?;
    let named = if file.contains_key("method") { alone.method } else { Method::default() };
    let method = method.unwrap_or(named);
    let mut config = overlaid(path, &preset(method))?;
    config.method = method;
    Ok(config)
}

/// Returns the settings of the TOML file at `path` over those of `preset`.
pub(in crate::cli) fn overlaid<C: Serialize + DeserializeOwned>(path: &Path, preset: &C) -> Result<C> {
    let _: C = crate::files::toml_file::read(path)?; // for its own errors, which know their lines
    let file: toml::Table = crate::files::toml_file::read(path)?;
    let whole = |cause: &dyn std::fmt::Display| Error::Config(format!("{}: {cause}", path.display()));
    let mut settings = toml::Table::try_from(preset).map_err(|cause| whole(&cause))?;
    overlay(&mut settings, file);
    settings.try_into().map_err(|cause: toml::de::Error| whole(&cause.message()))
}

/// Puts the values of `over` in place of those of `settings`, table by table.
fn overlay(settings: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (settings.get_mut(&key), value) {
            (Some(toml::Value::Table(settings)), toml::Value::Table(over)) => overlay(settings, over),
            (_, value) => {
                settings.insert(key, value);
            }
        }
    }
}
