//! Checks of settings.

use crate::error::{Error, Result};

/// Returns an error with the message of `otherwise` unless the `condition` holds.
pub(in crate::ranking) fn require(condition: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if condition { Ok(()) } else { Err(Error::Config(otherwise())) }
}
