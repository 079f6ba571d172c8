//! Bytes of whole files, checked to be text, and a reader of columns in them.

use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::Path;

use crate::files::fault::Fault;
use crate::files::packed;
use crate::files::packed::Packing;
use crate::{Error, Result};

/// Number of bytes read at a time.
const BLOCK: usize = 1 << 20;

/// Reads a whole text file, and decompresses it if its first bytes, not its name, are those of gzip or zstandard.
///
/// # Errors
/// When the file is a folder, cannot be read or decompressed, or holds bytes that are no text.
pub(crate) fn read_text(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::io(path, "read", source);
    let file = packed::open(path)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut file = BufReader::with_capacity(BLOCK, file);
    let packing = Packing::of(file.fill_buf().map_err(failed)?);
    let mut bytes = Vec::new();
    if packing == Packing::Plain {
        bytes.try_reserve_exact(size as usize + 1).map_err(|cause| failed(cause.into()))?;
    }
    let mut input = packing.reader(file, size).map_err(failed)?;
    let mut checked = 0;
    while (&mut input).take(BLOCK as u64).read_to_end(&mut bytes).map_err(failed)? > 0 {
        check_text(path, &bytes, &mut checked)?;
    }
    Ok(bytes)
}

/// Refuses bytes in memory, which errors call `path`, that are no text.
pub(crate) fn text(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
    check_text(path, &bytes, &mut 0).map(|()| bytes)
}

/// Checks the bytes from offset `checked` on, but for carriage returns at the end, which more bytes may follow.
fn check_text(path: &Path, bytes: &[u8], checked: &mut usize) -> Result<()> {
    let wide = *checked == 0 && Fault::has_wide_mark(bytes);
    let end = bytes.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
    let found = if wide { Some((0, Fault::Utf16)) } else { Fault::first(&bytes[*checked..end]) };
    if let Some((at, fault)) = found {
        let at = *checked + at;
        return Err(fault.error(path, line_number(bytes, at), bytes, at));
    }
    *checked = end;
    Ok(())
}

/// Maps a binary file as it is, without decompression.
///
/// # Errors
/// When the file cannot be opened or mapped.
#[cfg(feature = "retrieval")]
pub(crate) fn open_map(path: &Path) -> Result<memmap2::Mmap> {
    // SAFETY: the mapping is read only, and every byte is checked before it is used. Another process that shortens the
    // file meanwhile ends this one; an index is never changed in place, only replaced.
    let map = std::fs::File::open(path).and_then(|file| unsafe { memmap2::Mmap::map(&file) });
    map.map_err(|source| Error::io(path, "read", source))
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
