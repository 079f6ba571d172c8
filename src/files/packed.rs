//! Compression of input files, recognised by their first bytes and not by their names.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

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

    /// Returns a reader of the decompressed content of `packed`, a file of `size` bytes, or 0 when its size is unknown.
    /// It fails where the content is far too large for the file.
    ///
    /// # Errors
    /// When a decoder cannot be made.
    pub(crate) fn reader<'a>(
        self,
        packed: impl BufRead + Send + 'a,
        size: u64,
    ) -> io::Result<Box<dyn Read + Send + 'a>> {
        let unpacked: Box<dyn Read + Send + 'a> = match self {
            Self::Plain => return Ok(Box::new(packed)),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Zstandard => Box::new(zstd::Decoder::with_buffer(packed)?),
        };
        Ok(Box::new(Bounded { unpacked, read: 0, most: MOST_UNPACKED.max(LARGEST_RATIO * size) }))
    }
}

/// A packed file may hold this many bytes, or [`LARGEST_RATIO`] times its own.
const MOST_UNPACKED: u64 = 1 << 28;

/// Bytes of text behind a packed byte; rankings and judgements have 5 to 50.
const LARGEST_RATIO: u64 = 200;

/// Reader of unpacked bytes that fails behind the `most` bytes.
struct Bounded<'a> {
    unpacked: Box<dyn Read + Send + 'a>,
    read: u64,
    most: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(buffer)?;
        self.read += read as u64;
        if self.read > self.most {
            let (gigabytes, ratio) = (self.most as f64 / 1e9, LARGEST_RATIO);
            return Err(io::Error::other(format!(
                "it unpacks to more than {gigabytes:.1} GB, over {ratio} times its size; if that is right, unpack it and \
                 name the plain file"
            )));
        }
        Ok(read)
    }
}

/// Returns true for `-`, which names standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Refuses `-` in the place of a folder.
///
/// # Errors
/// When the path is `-`.
pub(crate) fn refuse_dash(folder: &Path) -> Result<()> {
    match is_standard_input(folder) {
        true => Err(Error::Config(
            "`-` is standard input or output; a folder is wanted here (`./-` is one)".into(),
        )),
        false => Ok(()),
    }
}

/// Opens a file, or standard input for `-`.
///
/// # Errors
/// When the file is a folder or cannot be opened, or standard input was opened before.
pub(crate) fn open(path: &Path) -> Result<File> {
    let failed = |source| Error::io(path, "read", source);
    let file = match is_standard_input(path) {
        true => standard_input()?,
        false => File::open(path).map_err(failed)?,
    };
    match file.metadata().map_err(failed)?.is_dir() {
        true => Err(Error::data(path, "is a folder; name a file inside it")),
        false => Ok(file),
    }
}

/// Returns standard input, which can be read once, as a file.
fn standard_input() -> Result<File> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    if TAKEN.swap(true, Ordering::Relaxed) {
        return Err(Error::data("-", "standard input can be read once; name a file for the other"));
    }
    #[cfg(unix)]
    let input = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let input = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    input.map(File::from).map_err(|source| Error::io("standard input", "read", source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_far_larger_than_its_file_is_refused() {
        let bounded = |most| Bounded { unpacked: Box::new(io::repeat(b'x').take(1000)), read: 0, most };
        let mut bytes = vec![];
        assert_eq!(bounded(1000).read_to_end(&mut bytes).expect("within the bound"), 1000);
        let error = bounded(999).read_to_end(&mut bytes).expect_err("beyond the bound");
        assert!(error.to_string().contains("over 200 times its size"), "{error}");
    }
}
