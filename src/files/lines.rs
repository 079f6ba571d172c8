//! Streams of the lines of a file, plain, gzip or zstandard.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::fault::Fault;
use crate::files::packed;
use crate::files::packed::Packing;

/// Number of bytes read at a time.
const BLOCK: usize = 1 << 20;

/// Longest line of a text file in bytes.
const LONGEST_LINE: usize = 1 << 28;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Line of a file.
pub(crate) struct FileLine<'a> {
    /// Number of the line, from 1.
    pub(crate) number: usize,
    /// Bytes of the line, without its end (`\n` or `\r\n`) and without a byte-order mark.
    pub(crate) bytes: &'a [u8],
    /// False for a last line without an end.
    pub(crate) complete: bool,
}

/// Calls `each` with the number, the bytes and the completeness of every [`FileLine`].
///
/// # Errors
/// When the file cannot be read, a line is longer than 256 MiB or no text (NUL bytes, UTF-16, a carriage return that ends no
/// line), or `each` fails.
pub(crate) fn for_each_line(
    path: &Path,
    mut each: impl FnMut(usize, &[u8], bool) -> Result<()>,
) -> Result<()> {
    let mut lines = LineReader::open(path, LONGEST_LINE, "lines of text")?;
    while let Some(FileLine { number, bytes, complete }) = lines.next()? {
        each(number, bytes, complete)?;
    }
    Ok(())
}

/// Reader of the lines of a file, which keeps a block or the longest line in memory.
pub(crate) struct LineReader {
    path: PathBuf,
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,   // start of the next line in `buffer`
    scanned: usize, // no line ends between `start` and this offset
    end: usize,     // end of the bytes read so far
    number: usize,  // number of lines returned
    longest: usize,
    expected: &'static str,
}

impl LineReader {
    /// Opens a file. A line of more than `longest` bytes will be an error that names what was `expected`.
    pub(crate) fn open(path: &Path, longest: usize, expected: &'static str) -> Result<Self> {
        let failed = |source| Error::io(path, "read", source);
        let file = packed::open(path)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut file = BufReader::with_capacity(BLOCK, file);
        let packing = Packing::of(file.fill_buf().map_err(failed)?);
        let input = packing.reader(file, size).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            input,
            buffer: vec![0; BLOCK],
            start: 0,
            scanned: 0,
            end: 0,
            number: 0,
            longest,
            expected,
        })
    }

    /// Returns the first bytes of the file, after a byte-order mark; call it before [`Self::next`].
    pub(crate) fn peek(&mut self) -> Result<&[u8]> {
        if self.end == 0 {
            self.read()?;
        }
        let start = &self.buffer[..self.end];
        Ok(start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start))
    }

    /// Returns the next line.
    pub(crate) fn next(&mut self) -> Result<Option<FileLine<'_>>> {
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.scanned..self.end]) {
                return self.line(self.scanned + at, true).map(Some);
            }
            self.scanned = self.end;
            if self.read()? == 0 {
                return if self.end > self.start { self.line(self.end, false).map(Some) } else { Ok(None) };
            }
        }
    }

    /// Takes the line that ends at `end` of the buffer.
    fn line(&mut self, end: usize, complete: bool) -> Result<FileLine<'_>> {
        self.check_length(end)?;
        let bytes = &self.buffer[self.start..end];
        self.start = end + usize::from(complete);
        self.scanned = self.start;
        self.number += 1;
        let wide = self.number == 1 && Fault::has_wide_mark(bytes);
        if let Some((at, fault)) = if wide { Some((0, Fault::Utf16)) } else { Fault::first(bytes) } {
            return Err(fault.error(&self.path, self.number, bytes, at));
        }
        Ok(FileLine { number: self.number, bytes: clean(bytes, self.number), complete })
    }

    /// Reads a block after the bytes not yet returned, and returns its length; 0 at the end of the file.
    fn read(&mut self) -> Result<usize> {
        self.check_length(self.end)?;
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.scanned -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0);
        }
        let block = self.end..self.buffer.len().min(self.end + BLOCK);
        loop {
            match self.input.read(&mut self.buffer[block.clone()]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(Error::io(&self.path, "read", cause)),
            }
        }
    }

    fn check_length(&self, end: usize) -> Result<()> {
        let line = &self.buffer[self.start..end];
        if line.len() <= self.longest {
            return Ok(());
        }
        Err(Error::parse(&self.path, self.number + 1, self.expected, &line[..line.len().min(64)]))
    }
}

fn clean(line: &[u8], number: usize) -> &[u8] {
    let line = &line[..line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1)];
    if number == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line }
}

/// Returns the text of a line.
///
/// # Errors
/// When the line is not UTF-8; the error shows the place.
pub(crate) fn utf8<'a>(path: &Path, number: usize, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|cause| {
        let found = from_shortly_before(bytes, cause.valid_up_to());
        Error::parse(path, number, "UTF-8 text; convert the file", found)
    })
}

/// Returns `bytes` from a few characters before offset `at` on; they are UTF-8 up to `at`.
fn from_shortly_before(bytes: &[u8], at: usize) -> &[u8] {
    let valid = std::str::from_utf8(&bytes[..at]).expect("valid up to there");
    let start = valid.char_indices().rev().take(8).last().map_or(at, |(start, _)| start);
    &bytes[start..]
}
