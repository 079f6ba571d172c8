//! Settings over settings: those of a preset with others in their place.

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::error::{Error, Result};

/// Returns `settings` with the values of `over` in the place of theirs, table by table. A key with dots is a place in tables:
/// `generator.hidden`.
///
/// # Errors
/// When there is no such setting, or a value is not one of its kind.
///
/// ```
/// use irgan::files::overlaid;
/// use irgan::ranking::TrainConfig;
///
/// let over = toml::from_str("seed = 7\n'generator.optimizer.learning-rate' = 0.5")?;
/// let config = overlaid(&TrainConfig::default(), &over)?;
/// assert_eq!((config.seed, config.generator.optimizer.learning_rate), (7, 0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn overlaid<C: Serialize + DeserializeOwned>(settings: &C, over: &Table) -> Result<C> {
    let mut table = Table::try_from(settings).map_err(|cause| Error::Config(cause.to_string()))?;
    overlay(&mut table, over);
    table.try_into().map_err(|cause: toml::de::Error| Error::Config(cause.message().to_owned()))
}

/// Puts the values of `over` in place of those of `settings`, table by table.
fn overlay(settings: &mut Table, over: &Table) {
    for (key, value) in over {
        if let Some((first, rest)) = key.split_once('.') {
            let inner = Table::from_iter([(rest.to_owned(), value.clone())]);
            overlay(settings, &Table::from_iter([(first.to_owned(), Value::Table(inner))]));
            continue;
        }
        match (settings.get_mut(key), value) {
            (Some(Value::Table(settings)), Value::Table(over)) => overlay(settings, over),
            (None, Value::Table(over)) => {
                let mut made = Table::new();
                overlay(&mut made, over);
                settings.insert(key.clone(), Value::Table(made));
            }
            (_, value) => {
                settings.insert(key.clone(), value.clone());
            }
        }
    }
}
