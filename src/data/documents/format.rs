//! Which format a collection or a file of topics is in.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A format of documents and topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum CollectionFormat {
    /// A JSON object a line.
    Jsonl,
    /// A folder with `corpus.jsonl` and `queries.jsonl`.
    Beir,
    /// `id<TAB>text` or `id<TAB>title<TAB>text`.
    Tsv,
    /// Lines `.I id` and sections `.T`, `.A`, `.B`, `.W`.
    Smart,
}

impl CollectionFormat {
    /// The format of a file by its name and, where that says nothing, by its first bytes.
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

/// How the names of packed files end.
const PACKED: [&str; 2] = [".gz", ".zst"];

/// `folder/name`, packed or not; `None` when the folder has no such file.
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
