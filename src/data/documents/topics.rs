//! Topics: what is searched for.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::format::inside;
use super::ids::Seen;
use super::records::Records;
use super::{BODY, Document, TITLE};
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;

/// The topics of a BEIR folder.
const QUERIES: &str = "queries.jsonl";

/// A query in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Not empty, without white space and control characters.
    pub id: String,
    /// May be empty.
    pub text: String,
}

/// How topics are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum TopicIds {
    /// As the file has it.
    #[default]
    AsWritten,
    /// 1, 2, 3, … in the order of the file, as Cranfield's judgements count them.
    ByPosition,
}

/// Reads topics in any [format of documents](super::CollectionFormat), told by name and first bytes:
/// `id<TAB>text`, JSONL (a BEIR folder stands for its `queries.jsonl`), SMART.
///
/// A topic's text is its title, its main text and, in JSONL, its `query`, joined by spaces.
///
/// # Errors
/// A malformed record; an id that is there twice; a topic without any of those texts; no topic at all.
pub fn read_topics(path: &Path, ids: TopicIds) -> Result<Vec<Topic>> {
    let path = &inside(path, QUERIES).unwrap_or_else(|| path.to_owned());
    let mut records = Records::open(path, None, "topic")?;
    let (mut topics, mut seen) = (Vec::new(), Seen::default());
    seen.enter_file(path);
    while let Some((line, record)) = records.next()? {
        seen.insert(line, "topic", &record.id)?;
        let text = text(&record).ok_or_else(|| {
            Error::parse(
                path,
                line,
                "a topic with a text (`text`, `query`, `title`; .W)",
                record.id.as_bytes(),
            )
        })?;
        let id = match ids {
            TopicIds::AsWritten => record.id,
            TopicIds::ByPosition => (topics.len() + 1).to_string(),
        };
        topics.push(Topic { id, text });
    }
    match topics.is_empty() {
        true => Err(Error::data(path, "holds no topic; expected lines of `id<TAB>text`, JSONL or SMART")),
        false => Ok(topics),
    }
}

/// What is searched for; `None` when the record has no text at all.
fn text(record: &Document) -> Option<String> {
    let texts: Vec<&str> = [TITLE, BODY, "query"].iter().filter_map(|name| record.field(name)).collect();
    let text = texts.join(" ").trim().to_owned();
    (!texts.is_empty()).then_some(text)
}

/// Writes topics as lines of `id<TAB>text`; tabs and line ends in a text become spaces. A crash leaves
/// the old file or the new one, whole.
///
/// # Errors
/// When the file cannot be written.
pub fn write_topics(path: &Path, topics: &[Topic]) -> Result<()> {
    write_atomically(path, |writer| {
        topics.iter().try_for_each(|Topic { id, text }| {
            writeln!(writer, "{id}\t{}", text.replace(['\t', '\n', '\r'], " "))
        })
    })
}
