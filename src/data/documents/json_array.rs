//! Splitter of JSON arrays into their objects, which may span lines.

use std::path::Path;

use super::document::{LONGEST, TOO_LONG};
use crate::error::{Error, Result};

/// Splitter of an array of objects, or of objects behind one another, line by line.
#[derive(Default)]
pub(super) struct ObjectSplitter {
    object: String,
    line: usize,  // of the object's beginning
    depth: usize, // of braces and brackets within the object
    quoted: bool,
    escaped: bool,
    array: Array,
    finished: std::collections::VecDeque<(usize, String)>,
}

/// Brackets of the array.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Array {
    #[default]
    None,
    Open(usize), // on this line
    Closed,
}

impl ObjectSplitter {
    /// Returns the next object that is complete, with the number of its first line.
    pub(super) fn take(&mut self) -> Option<(usize, String)> {
        self.finished.pop_front()
    }

    /// Takes a line.
    pub(super) fn line(&mut self, path: &Path, number: usize, line: &str) -> Result<()> {
        let mut start = 0; // of the object's part on this line
        for (at, byte) in line.bytes().enumerate() {
            if self.depth == 0 {
                match (byte, self.array) {
                    (b'{', Array::None | Array::Open(_)) => {
                        (start, self.line, self.depth) = (at, number, 1);
                    }
                    (b'[', Array::None) => self.array = Array::Open(number),
                    (b']', Array::Open(_)) => self.array = Array::Closed,
                    (b',', Array::Open(_)) => {}
                    _ if byte.is_ascii_whitespace() => {}
                    _ => {
                        let found = line.get(at..).unwrap_or(line);
                        return Err(Error::parse(path, number, "a JSON array of objects", found.as_bytes()));
                    }
                }
            } else if self.inside(byte) {
                self.object += &line[start..=at];
                self.finished.push_back((self.line, std::mem::take(&mut self.object)));
            }
        }
        if self.depth > 0 {
            self.object += &line[start..];
            self.object.push('\n');
            if self.object.len() > LONGEST {
                return Err(Error::parse(path, number, TOO_LONG, line.as_bytes()));
            }
        }
        Ok(())
    }

    /// Takes a byte within an object; true at the object's end.
    fn inside(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.quoted => self.escaped = true,
            b'"' => self.quoted = !self.quoted,
            b'{' | b'[' if !self.quoted => self.depth += 1,
            b'}' | b']' if !self.quoted => self.depth -= 1,
            _ => {}
        }
        self.depth == 0
    }

    /// Checks that object and array are complete, after all lines were taken.
    pub(super) fn finish(&self, path: &Path) -> Result<()> {
        let (line, end) = match (self.depth, self.array) {
            (0, Array::Open(line)) => (line, "]"),
            (0, _) => return Ok(()),
            _ => (self.line, "}"),
        };
        let expected = format!("`{end}` at the end of what begins here; the file is cut short");
        Err(Error::parse(path, line, expected, b""))
    }
}
