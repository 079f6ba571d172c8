//! TOML files: settings and descriptions.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::files::no_follow::replace_atomically;

/// Reads a TOML file; an error names the line.
pub fn read<C: DeserializeOwned>(path: &Path) -> Result<C> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    toml::from_str(&text).map_err(|cause| {
        let line = cause.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        Error::Config(format!("{}:{line}: {}", path.display(), cause.message()))
    })
}

/// Reads a TOML file that a program wrote; a failure is an [`Error::Data`].
#[cfg(feature = "report")]
pub fn read_written<C: DeserializeOwned>(path: &Path) -> Result<C> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    toml::from_str(&text).map_err(|cause| Error::data(path, cause.message()))
}

/// Writes a TOML file atomically.
pub fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let text = toml::to_string(value).map_err(|cause| Error::data(path, cause.to_string()))?;
    replace_atomically(path, |writer| writer.write_all(text.as_bytes()))
}
