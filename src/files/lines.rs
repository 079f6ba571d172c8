//! Files as streams of whole lines: plain, gzip or zstandard.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::packed;
use crate::files::packed::Packing;

/// Bytes read at a time: large enough for speed, small beside what is made of them.
const BLOCK: usize = 1 << 20;

/// A longer line is refused: it is no text file.
const LONGEST_LINE: usize = 1 << 28;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One line of a file.
pub(crate) struct Line<'a> {
    /// 1-based.
    pub(crate) number: usize,
    /// Without its end (`\n` or `\r\n`) and without a byte-order mark.
    pub(crate) bytes: &'a [u8],
    /// False for a last line that has no end.
    pub(crate) complete: bool,
}

/// Calls `each` with the number and the bytes of every [`Line`], and whether it is complete.
pub(crate) fn for_each_line(
    path: &Path,
    mut each: impl FnMut(usize, &[u8], bool) -> Result<()>,
) -> Result<()> {
    let mut lines = LineReader::open(path, LONGEST_LINE, "lines of text")?;
    while let Some(Line { number, bytes, complete }) = lines.next()? {
        each(number, bytes, complete)?;
    }
    Ok(())
}

/// The lines of a file, one after the other, in the memory of a block or of the longest line.
pub(crate) struct LineReader {
    path: PathBuf,
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,   // of the next line in `buffer`
    scanned: usize, // no line ends between `start` and here
    end: usize,     // of what was read
    number: usize,  // lines returned
    longest: usize,
    expected: &'static str,
}

impl LineReader {
    /// Opens a file. A line of more than `longest` bytes is an error that says what was `expected`.
    pub(crate) fn open(path: &Path, longest: usize, expected: &'static str) -> Result<Self> {
        let failed = |source| Error::io(path, "read", source);
        let mut file = BufReader::with_capacity(BLOCK, packed::open(path)?);
        let packing = Packing::of(file.fill_buf().map_err(failed)?);
        let input = packing.reader(file).map_err(failed)?;
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

    /// The file's first bytes, behind a byte-order mark; to be asked before the first line is taken.
    pub(crate) fn peek(&mut self) -> Result<&[u8]> {
        if self.end == 0 {
            self.read()?;
        }
        let start = &self.buffer[..self.end];
        Ok(start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start))
    }

    /// The next line.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>> {
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

    /// The line that ends at `end` of the buffer.
    fn line(&mut self, end: usize, complete: bool) -> Result<Line<'_>> {
        self.check_length(end)?;
        let bytes = &self.buffer[self.start..end];
        self.start = end + usize::from(complete);
        self.scanned = self.start;
        self.number += 1;
        Ok(Line { number: self.number, bytes: clean(bytes, self.number), complete })
    }

    /// Reads a block behind what has not been returned yet; 0 at the end of the file.
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
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if number == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line }
}

/// The text of a line.
///
/// # Errors
/// When it is not UTF-8; the error shows the place.
pub(crate) fn utf8<'a>(path: &Path, number: usize, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|cause| {
        let found = from_shortly_before(bytes, cause.valid_up_to());
        Error::parse(path, number, "UTF-8 text; convert the file", found)
    })
}

/// `bytes` from a few characters before place `at`, up to which they are UTF-8.
fn from_shortly_before(bytes: &[u8], at: usize) -> &[u8] {
    let valid = std::str::from_utf8(&bytes[..at]).expect("valid up to there");
    let start = valid.char_indices().rev().take(8).last().map_or(at, |(start, _)| start);
    &bytes[start..]
}
