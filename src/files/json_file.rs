//! Results in JSON. What is no number (NaN) is written as `null`, as JSON has no word for it, and read back as NaN.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, Result};

/// `value` as indented text.
pub fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|cause| Error::Config(cause.to_string()))
}

/// Reads a JSON file; an error names its line.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    serde_json::from_str(&text)
        .map_err(|cause| Error::data(path, format!("{cause}; the file was not written by this version")))
}

/// A number that may be missing.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// Numbers of which some may be missing.
pub fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    let values = Vec::<Option<f64>>::deserialize(from)?;
    Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// As many numbers as there must be, of which some may be missing.
pub fn array<'de, D: Deserializer<'de>, const N: usize>(from: D) -> Result<[f64; N], D::Error> {
    let values = numbers(from)?;
    let found = values.len();
    values.try_into().map_err(|_| serde::de::Error::invalid_length(found, &"another number of values"))
}
