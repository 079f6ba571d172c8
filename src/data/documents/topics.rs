//! Topics: queries in words, with ids.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::document::{BODY, Document, TITLE};
use super::format::inside;
use super::ids::Seen;
use super::records::Records;

use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;
use crate::seed::fnv1a;

/// Name of the file of topics in a BEIR folder.
const QUERIES: &str = "queries.jsonl";

/// Query in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Id: not empty, without white space and control characters.
    pub id: String,
    /// Text; may be empty.
    pub text: String,
}

impl Topic {
    /// Returns a check sum of ids and texts, by which two sets of topics can be told apart.
    pub fn digest(topics: &[Self]) -> u64 {
        let line = |topic: &'_ Self| [topic.id.as_bytes(), b"\t", topic.text.as_bytes(), b"\n"].concat();
        fnv1a(topics.iter().flat_map(line))
    }
}

/// Source of the ids of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum TopicIds {
    /// Id in the file.
    #[default]
    AsWritten,
    /// Position in the file, from 1, as in Cranfield's judgements.
    ByPosition,
}

/// Reads topics in any [format of documents](super::CollectionFormat), recognised by name and first bytes: lines of
/// `id<TAB>text`, JSONL (a BEIR folder stands for its `queries.jsonl`), SMART, or TREC's `<top>` and XML's `<topic>`; `-` is standard input.
///
/// The text of a topic is its title, its main text and, in JSONL, its `query` or `question`, joined by spaces; in TREC the first
/// of title, query, question, description and summary.
///
/// # Errors
/// When a record is malformed, an id occurs twice, a topic has none of those texts, or there is no topic.
///
/// ```
/// use irgan::data::documents::{TopicIds, read_topics};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("topics.tsv");
/// std::fs::write(&path, "7\tboundary layer\n9\tsalt\n")?;
/// let topics = read_topics(&path, TopicIds::ByPosition)?;
/// assert_eq!((topics[1].id.as_str(), topics[1].text.as_str()), ("2", "salt"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
                "a topic with a text (`text`, `query`, `title`; .W; <title>)",
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
        true => Err(Error::data(
            path,
            "holds no topic; expected lines of `id<TAB>text`, JSONL, SMART or TREC's <top>",
        )),
        false => Ok(topics),
    }
}

/// Returns the text of a topic; `None` when the record has none of its fields.
fn text(record: &Document) -> Option<String> {
    let texts: Vec<&str> =
        [TITLE, BODY, "query", "question"].iter().filter_map(|name| record.field(name)).collect();
    let text = texts.join(" ").trim().to_owned();
    (!texts.is_empty()).then_some(text)
}

/// Writes topics as lines of `id<TAB>text`, atomically; tabs and line ends in a text become spaces.
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
