//! Files of output, which are not replaced unasked.

use std::path::Path;

use crate::error::{Error, Result};

/// Refuses an output file that is there, unless `force` says to replace it. Standard output (`-`), pipes and devices are
/// written to.
pub(in crate::cli) fn refuse_to_replace(out: &Path, force: bool) -> Result<()> {
    match !force && out.as_os_str() != "-" && out.is_file() {
        true => Err(Error::Config(format!(
            "{}: there is a file already; choose another --out, or --force to replace it",
            out.display()
        ))),
        false => Ok(()),
    }
}
