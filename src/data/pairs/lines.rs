//! Pairs of a file as tokens, each different token stored once.

use std::path::Path;

use super::files::{PairFiles, Place, RawPair, Reader};
use super::options::PairLimits;
use super::report::PairReport;
use super::split::grouped;
use crate::data::words::{IDS, Interner, Tokenizer, UNKNOWN, Vocabulary};
use crate::error::{Error, Result};

/// Number that stands between turns.
const TURN: u32 = u32::MAX;

/// Pairs as numbers of `types`.
#[derive(Clone, Debug)]
pub(super) struct PairLines {
    pub(super) types: Interner, // the different tokens
    tokens: Vec<u32>,           // numbers of `types` and TURN: source and answer, pair after pair
    pub(super) rows: Vec<Row>,
    pub(super) report: PairReport, // counts that need no vocabulary
    dialogues: bool,               // true where several pairs are of one conversation
    tokenizer: Tokenizer,
    limits: PairLimits,
    counted: (usize, usize), // stretch of a conversation, and number of its turns that stand in a pair
}

/// Places of one pair in the tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    start: usize,
    /// Start of the part of the source that no pair before has.
    fresh: usize,
    answer: usize,
    end: usize,
    conversation: usize,
}

impl PairLines {
    /// Reads the pairs of files.
    ///
    /// # Errors
    /// When a file cannot be read, or a line is not of the format or the tokenizer's level.
    pub(super) fn read(files: &PairFiles, tokenizer: Tokenizer, limits: PairLimits) -> Result<Self> {
        let mut lines = Self::new(tokenizer, limits);
        lines.dialogues = matches!(files, PairFiles::Dialogues { .. });
        let skipped = files.for_each(&mut |pair| lines.push(pair))?;
        lines.report = lines.report.with(skipped);
        Ok(lines)
    }

    /// Takes pairs of texts in memory, which errors place on the lines of `path`.
    pub(super) fn of_texts<S: AsRef<str>, A: AsRef<str>>(
        path: &Path,
        pairs: impl IntoIterator<Item = (S, A)>,
        tokenizer: Tokenizer,
        limits: PairLimits,
    ) -> Result<Self> {
        let (mut lines, mut reader) = (Self::new(tokenizer, limits), Reader::default());
        for (line, (source, answer)) in (1..).zip(pairs) {
            let place = Place { path, line };
            reader.pair(place, source.as_ref(), place, answer.as_ref(), &mut |pair| lines.push(pair))?;
        }
        lines.report = lines.report.with(reader.skipped);
        Ok(lines)
    }

    /// Returns the rows that stay together: those of a conversation, and the copies of a pair.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        match self.dialogues {
            true => grouped(self.rows.iter().map(|row| row.conversation)),
            false => grouped(self.rows.iter().map(|&row| self.pair(row))),
        }
    }

    fn new(tokenizer: Tokenizer, limits: PairLimits) -> Self {
        let report =
            PairReport { source_limit: limits.source, answer_limit: limits.answer, ..PairReport::default() };
        Self {
            types: Interner::default(),
            tokens: vec![],
            rows: vec![],
            report,
            dialogues: false,
            tokenizer,
            limits,
            counted: (0, 0),
        }
    }

    /// Adds a pair, unless it is too long.
    fn push(&mut self, pair: &RawPair<'_>) -> Result<()> {
        let answer = self.numbers(pair.place, pair.answer)?;
        let turns: Result<Vec<_>> = pair.turns.iter().map(|turn| self.numbers(pair.source, turn)).collect();
        if answer.len() > self.limits.answer {
            self.report.long_answers += 1;
            return Ok(());
        }
        let Some((turns, cut)) = fitting(turns?, self.limits) else {
            self.report.long_sources += 1;
            return Ok(());
        };
        self.report.cut_sources += usize::from(cut);
        let known = if self.counted.0 == pair.stretch { self.counted.1 } else { 0 };
        self.counted = (pair.stretch, pair.before + 1);
        let start = self.tokens.len();
        let mut fresh = None;
        for (place, turn) in turns.iter().enumerate() {
            if place > 0 {
                self.tokens.push(TURN);
            }
            if pair.before - turns.len() + place >= known {
                fresh.get_or_insert(self.tokens.len());
            }
            self.tokens.extend(turn);
        }
        let middle = self.tokens.len();
        self.tokens.extend(answer);
        self.rows.push(Row {
            start,
            fresh: fresh.unwrap_or(middle),
            answer: middle,
            end: self.tokens.len(),
            conversation: pair.conversation,
        });
        Ok(())
    }

    fn numbers(&mut self, place: Place<'_>, text: &str) -> Result<Vec<u32>> {
        let text = self.tokenizer.prepare(text);
        let (types, mut numbers) = (&mut self.types, vec![]);
        // Ids are u32, and a vocabulary puts special tokens before these.
        if types.len() + text.len() > (u32::MAX - 8) as usize {
            return Err(Error::data(place.path, "has 2^32 different tokens or more; split it"));
        }
        self.tokenizer
            .for_each_token(&text, |token| numbers.push(types.insert(token).0))
            .map_err(|found| Error::parse(place.path, place.line, IDS, found.as_bytes()))?;
        Ok(numbers)
    }

    /// Returns the source and the answer of a pair.
    pub(super) fn pair(&self, row: Row) -> (&[u32], &[u32]) {
        (&self.tokens[row.start..row.answer], &self.tokens[row.answer..row.end])
    }

    /// Makes the vocabulary of some of the pairs. Every turn of a conversation counts once.
    pub(super) fn vocabulary(&self, rows: &[usize], min_count: usize, most: usize) -> Vocabulary {
        let mut counts = vec![0; self.types.len()];
        let mut has_turns = false;
        for &row in rows {
            let row = self.rows[row];
            has_turns |= self.pair(row).0.contains(&TURN);
            let fresh = self.tokens[row.fresh..row.end].iter();
            fresh.filter(|&&number| number != TURN).for_each(|&number| counts[number as usize] += 1);
        }
        let vocabulary = Vocabulary::from_counts(self.tokenizer, &self.types, &counts, min_count);
        let vocabulary = if has_turns { vocabulary.with_turns() } else { vocabulary };
        if most > 0 { vocabulary.truncated(most) } else { vocabulary }
    }
}

