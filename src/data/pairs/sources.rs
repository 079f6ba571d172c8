//! Sources without answers: lines to be answered, and the turns of a conversation that goes on.

use std::path::Path;

use super::files::{TURN_MARK, without_controls};
use super::lines::fitting;
use super::options::PairLimits;
use super::pairs::Source;
use crate::data::words::{IDS, UNKNOWN, Vocabulary};
use crate::error::{Error, Result};
use crate::files::lines::{for_each_line, utf8};
use crate::files::printable;

/// Source as token ids, with what was done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedSource {
    /// Tokens.
    pub source: Source,
    /// True when old turns or the beginning were cut off, as the source was too long.
    pub cut: bool,
    /// True when not one of its words is known.
    pub unknown: bool,
}

/// Sources of a file, of which every line wants an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLines {
    /// Source of every line; `None` for an empty line.
    pub sources: Vec<Option<EncodedSource>>,
}

impl SourceLines {
    /// Returns what a user should know about the sources, with counts; `None` when they are as a model wants them.
    pub fn remarks(&self, longest: usize) -> Option<String> {
        let sources = || self.sources.iter().flatten();
        let counts = [
            (self.sources.iter().filter(|source| source.is_none()).count(), "empty".to_owned()),
            (sources().filter(|source| source.cut).count(), format!("cut to the last {longest} tokens")),
            (sources().filter(|source| source.unknown).count(), "without a known word".to_owned()),
        ];
        let told: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!told.is_empty()).then(|| format!("of {} lines {}", self.sources.len(), told.join(", ")))
    }
}

/// Reads sources, one a line, their turns parted by `__eou__`, for a model that takes at most `longest` tokens.
///
/// Control characters are read as blanks, and of a longer source the end is kept.
///
/// # Errors
/// When the file cannot be read or is empty, or a line is not UTF-8, holds a tab, or is not of the vocabulary's level.
pub fn read_sources(path: impl AsRef<Path>, vocabulary: &Vocabulary, longest: usize) -> Result<SourceLines> {
    let path = path.as_ref();
    let mut lines = SourceLines::default();
    for_each_line(path, |line, bytes, _| {
        let text = utf8(path, line, bytes)?;
        if text.contains('\t') {
            let expected = format!(
                "a source alone, without a tab (cut -f1 takes it from a pair; turns are parted by {TURN_MARK})"
            );
            return Err(Error::parse(path, line, expected, bytes));
        }
        let turns: Vec<&str> = text.split(TURN_MARK).collect();
        let encoded = encode(&turns, vocabulary, longest);
        lines.sources.push(encoded.map_err(|found| Error::parse(path, line, IDS, found.as_bytes()))?);
        Ok(())
    })?;
    match lines.sources.is_empty() {
        true => Err(Error::data(path, "the file is empty: expected one source a line")),
        false => Ok(lines),
    }
}

/// Returns turns, the oldest first, as a source of at most `longest` tokens; `None` where no turn has a token.
///
/// Old turns that do not fit are dropped; of a last turn that does not fit, the end is kept.
///
/// ```
/// use irgan::data::pairs::encode_turns;
/// use irgan::data::words::{EOU, Tokenizer, Vocabulary};
///
/// let vocabulary = Vocabulary::build(Tokenizer::default(), [["hello", "you"]], 1).with_turns();
/// let found = encode_turns(&["hello", " ", "hello you"], &vocabulary, 4)?.expect("turns with words");
/// assert_eq!(*found.source, [5, EOU, 5, 6]);
/// assert_eq!(*encode_turns(&["hello", "hello you"], &vocabulary, 2)?.expect("words").source, [5, 6]);
/// assert_eq!(encode_turns(&[""], &vocabulary, 4)?, None);
/// # Ok::<(), irgan::Error>(())
/// ```
///
/// # Errors
/// When a turn is not of the vocabulary's level.
///
/// # Panics
/// When `longest` is 0.
pub fn encode_turns<S: AsRef<str>>(
    turns: &[S],
    vocabulary: &Vocabulary,
    longest: usize,
) -> Result<Option<EncodedSource>> {
    assert!(longest > 0, "a source has room for a token");
    let unfit = |found: String| Error::Unfit(format!("expected {IDS}, found `{}`", printable(&found)));
    encode(turns, vocabulary, longest).map_err(unfit)
}

/// Encodes turns; the error is a token that is no id.
fn encode<S: AsRef<str>>(
    turns: &[S],
    vocabulary: &Vocabulary,
    longest: usize,
) -> Result<Option<EncodedSource>, String> {
    let mut encoded = vec![];
    for turn in turns {
        let text = without_controls(turn.as_ref()).0;
        let text = vocabulary.tokenizer().prepare(&text);
        let mut tokens = vec![];
        let found = vocabulary.tokenizer().for_each_token(&text, |token| tokens.push(token));
        found.map_err(|token| token.chars().take(40).collect::<String>())?;
        if !tokens.is_empty() {
            encoded.push(vocabulary.encode(&tokens));
        }
    }
    if encoded.is_empty() {
        return Ok(None);
    }
    let limits = PairLimits { source: longest, answer: 1, cut: true };
    let (turns, cut) = fitting(encoded, limits).expect("what does not fit is cut");
    let unknown = turns.iter().flatten().all(|&token| token == UNKNOWN);
    let parted: Vec<u32> = match vocabulary.turn_end() {
        Some(turn_end) => turns.join(&turn_end),
        None => turns.concat(),
    };
    Ok(Some(EncodedSource { source: parted.into(), cut, unknown }))
}
