//! Records of one file of any format: documents or topics, with the numbers of their lines.

use std::path::{Path, PathBuf};

use super::document::{Document, LONGEST, TOO_LONG};
use super::format::CollectionFormat;
use super::smart::SmartParser;
use super::tsv::TsvParser;
use super::{ids, jsonl};
use crate::error::Result;
use crate::files::lines::{FileLine, LineReader, utf8};

/// Reader of the records of a file, which keeps one of them in memory.
pub(super) struct Records {
    path: PathBuf,
    lines: LineReader,
    parser: Parser,
    what: &'static str, // "document" or "topic", for errors
}

enum Parser {
    Jsonl,
    Tsv(TsvParser),
    Smart(SmartParser),
}

impl Records {
    /// Opens a file of `what` ("document" or "topic"); without `format`, it is recognised by name and first bytes.
    pub(super) fn open(path: &Path, format: Option<CollectionFormat>, what: &'static str) -> Result<Self> {
        let mut lines = LineReader::open(path, LONGEST, TOO_LONG)?;
        let format = match format {
            Some(format) => format,
            None => CollectionFormat::guess(path, lines.peek()?),
        };
        let parser = match format {
            CollectionFormat::Jsonl | CollectionFormat::Beir => Parser::Jsonl,
            CollectionFormat::Tsv => Parser::Tsv(TsvParser::default()),
            CollectionFormat::Smart => Parser::Smart(SmartParser::default()),
        };
        Ok(Self { path: path.to_owned(), lines, parser, what })
    }

    /// Returns the next record and the number of its first line.
    pub(super) fn next(&mut self) -> Result<Option<(usize, Document)>> {
        let record = self.parse()?;
        if let Some((line, document)) = &record {
            ids::check(&self.path, *line, self.what, &document.id)?;
        }
        Ok(record)
    }

    fn parse(&mut self) -> Result<Option<(usize, Document)>> {
        let path = &self.path;
        while let Some(FileLine { number, bytes, .. }) = self.lines.next()? {
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
