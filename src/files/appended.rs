//! Files of lines that grow: a line is on disk before the call that appends it returns, and a line that a kill left half is mended.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::atomic::rename_over;
use crate::error::{Error, Result};

/// File of lines, open to append to and locked: one process at a time writes to it.
#[derive(Debug)]
pub(crate) struct AppendedLines {
    path: PathBuf,
    file: File,
    length: u64, // in bytes, of whole lines
}

/// Content of a file when it was opened, and what was mended in it.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Whole lines.
    pub(crate) bytes: Vec<u8>,
    /// Sentence on a last line that did not end, if there was one.
    pub(crate) mended: Option<String>,
}

impl AppendedLines {
    /// Opens the file at `path`, which is made when it is missing. A last line without an end gets one where `is_whole` holds of
    /// it; otherwise it is what a kill left of a line that nobody was told of, and is cut off.
    ///
    /// # Errors
    /// When the file cannot be opened for reading and writing, is no plain file, or another process writes to it.
    pub(crate) fn open(path: &Path, is_whole: impl Fn(&[u8]) -> bool) -> Result<(Self, Opened)> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let failed = |source| Error::io(&path, "open for writing", source);
        if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(Error::data(&path, "expected a file of lines that can be appended to"));
        }
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(&path).map_err(failed)?;
        lock(&file, &path)?;
        if is_new {
            sync_folder(&path);
        }
        let mut bytes = vec![];
        file.read_to_end(&mut bytes).map_err(|source| Error::io(&path, "read", source))?;
        let mut lines = Self { path, file, length: bytes.len() as u64 };
        let mended = lines.mend(&mut bytes, is_whole)?;
        Ok((lines, Opened { bytes, mended }))
    }

    /// Ends or cuts off a last line that has no end, and tells so.
    fn mend(&mut self, bytes: &mut Vec<u8>, is_whole: impl Fn(&[u8]) -> bool) -> Result<Option<String>> {
        let start = memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
        let last = &bytes[start..];
        if last.is_empty() {
            return Ok(None);
        }
        let (path, shown) = (self.path.display().to_string(), String::from_utf8_lossy(last).into_owned());
        if is_whole(last) {
            self.append("")?;
            bytes.push(b'\n');
            return Ok(Some(format!("{path}: the last line had no end, and got one: `{shown}`")));
        }
        self.cut(start as u64).map_err(|source| Error::io(&self.path, "mend", source))?;
        bytes.truncate(start);
        Ok(Some(format!(
            "{path}: the last line was not whole, as a kill leaves it, and was cut off: `{shown}`"
        )))
    }

    /// Returns the path of the file, with links resolved.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line, which holds no line end; it is on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written; the file is then as it was, as far as the system allows.
    pub(crate) fn append(&mut self, line: &str) -> Result<()> {
        debug_assert!(!line.contains('\n'), "one line");
        let bytes = format!("{line}\n");
        let written = self.file.write_all(bytes.as_bytes()).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += bytes.len() as u64,
            Err(source) => {
                let _ = self.cut(self.length); // the cause is told, not this
                return Err(Error::io(&self.path, "append to", source));
            }
        }
        Ok(())
    }

    /// Replaces the content by the lines that `keep` holds of and `line`, all at once: a kill leaves the old content or the new.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn replace(&mut self, keep: impl Fn(&[u8]) -> bool, line: Option<&str>) -> Result<()> {
        let old = std::fs::read(&self.path).map_err(|source| Error::io(&self.path, "read", source))?;
        let kept = old.split_inclusive(|&byte| byte == b'\n').filter(|line| keep(line.trim_ascii_end()));
        let mut new: Vec<u8> = kept.flatten().copied().collect();
        if let Some(line) = line {
            new.extend_from_slice(line.as_bytes());
            new.push(b'\n');
        }
        let failed = |source| Error::io(&self.path, "write", source);
        rename_over(&self.path, |writer| writer.write_all(&new)).map_err(failed)?;
        let file = OpenOptions::new().read(true).append(true).open(&self.path).map_err(failed)?;
        lock(&file, &self.path)?;
        (self.file, self.length) = (file, new.len() as u64);
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length = length;
        self.file.sync_all()
    }
}

/// Locks an open file; on a file system without locks, no other process is refused.
fn lock(file: &File, path: &Path) -> Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Error::data(path, "another process writes to this file; stop it, or choose another file"))
        }
        _ => Ok(()),
    }
}

/// Puts the entry of a new file on disk; not every system can synchronise a folder.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of two words are whole.
    fn two_words(line: &[u8]) -> bool {
        line.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).count() == 2
    }

    #[test]
    fn lines_are_appended_and_replaced_and_one_process_writes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("lines");
        let (mut lines, opened) = AppendedLines::open(&path, two_words).expect("made");
        assert!(opened.bytes.is_empty() && opened.mended.is_none());
        ["a 1", "b 2", "c 3"].iter().for_each(|line| lines.append(line).expect("written"));
        lines.replace(|line| line != b"b 2", Some("b 4")).expect("written");
        lines.append("d 5").expect("written");
        assert_eq!(std::fs::read(&path).expect("readable"), b"a 1\nc 3\nb 4\nd 5\n");
        let refused = AppendedLines::open(&path, two_words).expect_err("locked").to_string();
        assert!(refused.contains("another process writes to this file"), "{refused}");
        drop(lines);
        assert_eq!(AppendedLines::open(&path, two_words).expect("free").1.bytes.len(), 16);
        assert!(AppendedLines::open(folder.path(), two_words).is_err());
    }

    #[test]
    fn a_last_line_without_an_end_is_ended_or_cut_off() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("lines");
        for (content, mended, left) in [
            ("a 1\nb 2", Some("got one: `b 2`"), "a 1\nb 2\n"),
            ("a 1\nb", Some("cut off: `b`"), "a 1\n"),
            ("torn", Some("cut off: `torn`"), ""),
            ("a 1\n", None, "a 1\n"),
        ] {
            std::fs::write(&path, content).expect("writable");
            let (mut lines, opened) = AppendedLines::open(&path, two_words).expect("a file");
            let told = opened.mended.unwrap_or_default();
            assert!(told.contains(mended.unwrap_or("")) && told.is_empty() == mended.is_none(), "{told}");
            assert_eq!(opened.bytes, left.as_bytes());
            lines.append("z 9").expect("written");
            assert_eq!(std::fs::read(&path).expect("readable"), format!("{left}z 9\n").as_bytes());
        }
    }
}
