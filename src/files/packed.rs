//! Compression of input files, recognised by their first bytes and not by their names.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// Compression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstandard,
}

impl Packing {
    /// Returns the compression of a file that starts with `start`.
    pub(crate) fn of(start: &[u8]) -> Self {
        if start.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Self::Zstandard
        } else {
            Self::Plain
        }
    }

    /// Returns a reader of the decompressed content of `packed`.
    ///
    /// # Errors
    /// When a decoder cannot be made.
    pub(crate) fn reader<'a>(
        self,
        packed: impl BufRead + Send + 'a,
    ) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match self {
            Self::Plain => Box::new(packed),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Zstandard => Box::new(zstd::Decoder::with_buffer(packed)?),
        })
    }
}

/// Opens a file; `-` is standard input.
///
/// # Errors
/// When the file is a folder or cannot be opened.
pub(crate) fn open(path: &Path) -> Result<File> {
    let failed = |source| Error::io(path, "read", source);
    let file = if path.as_os_str() == "-" { standard_input() } else { File::open(path) };
    let file = file.map_err(failed)?;
    match file.metadata().map_err(failed)?.is_dir() {
        true => Err(Error::data(path, "is a folder; name a file inside it")),
        false => Ok(file),
    }
}

/// Returns standard input as a file.
fn standard_input() -> io::Result<File> {
    #[cfg(unix)]
    let input = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    #[cfg(windows)]
    let input = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned()?;
    Ok(File::from(input))
}
