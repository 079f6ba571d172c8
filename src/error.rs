//! Error type of the crate. Every message names the place of the error, its cause and its remedy.

use std::io;
use std::path::{Path, PathBuf};

/// Error in a user's files, data or settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused a file operation.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// File or folder of the operation.
        path: PathBuf,
        /// Operation that failed, as a verb: `read`, `write`, `create the folder`.
        action: &'static str,
        /// Reason given by the system.
        source: io::Error,
    },
    /// A line of a file does not have the expected format.
    #[error("{}:{line}: expected {expected}, found {found}", path.display())]
    Parse {
        /// File of the line.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Description of the expected text.
        expected: String,
        /// Text that was found, shortened.
        found: String,
    },
    /// A file can be read but not used as a whole: it is empty, has no positive document, …
    #[error("{}: {message}", path.display())]
    Data {
        /// File or folder that cannot be used.
        path: PathBuf,
        /// Cause and remedy.
        message: String,
    },
    /// Data do not fit the task. The function that finds this does not know their file; [`Error::in_file`] adds it.
    #[error("{0}")]
    Unfit(String),
    /// A setting is out of range or settings contradict each other.
    #[error("{0}")]
    Config(String),
    /// Processes that work together differ in what they began with or have come to.
    #[error("{0}")]
    Team(String),
    /// A loss, reward or parameter stopped being finite.
    #[error("{0}")]
    NonFinite(String),
    /// A training was interrupted by a signal and stopped at its next step.
    #[error("stopped by {}", signal_name(*.signal))]
    Interrupted {
        /// Number of the signal.
        signal: i32,
    },
}

/// Result with this crate's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Returns an error in the settings with the message of `otherwise` unless the `condition` holds.
pub(crate) fn require(condition: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if condition { Ok(()) } else { Err(Error::Config(otherwise())) }
}

impl Error {
    /// Makes the error of an operation of the system on a file.
    pub fn io(path: impl AsRef<Path>, action: &'static str, source: io::Error) -> Self {
        Self::Io { path: path.as_ref().to_owned(), action, source }
    }

    /// Makes the error of a malformed line; `found` is shortened to 40 characters.
    pub fn parse(path: impl AsRef<Path>, line: usize, expected: impl Into<String>, found: &[u8]) -> Self {
        Self::Parse { path: path.as_ref().to_owned(), line, expected: expected.into(), found: excerpt(found) }
    }

    /// Makes the error of a file that cannot be used as a whole.
    pub fn data(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Data { path: path.as_ref().to_owned(), message: message.into() }
    }

    /// Turns [`Error::Unfit`] into [`Error::Data`] of a file; returns other errors as they are.
    pub fn in_file(self, path: impl AsRef<Path>) -> Self {
        match self {
            Self::Unfit(message) => Self::data(path, message),
            other => other,
        }
    }

    /// Returns the exit status of a program that ends with this error: 2 for settings, 128 plus the number of the signal
    /// for an interrupted training, 1 for all else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Interrupted { signal } => 128 + *signal as u8,
            _ => 1,
        }
    }
}

/// Returns `message` with a name behind every setting in backquotes for which `name_of` has one: what the reader calls it.
///
/// ```
/// use irgan::error::with_names;
///
/// let keyword = |setting: &str| (setting == "split.share").then(|| "valid_share".to_owned());
/// assert_eq!(with_names("raise `split.share`", keyword), "raise `split.share` (valid_share)");
/// ```
pub fn with_names(message: &str, name_of: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(message.len());
    let mut last = "";
    for (number, part) in message.split('`').enumerate() {
        if number > 0 {
            text.push('`');
        }
        // `last` stands between two backquotes.
        if number > 1
            && let Some(name) = name_of(last)
        {
            text += &format!(" ({name})");
        }
        text += part;
        last = part;
    }
    text
}

fn signal_name(signal: i32) -> String {
    match signal {
        2 => "SIGINT".into(),
        15 => "SIGTERM".into(),
        other => format!("signal {other}"),
    }
}

/// Quotes at most 40 characters of `bytes`, with control characters escaped.
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
    fn a_parse_error_names_file_line_expected_and_found_text() {
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
