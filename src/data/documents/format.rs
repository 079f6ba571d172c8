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
    /// BEIR folder with `corpus.jsonl` and `queries.jsonl`.
    Beir,
    /// Lines of `id<TAB>text` or `id<TAB>title<TAB>text`.
    Tsv,
    /// SMART: lines `.I id` and sections `.T`, `.A`, `.B`, `.W`.
    Smart,
}

impl CollectionFormat {
    /// Returns the format of a file by its name or, if that has no known ending, by its first bytes.
    pub(super) fn guess(path: &Path, start: &[u8]) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        let start = start.trim_ascii_start();
        if [".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end)) {
            Self::Jsonl
        } else if name.ends_with(".tsv") {
            Self::Tsv
        } else if start.starts_with(b"{") {
            Self::Jsonl
        } else if start.starts_with(b".I") {
            Self::Smart
        } else {
            Self::Tsv
        }
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
            ("a.json", " \n{\"id\"", CollectionFormat::Jsonl),
            ("cran.all.1400", ".I 1\n.T\n", CollectionFormat::Smart),
            ("dev.docs", "MED-1\ttext", CollectionFormat::Tsv),
            ("-", "", CollectionFormat::Tsv),
        ] {
            assert_eq!(CollectionFormat::guess(Path::new(name), start.as_bytes()), expected, "{name}");
        }
    }
}
