//! Destination of an index, and the folder beside it where the index is built under a lock.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::header::{CHECKSUMS, HEADER, SEGMENTS, STATISTICS};
use super::shard_list::{SHARDS, is_name_of_shard};
use crate::error::{Error, Result};
use crate::files::no_follow::open_to_write;
use crate::files::packed::refuse_dash;

/// File that is locked while the index is built.
const LOCK: &str = "lock";

/// Attempts to claim a folder that other processes leave and remove meanwhile.
const ATTEMPTS: usize = 100;

/// Claimed destination. What is unfinished when it is dropped is removed.
pub(super) struct Destination {
    target: PathBuf,
    /// Folder of the files until the index is complete.
    pub(super) partial: PathBuf,
    published: bool,
    #[expect(dead_code, reason = "an open file holds the lock")]
    lock: File,
}

impl Destination {
    /// Claims `target`, which must be free or, with `force`, an index, and makes an empty folder beside it.
    ///
    /// # Errors
    /// When there is something at `target` that is not to be replaced, another process builds the same index, or the
    /// folder cannot be made.
    pub(super) fn claim(target: &Path, force: bool) -> Result<Self> {
        check_target(target, force)?;
        let partial = beside(target, ".partial")?;
        for _ in 0..ATTEMPTS {
            refuse_strangers(&partial)?;
            let fresh = make_folder(&partial)?;
            let Some(lock) = lock(&partial, target)? else { continue };
            if fresh {
                // Another process may have published since the first look.
                let destination = Self { target: target.to_owned(), partial, published: false, lock };
                check_target(target, force)?;
                return Ok(destination);
            }
            remove(&partial)?; // remains of an interrupted process, which this lock says is gone
        }
        Err(building(target))
    }

    /// Moves the complete index to its destination.
    ///
    /// # Errors
    /// When a folder cannot be renamed or removed.
    pub(super) fn publish(mut self) -> Result<()> {
        let io = |source| Error::io(&self.target, "replace", source);
        let old = beside(&self.target, ".old")?;
        if self.target.exists() {
            refuse_strangers(&old)?;
            if fs::symlink_metadata(&old).is_ok() {
                fs::remove_dir_all(&old).map_err(io)?;
            }
            fs::rename(&self.target, &old).map_err(io)?;
        }
        if let Err(cause) = fs::rename(&self.partial, &self.target) {
            let _ = fs::rename(&old, &self.target); // the old index stays
            return Err(io(cause));
        }
        self.published = true;
        // The lock goes after the rename, so that nobody takes the folder while it still has its old name.
        let lock = self.target.join(LOCK);
        fs::remove_file(&lock).map_err(|source| Error::io(&lock, "remove", source))?;
        if is_index(&old) {
            fs::remove_dir_all(&old).map_err(io)?;
        }
        Ok(())
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if !self.published {
            let _ = remove(&self.partial);
        }
    }
}

/// Checks that `target` is free or, with `force`, an index.
fn check_target(target: &Path, force: bool) -> Result<()> {
    refuse_dash(target)?;
    let taken = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => fs::symlink_metadata(target).is_ok(),
    };
    match (taken, is_index(target), force) {
        (true, true, false) => Err(Error::Config(format!(
            "{}: there is an index already; choose another `index.folder`, or `index.force` to replace it",
            target.display()
        ))),
        (true, false, _) => Err(Error::Config(format!(
            "{}: is no index, so it is not replaced; choose another `index.folder`",
            target.display()
        ))),
        _ => Ok(()),
    }
}

/// Returns true when there is a complete index in `folder`.
fn is_index(folder: &Path) -> bool {
    [HEADER, SHARDS].into_iter().any(|name| folder.join(name).is_file())
}

/// Returns the path beside `target` whose name has `end` behind it.
fn beside(target: &Path, end: &str) -> Result<PathBuf> {
    let name = target.file_name();
    let name =
        name.ok_or_else(|| Error::Config(format!("{}: not a name for a new folder", target.display())))?;
    let mut name = name.to_owned();
    name.push(end);
    Ok(target.with_file_name(name))
}

/// Makes a folder, whose parents may be missing; returns false when it is there.
fn make_folder(folder: &Path) -> Result<bool> {
    let failed = |source| Error::io(folder, "create the folder", source);
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(cause) => Err(failed(cause)),
    }
}

/// Locks the folder in which the index at `target` is built; `None` when another process removed it meanwhile.
fn lock(partial: &Path, target: &Path) -> Result<Option<File>> {
    let path = partial.join(LOCK);
    let file = match open_to_write(&path) {
        Ok(file) => file,
        Err(_) if !partial.exists() => return Ok(None),
        Err(cause) => return Err(cause),
    };
    match file.try_lock() {
        Ok(()) => Ok(is_at(&file, &path).then_some(file)),
        Err(TryLockError::WouldBlock) => Err(building(target)),
        Err(TryLockError::Error(source)) => Err(Error::io(&path, "lock", source)),
    }
}

/// Returns true when `path` names the open file, and not one that replaced it.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let (open, named) = (file.metadata().map(place), fs::symlink_metadata(path).map(place));
    matches!((open, named), (Ok(open), Ok(named)) if open == named)
}

/// Returns true when `path` names a file.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

fn building(target: &Path) -> Error {
    Error::Config(format!(
        "{}: another program is building this index; wait for it, or choose another `index.folder`",
        target.display()
    ))
}

/// Removes a folder of parts of an index, its lock last.
fn remove(folder: &Path) -> Result<()> {
    let failed = |source| Error::io(folder, "replace", source);
    let gone = |result: std::io::Result<()>| match result {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(failed(cause)),
        _ => Ok(()),
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let shards = entries.map(|entry| entry.file_name()).filter(|name| is_name_of_shard(name));
    for inner in shards.chain([SEGMENTS.into()]).map(|name| folder.join(name)) {
        match fs::symlink_metadata(&inner) {
            Ok(found) if found.is_dir() => gone(fs::remove_dir_all(&inner))?,
            Ok(_) => gone(fs::remove_file(&inner))?,
            Err(_) => {}
        }
    }
    for name in [STATISTICS, CHECKSUMS, HEADER, SHARDS, LOCK] {
        gone(fs::remove_file(folder.join(name)))?;
    }
    gone(fs::remove_dir(folder))
}

/// Refuses a folder that is about to be removed but is a link or holds something other than the parts of an index.
fn refuse_strangers(folder: &Path) -> Result<()> {
    let in_the_way = |path: &Path| {
        Err(Error::Config(format!(
            "{}: in the way of the index, and no part of one; move it or choose another `index.folder`",
            path.display()
        )))
    };
    match fs::symlink_metadata(folder) {
        Err(_) => return Ok(()),
        Ok(found) if !found.is_dir() => return in_the_way(folder),
        Ok(_) => {}
    }
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let known = [LOCK, SEGMENTS, STATISTICS, CHECKSUMS, HEADER, SHARDS];
    for entry in entries.flatten() {
        let name = entry.file_name();
        match is_name_of_shard(&name) {
            true => refuse_strangers(&entry.path())?,
            false if known.iter().all(|&known| name != known) => return in_the_way(&entry.path()),
            false => {}
        }
    }
    Ok(())
}
