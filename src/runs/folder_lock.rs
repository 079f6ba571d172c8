//! Lock of a folder while a program writes to it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::files::no_follow::open_to_write;

/// File that is locked, and removed when the lock is given back.
pub(super) const LOCK: &str = ".lock";

/// Beginning of the names of files that are locked by parts of an experiment in the folder.
pub(super) const PART_LOCK: &str = ".lock-";

/// Longest time that a part waits for another one to open the folder.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Lock of a folder, held until it is dropped. On a file system without locks, no other process is refused.
#[derive(Debug)]
pub(super) struct FolderLock {
    path: PathBuf,
    _file: File, // an open file holds the lock
}

impl FolderLock {
    /// Locks `folder`.
    ///
    /// # Errors
    /// Another process holds the lock, or the folder is not writable.
    pub(super) fn take(folder: &Path) -> Result<Self> {
        Self::take_named(folder, LOCK)
    }

    /// Locks `folder`, for which it waits some seconds where another process holds the lock.
    ///
    /// # Errors
    /// As [`take`](Self::take), after that time.
    pub(super) fn take_patiently(folder: &Path) -> Result<Self> {
        let started = Instant::now();
        while started.elapsed() < LONGEST_WAIT {
            if let Some(lock) = Self::try_named(folder, LOCK)? {
                return Ok(lock);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Self::take(folder)
    }

    /// Locks the file `name` in `folder`.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub(super) fn take_named(folder: &Path, name: &str) -> Result<Self> {
        Self::try_named(folder, name)?.ok_or_else(|| {
            let message =
                "another process is training here, or writes to this folder; wait for it, or stop it";
            Error::data(folder, message)
        })
    }

    /// Locks the file `name` in `folder`; `None` when another process holds it.
    fn try_named(folder: &Path, name: &str) -> Result<Option<Self>> {
        let path = folder.join(name);
        loop {
            let file = open_to_write(&path)?;
            if let Err(TryLockError::WouldBlock) = file.try_lock() {
                return Ok(None);
            }
            // A process that ended in between has removed the file: others would lock a new one.
            if is_same(&file, &path) {
                return Ok(Some(Self { path, _file: file }));
            }
        }
    }

    /// Checks that no part of an experiment is being made in `folder`.
    ///
    /// # Errors
    /// When another process makes one.
    pub(super) fn refuse_parts(folder: &Path) -> Result<()> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(PART_LOCK) && Self::take_named(folder, &name).is_err() {
                let part = name[PART_LOCK.len()..].replace('-', " ");
                let message = format!("another process makes {part} here; wait for it, or stop it");
                return Err(Error::data(folder, message));
            }
        }
        Ok(())
    }

    /// Checks that no other process holds the lock of `folder`.
    ///
    /// # Errors
    /// Another process holds it.
    pub(super) fn check(folder: &Path) -> Result<()> {
        if folder.join(LOCK).is_file() { Self::take(folder).map(|_| ()) } else { Ok(()) }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path); // still locked; one that stays does no harm
    }
}

/// Returns true when `path` names the open `file`.
#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let number = |found: std::fs::Metadata| (found.dev(), found.ino());
    let open = file.metadata().map(number).ok();
    open.is_some() && open == std::fs::symlink_metadata(path).map(number).ok()
}

/// Returns true: an open file cannot be removed here.
#[cfg(not(unix))]
fn is_same(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let lock = FolderLock::take(folder.path()).expect("free");
        assert!(FolderLock::take(folder.path()).is_err() && FolderLock::check(folder.path()).is_err());
        drop(lock);
        FolderLock::check(folder.path()).expect("free again");
        drop(FolderLock::take(folder.path()).expect("free again"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0);
    }

    #[test]
    fn those_that_wait_all_get_the_lock() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let hold = || drop(FolderLock::take_patiently(folder.path()).expect("free in time"));
        std::thread::scope(|scope| {
            (0..4).for_each(|_| drop(scope.spawn(move || (0..50).for_each(|_| hold()))));
        });
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0);
    }
}
