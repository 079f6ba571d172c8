//! Parser of SMART, the format of Cranfield and its like: a document is a line `.I id` and sections, each of which begins
//! with a line of its own, such as `.T`.

use std::collections::BTreeSet;
use std::path::Path;

use super::document::{BODY, Document, LONGEST, TITLE, TOO_LONG};
use crate::error::{Error, Result};

/// Markers of sections, each with the name of its field; `None` for sections of numbers and dates, which are left out.
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

/// Parser of documents, line by line.
#[derive(Default)]
pub(super) struct SmartParser {
    document: Option<(usize, Document)>, // the number of its first line, and the document so far
    section: Option<Section>,
    bytes: usize,
    /// Sections that were left out.
    pub(super) left_out: BTreeSet<String>,
}

/// Destination of the lines of a section.
#[derive(Clone, Copy)]
enum Section {
    Field(usize), // of the document's fields
    LeftOut,
}

impl SmartParser {
    /// Takes a line; the first line of a document returns the document before it, with the number of its first line.
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
            (self.section, self.bytes) = (None, 0);
            return Ok(self.document.replace((number, document)));
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
            (Some(None), _) => {
                self.left_out.insert(marker.to_owned());
                self.section = Some(Section::LeftOut);
            }
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

    /// Returns the last document, after all lines were taken.
    pub(super) fn finish(&mut self) -> Option<(usize, Document)> {
        self.document.take()
    }
}

/// Returns the field of the section that a line begins: `Some(None)` for a section that is left out, `None` for any other
/// line.
fn section(marker: &str) -> Option<Option<&'static str>> {
    SECTIONS.iter().find(|(section, _)| *section == marker).map(|&(_, name)| name)
}

/// Returns true for a line of a full stop and one capital letter.
fn is_marker(line: &str) -> bool {
    matches!(line.as_bytes(), [b'.', letter] if letter.is_ascii_uppercase())
}

/// Returns the place of a field, which is added if it is new; the text of a repeated section is appended.
fn field(document: &mut Document, name: &str) -> usize {
    let fields = &mut document.fields;
    fields.iter().position(|(field, _)| field == name).unwrap_or_else(|| {
        fields.push((name.to_owned(), String::new()));
        fields.len() - 1
    })
}

/// Appends a line to a text.
fn append(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
