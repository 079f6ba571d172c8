//! Files of pairs, as their lines: two columns, two files side by side, or conversations.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::report::Skipped;
use crate::data::sentences::counted;
use crate::error::{Error, Result};
use crate::files::lines::{LineReader, for_each_line, utf8};

/// Mark between the turns of a conversation.
pub const TURN_MARK: &str = "__eou__";

/// Most turns of a source.
pub const MOST_TURNS: usize = 1000;

/// Longest line in bytes.
const LONGEST_LINE: usize = 1 << 28;

/// Files that pairs are read from, plain, gzip or zstandard.
///
/// The turns of a source are parted by `__eou__`. Control characters are read as blanks. A pair of which one side is empty
/// is left out and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairFiles {
    /// Lines of `source<TAB>answer`.
    Columns(PathBuf),
    /// Two files with as many lines: each line of `answers` answers that line of `sources`.
    Parallel {
        /// File of sources.
        sources: PathBuf,
        /// File of answers.
        answers: PathBuf,
    },
    /// Conversations, one a line, their turns parted by `__eou__` or, in a line without one, by tabs. Every turn but the
    /// first answers the turns before it, of which the last `turns` are its source. An empty turn parts a conversation in
    /// two.
    Dialogues {
        /// File of conversations.
        path: PathBuf,
        /// Most turns of a source.
        turns: usize,
    },
}

/// Place of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) path: &'a Path,
    pub(super) line: usize,
}

/// A source and its answer as they are written, both with something in them.
#[derive(Clone, Debug)]
pub(super) struct RawPair<'a> {
    /// Place of the source.
    pub(super) source: Place<'a>,
    /// Turns of the source, one or more, the oldest first.
    pub(super) turns: &'a [String],
    /// Place of the answer.
    pub(super) place: Place<'a>,
    pub(super) answer: &'a str,
    /// Line of the first file: pairs of one conversation share it.
    pub(super) conversation: usize,
    /// Uninterrupted part of a conversation, counted from 0 over the file.
    pub(super) stretch: usize,
    /// Number of turns of the stretch before the answer.
    pub(super) before: usize,
}

impl PairFiles {
    /// Returns the file that errors about the pairs as a whole name.
    pub fn path(&self) -> &Path {
        match self {
            Self::Columns(path) | Self::Parallel { sources: path, .. } | Self::Dialogues { path, .. } => path,
        }
    }

    /// Calls `each` with every pair in order, and returns the counts of what is none.
    ///
    /// # Errors
    /// When a file cannot be read, a line is not UTF-8 or has another number of columns, an answer has several turns, two
    /// files have different numbers of lines, the number of turns is out of range, or `each` fails.
    pub(super) fn for_each(&self, each: Sink<'_>) -> Result<Skipped> {
        let mut reader = Reader::default();
        match self {
            Self::Columns(path) => reader.columns(path, each)?,
            Self::Parallel { sources, answers } => reader.parallel(sources, answers, each)?,
            Self::Dialogues { path, turns } => {
                if !(1..=MOST_TURNS).contains(turns) {
                    let message =
                        format!("`pairs.turns` = {turns}: expected 1 to {MOST_TURNS} turns of history");
                    return Err(Error::Config(message));
                }
                for_each_line(path, |line, bytes, _| {
                    let place = Place { path, line };
                    reader.conversation(place, utf8(path, line, bytes)?, *turns, each)
                })?;
            }
        }
        Ok(reader.skipped)
    }
}

impl std::fmt::Display for PairFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Columns(path) => write!(f, "{}", path.display()),
            Self::Parallel { sources, answers } => {
                write!(f, "{} and {}", sources.display(), answers.display())
            }
            Self::Dialogues { path, turns } => {
                write!(f, "{}, answers to {}", path.display(), counted(*turns, "turn"))
            }
        }
    }
}

/// Receiver of pairs.
pub(super) type Sink<'s> = &'s mut dyn FnMut(&RawPair<'_>) -> Result<()>;

/// Reader of lines, with counts of what makes no pair.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) skipped: Skipped,
    stretches: usize,
}

impl Reader {
    fn columns(&mut self, path: &Path, each: Sink<'_>) -> Result<()> {
        for_each_line(path, |line, bytes, _| {
            let place = Place { path, line };
            let text = utf8(path, line, bytes)?;
            let columns: Vec<&str> = text.split('\t').collect();
            match columns[..] {
                [source, answer] => self.pair(place, source, place, answer, each),
                [blank] if blank.trim().is_empty() => {
                    self.skipped.empty += 1;
                    Ok(())
                }
                [_] => Err(Error::parse(path, line, "source<TAB>answer: a line has one tab", bytes)),
                _ => Err(Error::Parse {
                    path: path.to_owned(),
                    line,
                    expected: "2 columns (source<TAB>answer); conversations of more turns are read as \
                               `pairs.dialogues`"
                        .into(),
                    found: columns.len().to_string(),
                }),
            }
        })
    }

