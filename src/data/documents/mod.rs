//! Text collections: documents, topics (queries) and judgements, read one record at a time.
//!
//! | format | a document | named by |
//! |---|---|---|
//! | JSONL | an object a line: `id`, `_id`, `docid`; `title`; `text`, `contents`, `body` | `.jsonl`, a first `{` |
//! | JSON | an array of such objects | `.json`, a first `[` |
//! | BEIR | a folder: `corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv` | being a folder |
//! | TSV | `id<TAB>text` or `id<TAB>title<TAB>text` | `.tsv`, or nothing else |
//! | TREC | `<DOC>` with `<DOCNO>`; topics `<top>`, `<topic>` | a first `<` |
//! | SMART | lines `.I id`, `.T` title, `.A` author, `.B` bibliography, `.W` body | a first `.I` |
//!
//! Files may be plain, gzip or zstandard; lines end with `\n` or `\r\n`, and a byte-order mark is skipped. Every error
//! names file and line. [`generate`] makes a collection whose relevance is planted.

mod assessments;
mod document;
mod format;
mod grades;
mod ids;
mod in_memory;
mod json_array;
mod jsonl;
mod judgements;
mod markup;
mod reader;
mod records;
mod smart;
mod synthetic;
mod topic_file;
mod topics;
mod trec;
mod tsv;

pub use assessments::{Assessments, Undone};
pub use document::Document;
pub use format::CollectionFormat;
pub use grades::GradeMap;
pub use ids::check_topic_id;
pub use in_memory::checked_documents;
pub use jsonl::write_jsonl;
pub use judgements::{JudgementOptions, Judgements};
pub use reader::{Collection, Documents};
pub use synthetic::{SyntheticCollection, SyntheticCollectionConfig, SyntheticPart, generate};
pub use topics::{Topic, TopicIds, read_topics, write_topics};
