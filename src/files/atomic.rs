//! Atomic writes: a file has its old content or the whole of its new one.

use std::fs::{DirEntry, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Writes `path` through a temporary file in the same folder, which is synchronised and then renamed.
///
/// After a crash or with a full disk the old content remains. Links are followed; anything but a plain file, such as a
/// pipe, is written to directly.
///
/// # Errors
/// When the folder does not exist or the file cannot be written.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let special = std::fs::metadata(&target).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    let written = match special {
        true => write_through(&target, write),
        false => rename_over(&target, write).map(|_| ()),
    };
    written.map_err(|source| Error::io(path, "write", source))
}

/// Writes to an existing pipe or device.
fn write_through(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::new(File::options().write(true).open(path)?);
    write(&mut writer)?;
    writer.flush()
}

/// Writes a temporary file, made exclusively, and renames it to `path`, over a file or a link that is there; returns it
/// open behind what was written.
pub(super) fn rename_over(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "its folder does not exist; make it first"));
    }
    let mut writer = BufWriter::with_capacity(1 << 20, temporary(folder)?);
    write(&mut writer)?;
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    let file = file.persist(path)?;
    // The rename survives a crash once the folder is on disk; not every system can synchronise a folder.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(file)
}

/// Beginning of the names of temporary files.
const UNFINISHED: &str = ".unfinished-";

/// Returns true for a temporary file, which a killed process may have left.
pub fn is_unfinished(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with(UNFINISHED)
}

/// Removes the temporary files that killed processes left in `folder`, if it exists, and in the folders below it; of the
/// folders in it only those called `inner`, when names are given.
pub fn remove_unfinished(folder: &Path, inner: &[&str]) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if is_unfinished(&entry) {
            let _ = std::fs::remove_file(path); // one that stays does no harm
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let is_named = inner.iter().any(|name| path.ends_with(name));
            if inner.is_empty() || is_named {
                remove_unfinished(&path, &[]);
            }
        }
    }
}

/// Creates a temporary file with the permissions of an ordinary new file.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        write_atomically(&path, |writer| writer.write_all(b"old")).expect("the folder is writable");
        let broken = write_atomically(&path, |writer| {
            writer.write_all(b"half of the new")?;
            Err(io::Error::other("disk full"))
        });
        assert!(broken.expect_err("the writer failed").to_string().contains("disk full"));
        assert_eq!(std::fs::read(&path).expect("still there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1);
    }
}