    fn parallel(&mut self, sources: &Path, answers: &Path, each: Sink<'_>) -> Result<()> {
        let open = |path| LineReader::open(path, LONGEST_LINE, "lines of text");
        let (mut left, mut right) = (open(sources)?, open(answers)?);
        let mut read = 0;
        loop {
            match (left.next()?, right.next()?) {
                (Some(source), Some(answer)) => {
                    let line = source.number;
                    read = line;
                    let (from, to) = (utf8(sources, line, source.bytes)?, utf8(answers, line, answer.bytes)?);
                    self.pair(Place { path: sources, line }, from, Place { path: answers, line }, to, each)?;
                }
                (None, None) => return Ok(()),
                (source, answer) => {
                    let numbers = (source.map(|line| line.number), answer.map(|line| line.number));
                    let of_sources = last(&mut left, numbers.0, read)?;
                    let of_answers = last(&mut right, numbers.1, read)?;
                    return Err(uneven(answers, sources, of_answers, of_sources));
                }
            }
        }
    }

    /// Reads a source, which may have turns, and an answer, which is one.
    pub(super) fn pair(
        &mut self,
        source: Place<'_>,
        from: &str,
        place: Place<'_>,
        to: &str,
        each: Sink<'_>,
    ) -> Result<()> {
        let (turns, mut answer) = (self.turns(from), self.turns(to));
        if answer.len() > 1 {
            let expected = format!("an answer of one turn, not several parted by {TURN_MARK}");
            return Err(Error::parse(place.path, place.line, expected, to.as_bytes()));
        }
        let Some(answer) = answer.pop().filter(|_| !turns.is_empty()) else {
            self.skipped.empty += 1;
            return Ok(());
        };
        self.stretches += 1;
        each(&RawPair {
            source,
            turns: &turns,
            place,
            answer: &answer,
            conversation: source.line,
            stretch: self.stretches,
            before: turns.len(),
        })
    }

    /// Returns the turns of one side, without empty ones.
    fn turns(&mut self, text: &str) -> Vec<String> {
        let turns = text.split(TURN_MARK).map(|turn| self.cleaned(turn));
        turns.filter(|turn| !turn.trim().is_empty()).collect()
    }

    /// Returns a text without control characters, and counts it where it had some.
    fn cleaned(&mut self, text: &str) -> String {
        let (text, controls) = without_controls(text);
        self.skipped.controls += usize::from(controls);
        text.into_owned()
    }

    /// Reads a conversation.
    fn conversation(&mut self, place: Place<'_>, text: &str, most: usize, each: Sink<'_>) -> Result<()> {
        if text.trim().is_empty() {
            self.skipped.empty += 1;
            return Ok(());
        }
        let mark = if text.contains(TURN_MARK) { TURN_MARK } else { "\t" };
        let mut turns: Vec<String> = text.split(mark).map(|turn| self.cleaned(turn)).collect();
        let is_empty = |turn: &String| turn.trim().is_empty();
        // The mark may also end the last turn.
        while turns.last().is_some_and(is_empty) {
            turns.pop();
        }
        self.skipped.empty_turns += turns.iter().filter(|turn| is_empty(turn)).count();
        let mut pairs = 0;
        for stretch in turns.split(is_empty) {
            self.stretches += 1;
            for before in 1..stretch.len() {
                pairs += 1;
                each(&RawPair {
                    source: place,
                    turns: &stretch[before.saturating_sub(most)..before],
                    place,
                    answer: &stretch[before],
                    conversation: place.line,
                    stretch: self.stretches,
                    before,
                })?;
            }
        }
        self.skipped.lone += usize::from(pairs == 0);
        Ok(())
    }
}

/// Reads to the end of a file and returns its number of lines, given that of the line just read, or of those `before` it.
fn last(lines: &mut LineReader, line: Option<usize>, before: usize) -> Result<usize> {
    let mut count = line.unwrap_or(before);
    while let Some(line) = lines.next()? {
        count = line.number;
    }
    Ok(count)
}

fn uneven(answers: &Path, sources: &Path, of_answers: usize, of_sources: usize) -> Error {
    let message = format!(
        "{of_answers} lines, but {} has {of_sources}: line n answers line n, so both need as many; the last lines of the \
         longer file have no counterpart",
        sources.display()
    );
    Error::data(answers, message)
}

/// Returns a text with blanks in the place of control characters, and true when there were any.
pub(super) fn without_controls(text: &str) -> (Cow<'_, str>, bool) {
    // Tabs part columns and turns before; those that are left are white space.
    let is_strange = |character: char| character.is_control() && character != '\t';
    match text.contains(is_strange) {
        true => (text.replace(is_strange, " ").into(), true),
        false => (text.into(), false),
    }
}
