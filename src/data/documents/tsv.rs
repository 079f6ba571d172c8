//! Parser of tab-separated documents: `id<TAB>text`, `id<TAB>title<TAB>text`, `id<TAB>url<TAB>title<TAB>text`, or columns
//! that the first line names.

use std::path::Path;

use super::document::{BODY, Document, TITLE};
use crate::error::{Error, Result};

/// Names of the column of ids.
const IDS: [&str; 10] =
    ["id", "_id", "docid", "docno", "doc_id", "pid", "qid", "query_id", "query-id", "corpus-id"];
/// Names of the column of main texts.
const TEXTS: [&str; 8] = ["text", "contents", "content", "body", "passage", "document", "query", "question"];

/// Parser of the lines of one file, all of which must have as many columns as the first.
#[derive(Default)]
pub(super) struct TsvParser(Option<Columns>);

/// Columns of a file.
struct Columns {
    line: usize,        // the first
    id: usize,          // place of the id
    names: Vec<String>, // of the fields, by column
}

impl TsvParser {
    /// Parses the document on one line; `None` for a first line of names.
    pub(super) fn parse(&mut self, path: &Path, line: usize, text: &str) -> Result<Option<Document>> {
        let wrong = |expected: String| Error::parse(path, line, expected, text.as_bytes());
        let cells: Vec<&str> = text.split('\t').collect();
        if self.0.is_none()
            && let Some((id, names)) = header(&cells).map_err(&wrong)?
        {
            self.0 = Some(Columns { line, id, names });
            return Ok(None);
        }
        let names: &[&str] = match cells.len() {
            2 => &["", BODY],
            3 => &["", TITLE, BODY],
            4 => &["", "url", TITLE, BODY],
            _ if self.0.is_some() => &[],
            _ => {
                return Err(wrong(
                    "id<TAB>text, id<TAB>title<TAB>text or id<TAB>url<TAB>title<TAB>text; more columns need a first \
                     line that names them"
                        .into(),
                ));
            }
        };
        let usual = || Columns { line, id: 0, names: names.iter().map(|&name| name.to_owned()).collect() };
        let columns = self.0.get_or_insert_with(usual);
        if columns.names.len() != cells.len() {
            return Err(wrong(format!("{} columns, as on line {}", columns.names.len(), columns.line)));
        }
        let fields = columns.names.iter().zip(&cells).enumerate().filter(|(place, _)| *place != columns.id);
        let fields = fields.map(|(_, (name, text))| (name.clone(), (*text).to_owned())).collect();
        Ok(Some(Document { id: cells[columns.id].to_owned(), fields }))
    }
}

/// Returns the place of the id and the names of the fields when these cells are the names of columns: one is an id, all
/// others look like names, and one of them is a known one.
///
/// # Errors
/// When two columns have one name.
fn header(cells: &[&str]) -> Result<Option<(usize, Vec<String>)>, String> {
    let known = |cell: &str, names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(cell.trim()));
    let Some(id) = cells.iter().position(|cell| known(cell, &IDS)) else { return Ok(None) };
    let is_name = |cell: &&str| {
        let cell = cell.trim();
        !cell.is_empty()
            && cell.len() <= 40
            && cell.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c))
    };
    let others = || cells.iter().enumerate().filter(|(place, _)| *place != id).map(|(_, cell)| *cell);
    if cells.len() < 2 || !others().all(|cell| is_name(&cell)) {
        return Ok(None);
    }
    if !others().any(|cell| known(cell, &TEXTS) || known(cell, &[TITLE, "url", "abstract"])) {
        return Ok(None);
    }
    let name = |cell: &&str| match cell.trim().to_lowercase() {
        text if known(&text, &TEXTS) => BODY.to_owned(),
        other => other,
    };
    let names: Vec<String> = cells.iter().map(name).collect();
    let twice = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name));
    match twice {
        Some((_, name)) => Err(format!("one column of each name; two hold {name}")),
        None => Ok(Some((id, names))),
    }
}
