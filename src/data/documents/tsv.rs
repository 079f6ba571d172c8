//! Parser of tab-separated documents: `id<TAB>text` or `id<TAB>title<TAB>text`.

use std::path::Path;

use super::document::{BODY, Document, TITLE};
use crate::error::{Error, Result};

/// Parser of the lines of one file, all of which must have as many columns as the first.
///
/// It keeps that number of columns and the number of the first line.
#[derive(Default)]
pub(super) struct TsvParser(Option<(usize, usize)>);

impl TsvParser {
    /// Parses the document on one line.
    pub(super) fn parse(&mut self, path: &Path, line: usize, text: &str) -> Result<Document> {
        let wrong = |expected: String| Error::parse(path, line, expected, text.as_bytes());
        let mut columns = text.split('\t');
        let id = columns.next().unwrap_or_default().to_owned();
        let texts: Vec<&str> = columns.collect();
        let names: &[&str] = match texts.len() {
            1 => &[BODY],
            2 => &[TITLE, BODY],
            _ => return Err(wrong("id<TAB>text or id<TAB>title<TAB>text".into())),
        };
        let (count, first) = *self.0.get_or_insert((1 + texts.len(), line));
        if count != 1 + texts.len() {
            return Err(wrong(format!("{count} columns, as on line {first}")));
        }
        let fields = names.iter().zip(texts).map(|(&name, text)| (name.to_owned(), text.to_owned()));
        Ok(Document { id, fields: fields.collect() })
    }
}
