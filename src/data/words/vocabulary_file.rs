//! A vocabulary on disk: UTF-8 text that can be read and compared.
//!
//! ```text
//! vocabulary 1 level=word lowercase=true tokens=2
//! man
//! dog
//! ```
//! The tokens of the corpus follow in the order of their ids, the first of which is 4; the special
//! tokens are not listed. A vocabulary with turns says `turns=true` before `tokens`, and its first id is 5. `\n`, `\r` and `\\` stand for a line's end, a carriage return and a
//! backslash inside a token.

use std::path::Path;

use super::interner::Interner;
use super::tokenizer::{Level, Tokenizer};
use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};
use crate::files::lines::for_each_line;
use crate::files::no_follow::replace_atomically;

/// Form of the first line.
const HEADER: &str = "`vocabulary 1 level=(word, char or id) lowercase=(true or false) tokens=(how many)`";

impl Vocabulary {
    /// Writes the vocabulary; a crash leaves the old file or the new one, whole.
    ///
    /// ```
    /// use irgan::data::words::{Tokenizer, Vocabulary};
    ///
    /// # let folder = tempfile::tempdir().expect("a temporary folder");
    /// # let path = folder.path().join("vocabulary.txt");
    /// let vocabulary = Vocabulary::build(Tokenizer::default(), [["a", "man"]], 1);
    /// vocabulary.save(&path)?;
    /// assert_eq!(Vocabulary::load(&path)?, vocabulary);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let Tokenizer { level, lowercase } = self.tokenizer();
        let tokens = self.corpus_tokens();
        replace_atomically(path.as_ref(), |writer| {
            let turns = if self.turn_end().is_some() { " turns=true" } else { "" };
            writeln!(
                writer,
                "vocabulary 1 level={level} lowercase={lowercase}{turns} tokens={}",
                tokens.len()
            )?;
            tokens.into_iter().try_for_each(|token| writeln!(writer, "{}", escape(token)))
        })
    }

    /// Reads a vocabulary that [`Vocabulary::save`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read, is no vocabulary, was cut off, or names a token twice.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (mut header, mut tokens) = (None, Interner::default());
        for_each_line(path, |line, bytes, complete| {
            let wrong = |expected: &str| Error::parse(path, line, expected, bytes);
            let text = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 text"))?;
            if !complete {
                return Err(wrong(if line == 1 { HEADER } else { "a line's end (the file is cut off)" }));
            }
            let Some((_, _, announced)) = header else {
                header = Some(parse_header(text).ok_or_else(|| wrong(HEADER))?);
                return Ok(());
            };
            if tokens.len() as u32 == announced {
                return Err(wrong(&format!("the end of the file after {announced} tokens")));
            }
            let token = unescape(text).ok_or_else(|| wrong("`\\n`, `\\r` or `\\\\` at a backslash"))?;
            if !tokens.insert(&token).1 {
                return Err(wrong("a token that is not listed above"));
            }
            Ok(())
        })?;
        let (tokenizer, turns, announced) = header.ok_or_else(|| Error::parse(path, 1, HEADER, b""))?;
        if tokens.len() < announced as usize {
            let expected = format!("{announced} tokens after the first line (the file is cut off)");
            let found = tokens.len().to_string();
            return Err(Error::Parse { path: path.to_owned(), line: 1 + tokens.len(), expected, found });
        }
        let vocabulary = Self::new(tokenizer, tokens);
        Ok(if turns { vocabulary.with_turns() } else { vocabulary })
    }
}

/// Parses the tokenizer, the presence of turns, and the number of tokens; ids are u32, so there are fewer than 2^32 - 5.
fn parse_header(line: &str) -> Option<(Tokenizer, bool, u32)> {
    let mut words = line.split(' ').peekable();
    if words.next()? != "vocabulary" || words.next()? != "1" {
        return None;
    }
    let level = words.next()?.strip_prefix("level=")?;
    let level = [Level::Word, Level::Char, Level::Id].into_iter().find(|known| known.to_string() == level)?;
    let lowercase = words.next()?.strip_prefix("lowercase=")?.parse().ok()?;
    let turns = words.next_if_eq(&"turns=true").is_some();
    let tokens = words.next()?.strip_prefix("tokens=")?.parse().ok()?;
    (words.next().is_none() && tokens < u32::MAX - 5).then_some((
        Tokenizer { level, lowercase },
        turns,
        tokens,
    ))
}

fn escape(token: &str) -> String {
    token.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(line: &str) -> Option<String> {
    let mut token = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        token.push(match character {
            '\\' => match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_come_back() {
        for token in ["\\", "\\n", "a\nb\r", "\\\\r\r\\", "", "\t😀"] {
            let line = escape(token);
            assert!(!line.contains(['\n', '\r']), "{line:?}");
            assert_eq!(unescape(&line).as_deref(), Some(token));
        }
        assert_eq!((unescape("a\\"), unescape("\\t")), (None, None));
    }
}
