//! Text collections: documents, topics (queries) and judgements, read one record at a time.
//!
//! | format | a document | named by |
//! |---|---|---|
//! | JSONL | an object a line: `id`, `_id`, `docid`; `title`; `text`, `contents`, `body` | `.jsonl`, a first `{` |
//! | BEIR | a folder: `corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv` | being a folder |
//! | TSV | `id<TAB>text` or `id<TAB>title<TAB>text` | `.tsv`, or nothing else |
//! | SMART | lines `.I id`, `.T` title, `.A` author, `.B` bibliography, `.W` body | a first `.I` |
//!
//! Files may be plain, gzip or zstandard; what is a line is told by `\n` or `\r\n`, and a byte-order
//! mark is skipped. Every error names file and line. [`generate`] makes a collection whose relevance
//! is planted.

mod format;
mod grades;
mod ids;
mod jsonl;
mod judgements;
mod reader;
mod records;
mod smart;
mod synthetic;
mod topics;
mod tsv;

pub use format::CollectionFormat;
pub use grades::GradeMap;
pub use jsonl::write_jsonl;
pub use judgements::{JudgementOptions, Judgements};
pub use reader::{Collection, Documents};
pub use synthetic::{Synthetic, SyntheticCollection, SyntheticPart, generate};
pub use topics::{Topic, TopicIds, read_topics, write_topics};

/// A document: an id and named texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Not empty, without white space and control characters.
    pub id: String,
    /// Names and texts, in the order of the file and each name once: `title`, `body`, and what else
    /// the collection has (`author`, …).
    pub fields: Vec<(String, String)>,
}

impl Document {
    /// The text of a field, `None` when the document does not have it.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, text)| text.as_str())
    }
}

/// The field of titles.
const TITLE: &str = "title";
/// The field of the main text.
const BODY: &str = "body";
