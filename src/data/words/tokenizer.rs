//! Tokenizer: from lines to tokens and back.
//!
//! Words are those of Unicode's standard annex 29, as are the characters (extended grapheme
//! clusters): `don't` is one word, a family emoji is one character.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

use crate::error::{Error, Result};

/// Kind of token that a line is divided into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Word; punctuation marks are tokens of their own, white space is none.
    #[default]
    Word,
    /// Character as a reader sees it; a run of white space between others is one space.
    Char,
    /// Whole number below 2^32, as it is written; white space separates them.
    Id,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Word => "word",
            Self::Char => "char",
            Self::Id => "id",
        })
    }
}

/// Rule by which lines become tokens, and tokens lines.
///
/// ```
/// use irgan::data::words::{Level, Tokenizer};
///
/// let tokenizer = Tokenizer { level: Level::Word, lowercase: true };
/// let tokens = tokenizer.split("Don't (really) panic!")?;
/// assert_eq!(tokens, ["don't", "(", "really", ")", "panic", "!"]);
/// assert_eq!(tokenizer.join(&tokens), "don't (really) panic!");
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tokenizer {
    /// Kind of token.
    pub level: Level,
    /// True when letters lose their case first.
    pub lowercase: bool,
}

/// Content of a line at [`Level::Id`].
pub(crate) const IDS: &str = "token ids (whole numbers)";

impl Tokenizer {
    /// Divides a line, in the normal form NFC, into tokens. Nothing in a line is special: `<s>` is three tokens.
    ///
    /// # Errors
    /// At [`Level::Id`], for anything but whole numbers below 2^32.
    pub fn split(self, line: &str) -> Result<Vec<String>> {
        let (line, mut tokens) = (self.prepare(line), Vec::new());
        match self.for_each_token(&line, |token| tokens.push(token.to_owned())) {
            Ok(()) => Ok(tokens),
            Err(found) => {
                let found: String = found.escape_debug().take(40).collect();
                Err(Error::Unfit(format!("expected {IDS}, found `{found}`")))
            }
        }
    }

    /// Returns the line in the normal form (NFC) and the case in which it is divided.
    pub(crate) fn prepare(self, line: &str) -> Cow<'_, str> {
        let line = normalized(line);
        if self.lowercase { line.to_lowercase().into() } else { line }
    }

    /// Calls `each` with every token of a prepared line. The error is a token that is no id.
    pub(crate) fn for_each_token<'a>(
        self,
        line: &'a str,
        mut each: impl FnMut(&'a str),
    ) -> Result<(), &'a str> {
        match self.level {
            // A space may carry a combining mark, hence the trimming.
            Level::Word => {
                line.split_word_bounds().map(str::trim).filter(|word| !word.is_empty()).for_each(each);
            }
            Level::Char => {
                let mut gap = false;
                for character in line.trim().graphemes(true) {
                    let space = character.trim().is_empty();
                    match (space, gap) {
                        (false, _) => each(character),
                        (true, false) => each(" "),
                        (true, true) => {}
                    }
                    gap = space;
                }
            }
            Level::Id => {
                for word in line.split_whitespace() {
                    if !word.bytes().all(|byte| byte.is_ascii_digit()) || word.parse::<u32>().is_err() {
                        return Err(word);
                    }
                    each(word);
                }
            }
        }
        Ok(())
    }

    /// Joins tokens to a line to read.
    ///
    /// Characters follow each other; between words and ids stands one space. Words have no space before a token that starts with one of `. , ! ? ; : … ' ’ ) ] }`,
    /// after an opening bracket, and between an apostrophe and what it contracts (`s t re ve ll d
    /// m`). An opening quotation mark therefore sticks to the word before it.
    pub fn join<S: AsRef<str>>(self, tokens: impl IntoIterator<Item = S>) -> String {
        let mut line = String::new();
        let mut last: Option<S> = None;
        for token in tokens {
            let apart = match (&last, self.level) {
                (None, _) | (_, Level::Char) => false,
                (Some(_), Level::Id) => true,
                (Some(last), Level::Word) => words_stand_apart(last.as_ref(), token.as_ref()),
            };
            if apart {
                line.push(' ');
            }
            line.push_str(token.as_ref());
            last = Some(token);
        }
        line
    }
}

