//! File of topics that grows while queries are typed.

use std::path::Path;

use super::ids::check_topic_id;
use super::{Topic, TopicIds, read_topics};
use crate::error::{Error, Result};
use crate::files::appended::AppendedLines;

/// First line, which names the columns: no topic is taken for one then.
const HEADER: &str = "id\ttext";

/// File of lines `id<TAB>text` below a header, to which topics are appended; each is on disk before it counts.
#[derive(Debug)]
pub(super) struct TopicFile(AppendedLines);

impl TopicFile {
    /// Opens the file at `path`, which is made when it is missing, and returns it with its topics and a sentence on a torn last line.
    ///
    /// # Errors
    /// When the file cannot be written, another process writes to it, or it holds something else.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Topic>, Option<String>)> {
        // A text ends anywhere, so that no last line without an end is known to be whole.
        let (mut lines, opened) = AppendedLines::open(path, |line| line == HEADER.as_bytes())?;
        let first = opened.bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        if opened.bytes.is_empty() {
            lines.append(HEADER)?;
        } else if first.trim_ascii_end() != HEADER.as_bytes() {
            let message = "expected the header `id<TAB>text` of topics that were judged; move this file away";
            return Err(Error::data(path, message));
        }
        let topics = match opened.bytes.len() > HEADER.len() + 2 {
            true => read_topics(path, TopicIds::AsWritten)?,
            false => vec![],
        };
        Ok((Self(lines), topics, opened.mended))
    }

    /// Returns the path of the file, with links resolved.
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Appends a topic, whose text is on one line.
    ///
    /// # Errors
    /// When the id is not valid or the file cannot be written.
    pub(super) fn append(&mut self, Topic { id, text }: &Topic) -> Result<()> {
        check_topic_id(id)?;
        self.0.append(&format!("{id}\t{}", on_one_line(text)))
    }
}

/// Returns a text with a blank for every run of white space and control characters.
pub(super) fn on_one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
