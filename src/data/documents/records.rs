//! Records of one file of any format: documents or topics, with the numbers of their lines.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::document::{Document, LONGEST, TOO_LONG};
use super::format::CollectionFormat;
use super::json_array::ObjectSplitter;
use super::smart::SmartParser;
use super::trec::TrecParser;
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
    left_out: BTreeSet<String>,
}

enum Parser {
    Jsonl,
    Json(ObjectSplitter),
    Tsv(TsvParser),
    Smart(SmartParser),
    Trec(TrecParser),
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
            CollectionFormat::Json => Parser::Json(ObjectSplitter::default()),
            CollectionFormat::Trec => Parser::Trec(TrecParser::new(what)),
        };
        Ok(Self { path: path.to_owned(), lines, parser, what, left_out: BTreeSet::new() })
    }

    /// Returns the next record and the number of its first line.
    pub(super) fn next(&mut self) -> Result<Option<(usize, Document)>> {
        let record = self.parse()?;
        if let Some((line, document)) = &record {
            ids::check(&self.path, *line, self.what, &document.id)?;
        }
        Ok(record)
    }

    /// Returns the names of what was in the records so far and is no part of documents: keys, sections, elements.
    pub(super) fn left_out(&self) -> &BTreeSet<String> {
        match &self.parser {
            Parser::Smart(smart) => &smart.left_out,
            Parser::Trec(trec) => &trec.left_out,
            _ => &self.left_out,
        }
    }

    fn parse(&mut self) -> Result<Option<(usize, Document)>> {
        let Self { path, lines, parser, left_out, .. } = self;
        loop {
            match parser {
                Parser::Trec(trec) => {
                    if let Some(finished) = trec.take() {
                        return Ok(Some(finished));
                    }
                }
                Parser::Json(objects) => {
                    if let Some((line, object)) = objects.take() {
                        return Ok(Some((line, jsonl::parse(path, line, &object, left_out)?)));
                    }
                }
                _ => {}
            }
            let Some(FileLine { number, bytes, .. }) = lines.next()? else { break };
            let text = utf8(path, number, bytes)?;
            let is_blank = text.trim_ascii().is_empty();
            let record = match parser {
                Parser::Trec(trec) => {
                    trec.line(path, number, text)?;
                    None
                }
                Parser::Json(objects) => {
                    objects.line(path, number, text)?;
                    None
                }
                Parser::Smart(smart) => smart.line(path, number, text)?,
                _ if is_blank => None,
                Parser::Tsv(columns) => columns.parse(path, number, text)?.map(|document| (number, document)),
                Parser::Jsonl => Some((number, jsonl::parse(path, number, text, left_out)?)),
            };
            if record.is_some() {
                return Ok(record);
            }
        }
        match parser {
            Parser::Smart(smart) => return Ok(smart.finish()),
            Parser::Trec(trec) => trec.finish(path)?,
            Parser::Json(objects) => objects.finish(path)?,
            _ => {}
        }
        Ok(None)
    }
}
