//! Counts of what was kept of files of pairs, and what was left out or cut.

use std::fmt;

use crate::data::sentences::{counted, thousands};

/// Counts of lines and turns that make no pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Skipped {
    pub(super) empty: usize,
    pub(super) lone: usize,
    pub(super) empty_turns: usize,
    pub(super) controls: usize,
}

/// Counts of what was kept of files of pairs, and what was left out or cut; [`fmt::Display`] makes one line of them.
///
/// ```
/// use irgan::data::pairs::PairReport;
///
/// let mut report = PairReport::default();
/// (report.pairs, report.source_tokens, report.answer_tokens, report.vocabulary) = (9998, 104_685, 99_000, 6098);
/// assert_eq!(report.to_string(), "9,998 pairs, 104,685 + 99,000 tokens, vocabulary 6,098");
/// (report.empty, report.long_answers, report.answer_limit, report.unknown_tokens) = (1, 2, 32, 7);
/// assert_eq!(
///     report.to_string(),
///     "9,998 pairs, 104,685 + 99,000 tokens (7 unknown), vocabulary 6,098; \
///      left out: 1 with an empty side, 2 answers longer than 32 tokens"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairReport {
    /// Pairs kept.
    pub pairs: usize,
    /// Tokens of the sources kept.
    pub source_tokens: usize,
    /// Tokens of the answers kept, without the ends.
    pub answer_tokens: usize,
    /// Tokens of either side that the vocabulary does not have.
    pub unknown_tokens: usize,
    /// Pairs whose source has unknown words only.
    pub unknown_sources: usize,
    /// Tokens of the vocabulary, V, the special ones included.
    pub vocabulary: usize,
    /// Pairs and lines left out because a side is empty.
    pub empty: usize,
    /// Pairs left out because the source has more than `source_limit` tokens.
    pub long_sources: usize,
    /// Pairs left out because the answer has more than `answer_limit` tokens.
    pub long_answers: usize,
    /// Most tokens of a source.
    pub source_limit: usize,
    /// Most tokens of an answer.
    pub answer_limit: usize,
    /// Conversations left out because they are of one turn.
    pub lone: usize,
    /// Empty turns, at which a conversation was parted in two.
    pub empty_turns: usize,
    /// Sources kept without their beginning, which had more than `source_limit` tokens.
    pub cut_sources: usize,
    /// Texts in which control characters were read as blanks.
    pub controls: usize,
    /// Sources whose turns were joined, as the vocabulary has no token that parts them.
    pub joined: usize,
}

impl PairReport {
    /// Returns the report with the counts of what makes no pair.
    pub(super) fn with(self, skipped: Skipped) -> Self {
        let Skipped { empty, lone, empty_turns, controls } = skipped;
        Self { empty, lone, empty_turns, controls, ..self }
    }

    /// Returns what was left out and changed, with counts; `None` when nothing was.
    pub fn remarks(&self) -> Option<String> {
        let left_out = self.left_out().map(|reasons| format!("left out: {reasons}"));
        let remarks: Vec<String> = left_out.into_iter().chain(self.changed()).collect();
        (!remarks.is_empty()).then(|| remarks.join("; "))
    }

    /// Returns the numbers of pairs left out and why; `None` when all were kept.
    pub(super) fn left_out(&self) -> Option<String> {
        let longer = |count: usize, side: &str, limit: usize| {
            format!("{} longer than {}", counted(count, side), counted(limit, "token"))
        };
        listed([
            (self.empty, format!("{} with an empty side", thousands(self.empty))),
            (self.long_sources, longer(self.long_sources, "source", self.source_limit)),
            (self.long_answers, longer(self.long_answers, "answer", self.answer_limit)),
            (self.lone, format!("{} of one turn", counted(self.lone, "conversation"))),
        ])
    }

    /// Returns what was changed in the pairs kept; `None` when nothing was.
    fn changed(&self) -> Option<String> {
        let of = |count: usize, noun: &str, rest: &str| (count, format!("{} {rest}", counted(count, noun)));
        let limit = counted(self.source_limit, "token");
        listed([
            of(self.cut_sources, "source", &format!("cut at the beginning to {limit}")),
            of(self.empty_turns, "empty turn", "where a conversation was parted"),
            of(self.controls, "text", "with control characters, read as blanks"),
            of(self.joined, "source", "whose turns were joined, as this vocabulary has none"),
            of(self.unknown_sources, "source", "without a known word"),
        ])
    }
}

/// Lists the texts of counts that are not 0.
fn listed<const N: usize>(reasons: [(usize, String); N]) -> Option<String> {
    let reasons: Vec<String> =
        reasons.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
    (!reasons.is_empty()).then(|| reasons.join(", "))
}

impl fmt::Display for PairReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sources, answers) = (thousands(self.source_tokens), thousands(self.answer_tokens));
        write!(f, "{}, {sources} + {answers} tokens", counted(self.pairs, "pair"))?;
        if self.unknown_tokens > 0 {
            write!(f, " ({} unknown)", thousands(self.unknown_tokens))?;
        }
        write!(f, ", vocabulary {}", thousands(self.vocabulary))?;
        self.remarks().map_or(Ok(()), |remarks| write!(f, "; {remarks}"))
    }
}
