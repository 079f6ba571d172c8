//! Bytes of whole files, memory-mapped where possible, and a reader of columns in them.

use std::fs::File;
use std::io::Read;
use std::ops::{Deref, Range};
use std::path::Path;

use memmap2::{Advice, Mmap};

use crate::files::packed;
use crate::files::packed::Packing;
use crate::{Error, Result};

/// Content of a whole file as one slice.
pub(crate) enum Bytes {
    /// Content mapped into memory.
    Mapped(Mmap),
    /// Content read or decompressed into memory.
    Owned(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

impl Bytes {
    /// Opens a file and decompresses it if its first bytes, not its name, are those of gzip or zstandard.
    ///
    /// # Errors
    /// When the file is a folder or cannot be read or decompressed.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let failed = |source| Error::io(path, "read", source);
        let mut file = packed::open(path)?;
        let meta = file.metadata().map_err(failed)?;
        let bytes = if meta.is_file() && meta.len() > 0 {
            let map = map(&file).map_err(failed)?;
            let _ = map.advise(Advice::Sequential); // a hint, which a system may lack
            Self::Mapped(map)
        } else {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(failed)?;
            Self::Owned(bytes)
        };
        bytes.unpacked().map_err(failed)
    }

    /// Decompresses the content if it is compressed.
    fn unpacked(self) -> std::io::Result<Self> {
        let packing = Packing::of(&self);
        if packing == Packing::Plain {
            return Ok(self);
        }
        let mut plain = Vec::new();
        packing.reader(&*self)?.read_to_end(&mut plain)?;
        Ok(Self::Owned(plain))
    }
}

/// Maps a binary file as it is, without decompression.
///
/// # Errors
/// When the file cannot be opened or mapped.
#[cfg(feature = "retrieval")]
pub(crate) fn open_map(path: &Path) -> Result<Mmap> {
    File::open(path).and_then(|file| map(&file)).map_err(|source| Error::io(path, "read", source))
}

/// Maps an open file for reading.
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the mapping is read only, and every byte is checked before it is used. Another process that shortens the
    // file meanwhile ends this one, as it ends every program that maps its input.
    unsafe { Mmap::map(file) }
}

/// Returns the 1-based number of the line with the byte at `offset`, counted only when an error is reported.
pub(crate) fn line_number(bytes: &[u8], offset: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &bytes[..offset.min(bytes.len())]).count()
}

/// Returns the line with the byte at `offset`, trimmed.
pub(crate) fn line_at(bytes: &[u8], offset: usize) -> &[u8] {
    let offset = offset.min(bytes.len());
    let start = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |at| offset + at);
    bytes[start..end].trim_ascii()
}

/// Reader of a file column by column. Columns are separated by blanks, that is, bytes up to the space; a line feed ends a
/// line.
pub(crate) struct Columns<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Columns<'a> {
    /// Starts at the first line, after a byte-order mark.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } }
    }

    /// Moves to the next line that is neither blank nor a comment (begun by `#`) and returns its offset.
    pub(crate) fn next_record(&mut self) -> Option<usize> {
        loop {
            match self.bytes.get(self.at)? {
                b'#' => self.skip_line(),
                0..=b' ' => self.at += 1,
                _ => return Some(self.at),
            }
        }
    }

    /// Returns the range of the next column on this line, empty when there is none.
    #[inline]
    pub(crate) fn column(&mut self) -> Range<usize> {
        while self.at < self.bytes.len() && self.bytes[self.at] <= b' ' && self.bytes[self.at] != b'\n' {
            self.at += 1;
        }
        let start = self.at;
        self.at = column_end(self.bytes, start);
        start..self.at
    }

    /// Moves to the start of the next line.
    #[inline]
    pub(crate) fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += match rest.first() {
            Some(b'\n') => 1,
            _ => memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1),
        };
    }
}

/// Returns the offset of the first blank at or after `at`, comparing eight bytes at a time.
#[inline]
fn column_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    while let Some(&chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(chunk);
        // Sets the high bit of every byte below 0x21. Higher bytes may be wrong, but only the lowest set bit is used.
        let blanks = word.wrapping_sub(ONES * 0x21) & !word & (ONES * 0x80);
        if blanks != 0 {
            return at + blanks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    bytes[at..].iter().position(|&byte| byte <= b' ').map_or(bytes.len(), |offset| at + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_end_at_any_blank_and_at_the_end_of_the_line() {
        let bytes = b"\xef\xbb\xbf# note\n\n a\tbb  a-rather-long-\xc3\xa9-column\r\nlast";
        let mut columns = Columns::new(bytes);
        assert!(columns.next_record().is_some());
        let mut texts = Vec::new();
        for _ in 0..4 {
            texts.push(&bytes[columns.column()]);
        }
        assert_eq!(texts, [&b"a"[..], b"bb", b"a-rather-long-\xc3\xa9-column", b""]);
        columns.skip_line();
        let start = columns.next_record().unwrap();
        assert_eq!((line_number(bytes, start), line_at(bytes, start)), (4, &b"last"[..]));
        assert_eq!(&bytes[columns.column()], b"last");
        assert_eq!(columns.next_record(), None);
    }

    #[test]
    fn a_column_ends_at_its_first_blank_at_any_offset() {
        for length in 0..40 {
            for blank in [b' ', b'\t', b'\n', b'\r'] {
                let mut bytes = vec![b'!'; length];
                bytes.push(blank);
                bytes.extend([0xff, b' ', b'x']);
                assert_eq!(column_end(&bytes, 0), length);
                assert_eq!(column_end(&vec![0x80; length], 0), length);
            }
        }
    }
}
