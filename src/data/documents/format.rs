//! Formats of collections and topics.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Format of documents and topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum CollectionFormat {
    /// One JSON object a line.
    Jsonl,
    /// JSON array of objects, or objects that span lines.
    Json,
    /// BEIR folder with `corpus.jsonl` and `queries.jsonl`.
    Beir,
    /// Lines of `id<TAB>text`, `id<TAB>title<TAB>text` or, of MS MARCO, `id<TAB>url<TAB>title<TAB>text`; or columns that a
    /// first line names.
    Tsv,
    /// SMART: lines `.I id` and sections `.T`, `.A`, `.B`, `.W`.
    Smart,
    /// TREC: `<DOC>` with `<DOCNO>`; topics in `<top>` or XML's `<topic>`.
    Trec,
}

impl CollectionFormat {
    /// Returns the format of a file by its name or, if that has no known ending, by its first bytes.
    pub(super) fn guess(path: &Path, start: &[u8]) -> Self {
        Self::recognise(path, start).unwrap_or(Self::Tsv)
    }

    /// Returns the format of a file that its name or its first bytes tell; `None` when they tell nothing.
    pub(super) fn recognise(path: &Path, start: &[u8]) -> Option<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        let start = start.trim_ascii_start();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        Some(match start.first() {
            _ if ends(&[".tsv"]) => Self::Tsv,
            Some(b'[') => Self::Json,
            _ if ends(&[".jsonl", ".ndjson"]) => Self::Jsonl,
            _ if ends(&[".json"]) => Self::Json,
            Some(b'{') => Self::Jsonl,
            Some(b'<') => Self::Trec,
            _ if ends(&[".xml", ".trec", ".sgml"]) => Self::Trec,
            _ if start.starts_with(b".I") => Self::Smart,
            _ => return None,
        })
    }
}

/// Endings of the names of compressed files.
const PACKED: [&str; 2] = [".gz", ".zst"];

/// Returns the path of `folder/name`, plain or compressed; `None` when there is no such file.
pub(super) fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let plain = [""].iter().chain(&PACKED).map(|end| folder.join(format!("{name}{end}")));
    plain.into_iter().find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_before_the_first_bytes() {
        for (name, start, expected) in [
            ("a.jsonl.gz", "", CollectionFormat::Jsonl),
            ("a.NDJSON", ".I 1", CollectionFormat::Jsonl),
            ("a.tsv.zst", "{", CollectionFormat::Tsv),
            ("a.json", " \n{\"id\"", CollectionFormat::Json),
            ("a.jsonl", "[{", CollectionFormat::Json),
            ("docs", "{\"id\"", CollectionFormat::Jsonl),
            ("ft911.gz", "\n<DOC>", CollectionFormat::Trec),
            ("a.tsv", "<b>", CollectionFormat::Tsv),
            ("cran.all.1400", ".I 1\n.T\n", CollectionFormat::Smart),
            ("dev.docs", "MED-1\ttext", CollectionFormat::Tsv),
            ("-", "", CollectionFormat::Tsv),
        ] {
            assert_eq!(CollectionFormat::guess(Path::new(name), start.as_bytes()), expected, "{name}");
        }
    }
}
