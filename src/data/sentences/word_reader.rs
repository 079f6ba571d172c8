//! Sentences of any system as numbers of one vocabulary, for measures of text.

use std::path::Path;

use crate::data::words::{IDS, Interner, Level, Tokenizer};
use crate::error::{Error, Result};
use crate::evaluation::text::NO_MATCH;
use crate::files::lines::{for_each_line, utf8};

/// Reader of text files whose sentences are compared: equal words have equal numbers in all of them, and `<unk>`, in
/// which systems write a word that they do not know, is [`NO_MATCH`].
///
/// ```
/// use irgan::data::sentences::WordReader;
/// use irgan::data::words::Tokenizer;
/// use irgan::evaluation::text::NO_MATCH;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("drawn.txt");
/// std::fs::write(&path, "the cat\n\nthe <unk>.\n")?;
/// let mut reader = WordReader::new(Tokenizer::default());
/// assert_eq!(reader.read(&path)?, [vec![0, 1], vec![], vec![0, NO_MATCH, 2]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WordReader {
    tokenizer: Tokenizer,
    types: Interner,
}

/// Spelling of an unknown word.
const SPELLING: &str = "<unk>";

/// Most sentences of a file; measures of diversity compare each with all others.
const MOST_SENTENCES: usize = 5_000_000;

/// Character in the place of [`SPELLING`] while a line is divided: Unicode promises that no text has it.
const UNKNOWN: &str = "\u{fffe}";

impl WordReader {
    /// Makes a reader of tokens of one kind.
    pub fn new(tokenizer: Tokenizer) -> Self {
        Self { tokenizer, types: Interner::default() }
    }

    /// Reads a file, plain, gzip or zstandard, one sentence a line; an empty line is an empty sentence.
    ///
    /// # Errors
    /// When the file cannot be read or has more than five million lines, a line is not UTF-8, or is not of the tokenizer's level.
    pub fn read(&mut self, path: &Path) -> Result<Vec<Vec<u32>>> {
        let mut sentences = vec![];
        for_each_line(path, |number, bytes, _| {
            if number > MOST_SENTENCES {
                return Err(Error::data(
                    path,
                    format!("more than {MOST_SENTENCES} sentences; measure a part"),
                ));
            }
            let sentence = self.words(utf8(path, number, bytes)?);
            sentences.push(sentence.map_err(|found| Error::parse(path, number, IDS, found.as_bytes()))?);
            Ok(())
        })?;
        Ok(sentences)
    }

    /// Returns the words of a line; the error is a token that is no id.
    fn words(&mut self, line: &str) -> Result<Vec<u32>, String> {
        let line = match self.tokenizer.level {
            Level::Word => line.replace(SPELLING, &format!(" {UNKNOWN} ")),
            Level::Char => line.replace(SPELLING, UNKNOWN),
            Level::Id => line.to_owned(),
        };
        let line = self.tokenizer.prepare(&line);
        let mut words = vec![];
        self.tokenizer
            .for_each_token(&line, |token| {
                words.push(if token == UNKNOWN { NO_MATCH } else { self.types.insert(token).0 });
            })
            .map_err(str::to_owned)?;
        Ok(words)
    }
}
