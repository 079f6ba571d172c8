//! Files and folders of the programs' own names, inside a folder that others may write to: a link that somebody planted
//! at such a name is never followed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::atomic::rename_over;
use crate::error::{Error, Result};

/// Writes `path` as [`write_atomically`](super::atomic::write_atomically) does, but puts the new file in the place of a
/// link.
///
/// # Errors
/// When the folder does not exist or the file cannot be written.
pub fn replace_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    rename_over(path, write).map(|_| ()).map_err(|source| Error::io(path, "write", source))
}

/// Puts a file with these bytes at `path`, in the place of whatever file or link is there, and returns it to write on.
///
/// # Errors
/// When the folder does not exist or the file cannot be written.
pub fn begin_file(path: &Path, bytes: &[u8]) -> Result<File> {
    rename_over(path, |writer| writer.write_all(bytes)).map_err(|source| Error::io(path, "write", source))
}

/// Opens `path` for writing at its beginning, and makes it when it is missing; what it holds stays.
///
/// # Errors
/// When a link is there, a pipe, or another name of some file, or the file cannot be opened.
pub fn open_to_write(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path).map_err(|source| match is_link(path) {
        true => Error::data(path, "a link stands at this name; remove it"),
        false => Error::io(path, "write", source),
    })?;
    match has_other_names(&file) {
        true => {
            Err(Error::data(path, "another name links to this file, which would change too; put a copy here"))
        }
        false => Ok(file),
    }
}

/// Returns true for a file that stands under several names.
#[cfg(unix)]
fn has_other_names(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    file.metadata().is_ok_and(|found| found.nlink() > 1)
}

/// Returns false: names are not counted here.
#[cfg(not(unix))]
fn has_other_names(_file: &File) -> bool {
    false
}

/// Makes the folder `path`, whose parent exists, unless it is there.
///
/// # Errors
/// When a link or a file is there, or the folder cannot be made.
pub fn create_folder(path: &Path) -> Result<()> {
    match std::fs::create_dir(path) {
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => match std::fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(found) if found.is_symlink() => {
                Err(Error::data(path, "a link stands at this name, where a folder belongs; remove it"))
            }
            _ => Err(Error::io(path, "create the folder", cause)),
        },
        made => made.map_err(|cause| Error::io(path, "create the folder", cause)),
    }
}

/// Returns true when `path` names a link.
fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_replaced_or_refused_and_never_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("treasure"), b"kept").expect("the folder is writable");
        std::fs::create_dir(path("elsewhere")).expect("the folder is writable");
        for name in ["results", "events", "log"] {
            symlink(path("treasure"), path(name)).expect("links can be made");
        }
        symlink(path("elsewhere"), path("checkpoints")).expect("links can be made");
        replace_atomically(&path("results"), |writer| writer.write_all(b"new")).expect("written");
        begin_file(&path("events"), b"head").expect("written").write_all(b", more").expect("written");
        let refused = open_to_write(&path("log")).expect_err("a link").to_string();
        assert!(refused.contains("log: a link stands at this name"), "{refused}");
        let refused = create_folder(&path("checkpoints")).expect_err("a link").to_string();
        assert!(refused.contains("checkpoints: a link stands"), "{refused}");
        let read = |name: &str| std::fs::read(path(name)).expect("readable");
        assert_eq!([read("treasure"), read("results")], [b"kept".to_vec(), b"new".to_vec()]);
        assert_eq!(read("events"), b"head, more");
        create_folder(&path("elsewhere")).expect("a folder is there");
        std::fs::hard_link(path("treasure"), path("again")).expect("links can be made");
        let refused = open_to_write(&path("again")).expect_err("a second name").to_string();
        assert!(refused.contains("again: another name links to this file"), "{refused}");
    }
}
