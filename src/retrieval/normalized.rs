//! Normalised texts (NFKC) with the way back to the offsets of the original.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};
use unicode_segmentation::UnicodeSegmentation as _;

/// Text in the normal form NFKC: composed letters, and one form for wide, narrow, presented and ligated ones.
pub(super) struct Normalized<'a> {
    text: Cow<'a, str>,
    /// Stretches of the text, ascending; none when the text is the original.
    stretches: Vec<Stretch>,
    original: usize, // length of the original
}

/// Stretch of a normalised text up to the next one.
struct Stretch {
    normalized: u32,
    original: u32,
    changed: bool, // one grapheme that normalisation changed
}

impl<'a> Normalized<'a> {
    /// Normalises a text; one that is normalised is borrowed.
    pub(super) fn new(original: &'a str) -> Self {
        if original.is_ascii() || is_nfkc_quick(original.chars()) == IsNormalized::Yes {
            return Self { text: Cow::Borrowed(original), stretches: vec![], original: original.len() };
        }
        let mut text = String::with_capacity(original.len());
        let mut stretches: Vec<Stretch> = vec![];
        for (offset, grapheme) in original.grapheme_indices(true) {
            let start = text.len();
            text.extend(grapheme.nfkc());
            let changed = text[start..] != *grapheme;
            if changed || stretches.last().is_none_or(|last| last.changed) {
                stretches.push(Stretch { normalized: start as u32, original: offset as u32, changed });
            }
        }
        Self { text: Cow::Owned(text), stretches, original: original.len() }
    }

    /// Returns the normalised text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the range of the original from which a range of the normalised text that is not empty was made, whole
    /// graphemes where normalisation changed them.
    pub(super) fn original(&self, range: &Range<usize>) -> Range<usize> {
        if self.stretches.is_empty() {
            return range.clone();
        }
        let place = |offset: usize| {
            let number = self.stretches.partition_point(|s| s.normalized as usize <= offset) - 1;
            (number, &self.stretches[number])
        };
        let (_, first) = place(range.start);
        let start = first.original as usize;
        let start = if first.changed { start } else { start + range.start - first.normalized as usize };
        let (number, last) = place(range.end - 1);
        let end = match last.changed {
            true => self.stretches.get(number + 1).map_or(self.original, |next| next.original as usize),
            false => last.original as usize + range.end - last.normalized as usize,
        };
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lead_back_to_the_original() {
        let original = "a Zu\u{308}rich, ＵＳＢ ½ x";
        let normalized = Normalized::new(original);
        assert_eq!(normalized.text(), "a Zürich, USB 1⁄2 x");
        for (word, written) in
            [("a", "a"), ("Zürich", "Zu\u{308}rich"), ("USB", "ＵＳＢ"), ("S", "Ｓ"), ("2", "½"), ("x", "x")]
        {
            let start = normalized.text().find(word).expect("a part");
            let range = normalized.original(&(start..start + word.len()));
            assert_eq!(&original[range], written);
        }
        let plain = Normalized::new("Zürich");
        assert!(matches!(plain.text, Cow::Borrowed(_)));
        assert_eq!(plain.original(&(1..3)), 1..3);
    }
}
