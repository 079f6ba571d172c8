//! The one error type of the crate: every message says where, why and what to do.

use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong with a user's files, data or settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused a file operation.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted, as a verb: `read`, `write`, `create the folder`.
        action: &'static str,
        /// The system's own reason.
        source: io::Error,
    },
    /// One line of a file is not what the format asks for.
    #[error("{}:{line}: expected {expected}, found {found}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// 1-based line number.
        line: usize,
        /// What the format asks for at this place.
        expected: String,
        /// What stands there, shortened.
        found: String,
    },
    /// A file can be read but not used as a whole (empty, no positive document, …).
    #[error("{}: {message}", path.display())]
    Data {
        /// The file or folder.
        path: PathBuf,
        /// The cause and the remedy.
        message: String,
    },
    /// Data that do not fit the task, by someone who does not know their file; see
    /// [`Error::in_file`].
    #[error("{0}")]
    Unfit(String),
    /// A setting is out of range or settings contradict each other.
    #[error("{0}")]
    Config(String),
    /// A loss, reward or parameter stopped being finite.
    #[error("{0}")]
    NonFinite(String),
    /// A training was asked to stop, and did at its next step.
    #[error("stopped by {}", signal_name(*.signal))]
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An I/O error with the file it happened to.
    pub fn io(path: impl AsRef<Path>, action: &'static str, source: io::Error) -> Self {
        Self::Io { path: path.as_ref().to_owned(), action, source }
    }

    /// A malformed line; `found` is shortened to stay readable.
    pub fn parse(path: impl AsRef<Path>, line: usize, expected: impl Into<String>, found: &[u8]) -> Self {
        Self::Parse { path: path.as_ref().to_owned(), line, expected: expected.into(), found: excerpt(found) }
    }

    /// A file that is unusable as a whole.
    pub fn data(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Data { path: path.as_ref().to_owned(), message: message.into() }
    }

    /// Names the file that turned out to be [`Error::Unfit`]; other errors stay as they are.
    pub fn in_file(self, path: impl AsRef<Path>) -> Self {
        match self {
            Self::Unfit(message) => Self::data(path, message),
            other => other,
        }
    }

    /// The exit status of a program that ends with this error: 2 for usage, 1 for data, 128 and the signal's
    /// number for a training that was asked to stop.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Interrupted { signal } => 128 + *signal as u8,
            _ => 1,
        }
    }
}

fn signal_name(signal: i32) -> String {
    match signal {
        2 => "SIGINT".into(),
        15 => "SIGTERM".into(),
        other => format!("signal {other}"),
    }
}

/// At most 40 characters of `bytes`, quoted, with control characters escaped.
fn excerpt(bytes: &[u8]) -> String {
    const LIMIT: usize = 40;
    if bytes.is_empty() {
        return "nothing".into();
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * LIMIT)]);
    let mut short: String = text.chars().take(LIMIT).flat_map(char::escape_debug).collect();
    if text.chars().count() > LIMIT || bytes.len() > 4 * LIMIT {
        short.push('…');
    }
    format!("`{short}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parse_error_names_file_line_and_both_sides() {
        let error = Error::parse("qrels.txt", 17, "4 columns (query 0 document grade)", b"q1 0 d1");
        assert_eq!(
            error.to_string(),
            "qrels.txt:17: expected 4 columns (query 0 document grade), found `q1 0 d1`"
        );
        assert_eq!(error.exit_code(), 1);
    }

    #[test]
    fn excerpts_are_short_and_printable() {
        let error = Error::parse("x", 1, "a grade", &[b'\t', 0xff].repeat(500));
        let text = error.to_string();
        assert!(text.contains('…') && text.len() < 300, "{text}");
    }
}
