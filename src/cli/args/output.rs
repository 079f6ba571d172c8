//! Files of output, which are not replaced unasked, or not without a word.

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

/// Tells that the output file `out` is there and will be replaced, in commands that are repeated as a rule.
pub(in crate::cli) fn tell_replaced(out: &Path) {
    if out.as_os_str() != "-" && out.is_file() {
        note!("{}: replaces the file that is there", out.display());
    }
}
