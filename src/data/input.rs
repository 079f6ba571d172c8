//! Files as streams of whole lines: plain, gzip or zstandard, told apart by their first bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// Bytes read at a time: large enough for speed, small beside what is made of them.
const BLOCK: usize = 1 << 20;

/// A longer line is refused: it is no text file.
const LONGEST_LINE: usize = 1 << 28;

/// Calls `each` with the number and the bytes of every line, without its end (`\n` or `\r\n`) and
/// without a byte-order mark; `complete` is false for a last line that has no end.
pub(crate) fn for_each_line(
    path: &Path,
    mut each: impl FnMut(usize, &[u8], bool) -> Result<()>,
) -> Result<()> {
    let failed = |source| Error::io(path, "read", source);
    let mut input = open(path)?;
    let (mut buffer, mut filled, mut number) = (vec![0; BLOCK], 0, 0);
    loop {
        let read = input.read(&mut buffer[filled..]).map_err(failed)?;
        let end = filled + read;
        let mut start = 0;
        for at in memchr::memchr_iter(b'\n', &buffer[filled..end]) {
            let line = &buffer[start..filled + at];
            number += 1;
            each(number, clean(line, number), true)?;
            start = filled + at + 1;
        }
        if read == 0 {
            if end > start {
                number += 1;
                each(number, clean(&buffer[start..end], number), false)?;
            }
            return Ok(());
        }
        buffer.copy_within(start..end, 0);
        filled = end - start;
        if filled == buffer.len() {
            if filled >= LONGEST_LINE {
                return Err(Error::parse(path, number + 1, "lines of text", &buffer[..64]));
            }
            buffer.resize(2 * filled, 0);
        }
    }
}

fn clean(line: &[u8], number: usize) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line }
}

fn open(path: &Path) -> Result<Box<dyn Read>> {
    let failed = |source| Error::io(path, "read", source);
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Error::data(path, "is a folder; name a file inside it"));
    }
    let mut reader = BufReader::with_capacity(BLOCK, file);
    let start = reader.fill_buf().map_err(failed)?;
    unpack(start.get(..4).unwrap_or(start).to_vec(), reader).map_err(failed)
}

fn unpack(magic: Vec<u8>, reader: BufReader<File>) -> io::Result<Box<dyn Read>> {
    Ok(if magic.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(reader))
    } else if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::Decoder::with_buffer(reader)?)
    } else {
        Box::new(reader)
    })
}
