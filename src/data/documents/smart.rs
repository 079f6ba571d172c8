//! SMART, the format of Cranfield and its like: a document is a line `.I id` and sections, each begun
//! by a line of its own.

use std::path::Path;

use super::records::{LONGEST, TOO_LONG};
use super::{BODY, Document, TITLE};
use crate::error::{Error, Result};

/// Sections and what becomes of them: the name of a field, or `None` for lists of numbers and dates.
const SECTIONS: [(&str, Option<&str>); 9] = [
    (".T", Some(TITLE)),
    (".A", Some("author")),
    (".B", Some("bibliography")),
    (".W", Some(BODY)),
    (".K", Some("keywords")),
    (".N", None),
    (".C", None),
    (".X", None),
    (".G", None),
];

/// The document being read.
#[derive(Default)]
pub(super) struct Smart {
    document: Option<(usize, Document)>, // and its first line
    section: Option<Section>,
    bytes: usize,
}

/// Where the lines of the present section go.
#[derive(Clone, Copy)]
enum Section {
    Field(usize), // of the document's fields
    LeftOut,
}

impl Smart {
    /// Takes a line; a line that begins a document returns the one before it.
    pub(super) fn line(
        &mut self,
        path: &Path,
        number: usize,
        text: &str,
    ) -> Result<Option<(usize, Document)>> {
        let wrong = |expected: &str| Error::parse(path, number, expected, text.as_bytes());
        let marker = text.trim_ascii_end();
        if let Some(id) = marker.strip_prefix(".I").filter(|id| id.is_empty() || id.starts_with([' ', '\t']))
        {
            let document = Document { id: id.trim_ascii().to_owned(), fields: vec![] };
            let finished = std::mem::take(self);
            self.document = Some((number, document));
            return Ok(finished.document);
        }
        let Some((_, document)) = &mut self.document else {
            return if marker.is_empty() { Ok(None) } else { Err(wrong("a line `.I id` first")) };
        };
        self.bytes += 1 + text.len();
        if self.bytes > LONGEST {
            return Err(wrong(TOO_LONG));
        }
        match (section(marker), self.section) {
            (Some(Some(name)), _) => self.section = Some(Section::Field(field(document, name))),
            (Some(None), _) => self.section = Some(Section::LeftOut),
            (None, _) if is_marker(marker) => {
                return Err(wrong("a section .T, .A, .B, .W or .K (.N, .C, .X, .G are left out)"));
            }
            (None, Some(Section::Field(place))) => append(&mut document.fields[place].1, text),
            (None, Some(Section::LeftOut)) => {}
            (None, None) if marker.is_empty() => {}
            (None, None) => return Err(wrong("a section (.T, .A, .B or .W) after `.I id`")),
        }
        Ok(None)
    }

    /// The last document.
    pub(super) fn finish(&mut self) -> Option<(usize, Document)> {
        self.document.take()
    }
}

/// The section that a line begins.
fn section(marker: &str) -> Option<Option<&'static str>> {
    SECTIONS.iter().find(|(section, _)| *section == marker).map(|&(_, name)| name)
}

/// A full stop and a capital letter, alone on a line.
fn is_marker(line: &str) -> bool {
    matches!(line.as_bytes(), [b'.', letter] if letter.is_ascii_uppercase())
}

/// The place of a field; a section that comes twice goes on with the first.
fn field(document: &mut Document, name: &str) -> usize {
    let fields = &mut document.fields;
    fields.iter().position(|(field, _)| field == name).unwrap_or_else(|| {
        fields.push((name.to_owned(), String::new()));
        fields.len() - 1
    })
}

fn append(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