/// Returns a line in the normal form NFC: a letter and its mark are one character where Unicode has one.
fn normalized(line: &str) -> Cow<'_, str> {
    match line.is_ascii() || is_nfc_quick(line.chars()) == IsNormalized::Yes {
        true => line.into(),
        false => line.nfc().collect(),
    }
}

fn words_stand_apart(last: &str, next: &str) -> bool {
    let contracted = ["s", "t", "re", "ve", "ll", "d", "m"];
    let closes = next.starts_with(['.', ',', '!', '?', ';', ':', '…', '\'', '’', ')', ']', '}']);
    let opened = matches!(last, "(" | "[" | "{");
    let contracts =
        matches!(last, "'" | "’") && contracted.iter().any(|short| short.eq_ignore_ascii_case(next));
    !(closes || opened || contracts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(level: Level, line: &str) -> Vec<String> {
        Tokenizer { level, lowercase: false }.split(line).expect(line)
    }

    #[test]
    fn words_and_punctuation() {
        assert_eq!(split(Level::Word, " Pi is 3.14,\tnot  3! "), ["Pi", "is", "3.14", ",", "not", "3", "!"]);
        assert_eq!(split(Level::Word, "<s> naïve"), ["<", "s", ">", "naïve"]);
        assert_eq!(split(Level::Word, "a\u{a0}\u{2028}b \u{301}"), ["a", "b", "\u{301}"]);
    }

    #[test]
    fn characters_are_what_a_reader_sees() {
        assert_eq!(split(Level::Char, " e\u{301} \t 👩‍👩‍👧x "), ["é", " ", "👩‍👩‍👧", "x"]);
        assert_eq!(split(Level::Char, "ab"), ["a", "b"]);
        assert_eq!(split(Level::Char, " \u{3000} "), [""; 0]);
    }

    #[test]
    fn ids_are_whole_numbers() {
        assert_eq!(split(Level::Id, "0 007\t4294967295"), ["0", "007", "4294967295"]);
        for bad in ["4294967296", "-1", "+1", "1.0", "x", "٣"] {
            let error = Tokenizer { level: Level::Id, lowercase: false }.split(bad).expect_err(bad);
            assert_eq!(error.to_string(), format!("expected token ids (whole numbers), found `{bad}`"));
        }
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_tokens() {
        for level in [Level::Word, Level::Char] {
            let tokenizer = Tokenizer { level, lowercase: false };
            let split = |line| tokenizer.split(line).expect("no ids");
            assert_eq!(split("Zu\u{308}rich"), split("Zürich"));
            assert_eq!(split("दिल्ली"), split("दिल\u{94d}ली"));
        }
    }

    #[test]
    fn lowercase_comes_first() {
        let tokenizer = Tokenizer { level: Level::Char, lowercase: true };
        assert_eq!(tokenizer.split("ÄS").expect("letters"), ["ä", "s"]);
    }

    #[test]
    fn joined_words_read_well() {
        let words = Tokenizer::default();
        assert_eq!(
            words.join(["it", "'s", "(", "so", ")", "…", "Hi", ",", "[", "x", "]", "."]),
            "it's (so)… Hi, [x]."
        );
        assert_eq!(words.join(["dog", "'", "s", "we", "’", "LL", "'", "so"]), "dog's we’LL' so");
        assert_eq!(Tokenizer { level: Level::Id, lowercase: false }.join(["1", "2"]), "1 2");
        assert_eq!(Tokenizer { level: Level::Char, lowercase: false }.join(["a", " ", "b", "."]), "a b.");
        assert_eq!(words.join([""; 0]), "");
    }
}
