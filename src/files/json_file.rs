//! JSON files. NaN, which JSON lacks, is written as `null`; the functions for deserialisation read it back as NaN.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, Result};

/// Returns `value` as indented JSON.
///
/// # Errors
/// When the value has no form in JSON.
pub fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|cause| Error::Config(cause.to_string()))
}

/// Reads a JSON file; an error names the line.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    serde_json::from_str(&text)
        .map_err(|cause| Error::data(path, format!("{cause}; the file was not written by this version")))
}

/// Deserialises a number; `null` becomes NaN.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// Deserialises numbers; every `null` becomes NaN.
pub fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    let values = Vec::<Option<f64>>::deserialize(from)?;
    Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// Deserialises exactly N numbers; every `null` becomes NaN.
pub fn array<'de, D: Deserializer<'de>, const N: usize>(from: D) -> Result<[f64; N], D::Error> {
    let values = numbers(from)?;
    let found = values.len();
    values.try_into().map_err(|_| serde::de::Error::invalid_length(found, &"another number of values"))
}