/// Encoder of numbers of [`PairLines`] by a vocabulary, with counts of what it met.
pub(super) struct Encoder<'v> {
    ids: Vec<u32>,
    vocabulary: &'v Vocabulary,
    pub(super) unknown: usize,
    pub(super) joined: usize,
}

impl<'v> Encoder<'v> {
    pub(super) fn new(vocabulary: &'v Vocabulary, lines: &PairLines) -> Self {
        Self { ids: vocabulary.encode(lines.types.names()), vocabulary, unknown: 0, joined: 0 }
    }

    /// Returns the ids of one side.
    pub(super) fn encode(&mut self, numbers: &[u32]) -> Vec<u32> {
        let turn_end = self.vocabulary.turn_end();
        self.joined += usize::from(turn_end.is_none() && numbers.contains(&TURN));
        let id = |&number: &u32| if number == TURN { turn_end } else { Some(self.ids[number as usize]) };
        let ids: Vec<u32> = numbers.iter().filter_map(id).collect();
        self.unknown += ids.iter().filter(|&&id| id == UNKNOWN).count();
        ids
    }
}

/// Returns the last turns that fit into a source, with the marks between them, and true when something before was cut;
/// `None` when the last turn alone is too long and may not be cut.
pub(super) fn fitting(mut turns: Vec<Vec<u32>>, limits: PairLimits) -> Option<(Vec<Vec<u32>>, bool)> {
    let mut length: usize = turns.iter().map(Vec::len).sum::<usize>() + turns.len() - 1;
    let mut first = 0;
    while length > limits.source && first + 1 < turns.len() {
        length -= turns[first].len() + 1;
        first += 1;
    }
    turns.drain(..first);
    if length <= limits.source {
        return Some((turns, first > 0));
    }
    let last = turns.pop().expect("one turn is left");
    limits.cut.then(|| (vec![last[last.len() - limits.source..].to_vec()], true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_turns_go_before_the_last_one_is_cut() {
        let turns = || vec![vec![1, 2], vec![3], vec![4, 5, 6]];
        let limits = |source, cut| PairLimits { source, answer: 9, cut };
        assert_eq!(fitting(turns(), limits(8, false)), Some((turns(), false)));
        assert_eq!(fitting(turns(), limits(7, false)), Some((vec![vec![3], vec![4, 5, 6]], true)));
        assert_eq!(fitting(turns(), limits(3, false)), Some((vec![vec![4, 5, 6]], true)));
        assert_eq!(fitting(turns(), limits(2, false)), None);
        assert_eq!(fitting(turns(), limits(2, true)), Some((vec![vec![5, 6]], true)));
    }
}
