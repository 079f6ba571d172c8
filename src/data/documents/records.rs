//! The records of one file, whatever its format: an id and named texts, and where they stand.

use std::path::{Path, PathBuf};

use super::smart::Smart;
use super::{CollectionFormat, Document, ids, jsonl, tsv};
use crate::error::Result;
use crate::files::lines::{Line, LineReader, utf8};

/// The longest record in bytes.
pub(super) const LONGEST: usize = 64 << 20;

/// What a record beyond [`LONGEST`] is told.
pub(super) const TOO_LONG: &str = "at most 64 MiB a document or line; split it";

/// A file as records, in the memory of one.
pub(super) struct Records {
    path: PathBuf,
    lines: LineReader,
    parser: Parser,
    what: &'static str, // a record is: "document", "topic"
}

enum Parser {
    Jsonl,
    Tsv(tsv::Columns),
    Smart(Smart),
}

impl Records {
    /// Opens a file; without `format` its name and first bytes tell.
    pub(super) fn open(path: &Path, format: Option<CollectionFormat>, what: &'static str) -> Result<Self> {
        let mut lines = LineReader::open(path, LONGEST, TOO_LONG)?;
        let format = match format {
            Some(format) => format,
            None => CollectionFormat::guess(path, lines.peek()?),
        };
        let parser = match format {
            CollectionFormat::Jsonl | CollectionFormat::Beir => Parser::Jsonl,
            CollectionFormat::Tsv => Parser::Tsv(tsv::Columns::default()),
            CollectionFormat::Smart => Parser::Smart(Smart::default()),
        };
        Ok(Self { path: path.to_owned(), lines, parser, what })
    }

    /// The next record and its (first) line.
    pub(super) fn next(&mut self) -> Result<Option<(usize, Document)>> {
        let record = self.parse()?;
        if let Some((line, document)) = &record {
            ids::check(&self.path, *line, self.what, &document.id)?;
        }
        Ok(record)
    }

    fn parse(&mut self) -> Result<Option<(usize, Document)>> {
        let path = &self.path;
        while let Some(Line { number, bytes, .. }) = self.lines.next()? {
            let text = utf8(path, number, bytes)?;
            if let Parser::Smart(smart) = &mut self.parser {
                match smart.line(path, number, text)? {
                    None => continue,
                    finished => return Ok(finished),
                }
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            let document = match &mut self.parser {
                Parser::Tsv(columns) => columns.parse(path, number, text)?,
                _ => jsonl::parse(path, number, text)?,
            };
            return Ok(Some((number, document)));
        }
        Ok(match &mut self.parser {
            Parser::Smart(smart) => smart.finish(),
            _ => None,
        })
    }
}
