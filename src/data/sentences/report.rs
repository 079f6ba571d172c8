//! Counts of what was kept of a text file and what was left out.

use std::fmt;

/// Counts of what was kept of a text file and what was left out; [`fmt::Display`] makes one line of them.
///
/// ```
/// use irgan::data::sentences::CorpusReport;
///
/// let mut report = CorpusReport::default();
/// (report.sentences, report.tokens, report.vocabulary) = (9998, 104_685, 6098);
/// assert_eq!(report.to_string(), "9,998 sentences, 104,685 tokens, vocabulary 6,098");
/// (report.empty, report.too_long, report.max_len, report.unknown_tokens) = (1, 2, 32, 7);
/// assert_eq!(
///     report.to_string(),
///     "9,998 sentences, 104,685 tokens (7 unknown), vocabulary 6,098; \
///      left out: 1 empty, 2 longer than 32 tokens"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CorpusReport {
    /// Sentences kept.
    pub sentences: usize,
    /// Tokens of the sentences kept, without the ends.
    pub tokens: usize,
    /// Tokens of the sentences kept that the vocabulary does not have.
    pub unknown_tokens: usize,
    /// Tokens of the vocabulary, V, the special ones included.
    pub vocabulary: usize,
    /// Lines left out for having no token.
    pub empty: usize,
    /// Lines left out for having more than `max_len` tokens.
    pub too_long: usize,
    /// Lines cut to `max_len` tokens.
    pub cut: usize,
    /// Tokens of the longest sentence that may be kept.
    pub max_len: usize,
}

impl CorpusReport {
    /// Returns the numbers of lines left out and why; `None` when all were kept.
    pub(super) fn left_out(&self) -> Option<String> {
        let empty = (self.empty > 0).then(|| format!("{} empty", thousands(self.empty)));
        let long = || format!("{} longer than {}", thousands(self.too_long), counted(self.max_len, "token"));
        let reasons: Vec<String> = empty.into_iter().chain((self.too_long > 0).then(long)).collect();
        (!reasons.is_empty()).then(|| reasons.join(", "))
    }
}

impl fmt::Display for CorpusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", counted(self.sentences, "sentence"), counted(self.tokens, "token"))?;
        if self.unknown_tokens > 0 {
            write!(f, " ({} unknown)", thousands(self.unknown_tokens))?;
        }
        write!(f, ", vocabulary {}", thousands(self.vocabulary))?;
        if self.cut > 0 {
            write!(f, "; cut to {}: {}", counted(self.max_len, "token"), thousands(self.cut))?;
        }
        self.left_out().map_or(Ok(()), |reasons| write!(f, "; left out: {reasons}"))
    }
}

/// Returns a count and its noun, in the plural but for 1.
pub(in crate::data) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// Writes `1234567` as `1,234,567`.
pub(in crate::data) fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        let spelt = [0, 7, 999, 1000, 12_345, 1_000_000].map(thousands);
        assert_eq!(spelt, ["0", "7", "999", "1,000", "12,345", "1,000,000"]);
        assert_eq!((counted(1, "token"), counted(0, "token")), ("1 token".into(), "0 tokens".into()));
    }
}
