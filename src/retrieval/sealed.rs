//! Folder of tantivy's files, open for reading only: no locks are taken, nothing is written, and every block of a file is
//! verified before tantivy sees it.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle,
    WritePtr,
};

use super::header::SEGMENTS;
use super::seal::{CheckSums, Seal};

/// Folder of the segments of a complete index.
#[derive(Clone)]
pub(super) struct SealedDirectory {
    files: MmapDirectory,
    sums: Arc<CheckSums>,
}

impl SealedDirectory {
    /// Opens the segments of the index in `folder`.
    pub(super) fn open(folder: &Path, sums: Arc<CheckSums>) -> tantivy::Result<Self> {
        Ok(Self { files: MmapDirectory::open(folder.join(SEGMENTS))?, sums })
    }

    fn open_sealed(&self, path: &Path) -> Result<SealedFile, OpenReadError> {
        let name = format!("{SEGMENTS}/{}", path.display());
        let seal = self.sums.seal(&name).ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_owned()))?;
        let file = self.files.get_file_handle(path)?;
        let bytes = file.read_bytes(0..file.len());
        let bytes = bytes.map_err(|cause| OpenReadError::wrap_io_error(cause, path.to_owned()))?;
        Ok(SealedFile { name, bytes, seal })
    }
}

/// Mapped file whose blocks are verified before their first use.
struct SealedFile {
    name: String,
    bytes: OwnedBytes,
    seal: Seal,
}

impl SealedFile {
    fn read(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.bytes.len() {
            let message = format!("{}: no bytes {} to {}", self.name, range.start, range.end);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let named = |cause: io::Error| io::Error::new(cause.kind(), format!("{}: {cause}", self.name));
        self.seal.check(&self.bytes, &range).map_err(named)?;
        Ok(self.bytes.slice(range))
    }
}

impl HasLen for SealedFile {
    fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFile({})", self.name)
    }
}

impl FileHandle for SealedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        self.read(range)
    }
}

impl Directory for SealedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(self.open_sealed(path)?))
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let file = self.open_sealed(path)?;
        let bytes = file.read(0..file.len());
        bytes
            .map(|bytes| bytes.to_vec())
            .map_err(|cause| OpenReadError::wrap_io_error(cause, path.to_owned()))
    }

    /// Returns a lock that locks nothing: a complete index never changes.
    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_owned() })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(read_only(), path.to_owned()))
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for SealedDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedDirectory({:?})", self.files)
    }
}

fn read_only() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "a complete index is only read")
}
