//! Text files, one sentence a line: plain, gzip or zstandard.

use std::path::Path;

use crate::data::words::Interner;
use crate::data::words::{IDS, Tokenizer};
use crate::error::{Error, Result};
use crate::files::lines::{for_each_line, utf8};

/// Sentences of a file as tokens, each different token stored once.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    pub(super) types: Interner, // the different tokens
    tokens: Vec<u32>,           // numbers of `types`, sentence after sentence
    ends: Vec<usize>,           // [N], places in `tokens`
    empty: usize,
    too_long: usize,
    cut: usize,
}

/// Length of the longest sentence kept, and what becomes of longer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    /// Tokens of the longest sentence kept.
    pub max_len: usize,
    /// True when longer sentences are cut, false when they are left out.
    pub cuts: bool,
}

/// Reads sentences of at most `max_len` tokens; empty and longer ones are left out and counted.
///
/// The memory needed is that of what is kept and of one line.
///
/// # Errors
/// When the file cannot be read, a line is not UTF-8, or is not of the tokenizer's level.
pub fn read_lines(path: impl AsRef<Path>, tokenizer: Tokenizer, max_len: usize) -> Result<Lines> {
    read_limited(path.as_ref(), tokenizer, Limit { max_len, cuts: false })
}

/// Reads sentences; longer ones than `limit` are left out or cut, and counted, as [`read_lines`] does.
pub(super) fn read_limited(path: &Path, tokenizer: Tokenizer, limit: Limit) -> Result<Lines> {
    let mut lines = Lines::default();
    for_each_line(path, |number, bytes, _| {
        lines.read(path, number, utf8(path, number, bytes)?, tokenizer, limit)
    })?;
    Ok(lines)
}

impl Lines {
    /// Adds line `number` of `path`.
    pub(super) fn read(
        &mut self,
        path: &Path,
        number: usize,
        line: &str,
        tokenizer: Tokenizer,
        Limit { max_len, cuts }: Limit,
    ) -> Result<()> {
        let text = tokenizer.prepare(line);
        let (mut sentence, mut length) = (Vec::new(), 0);
        tokenizer
            .for_each_token(&text, |token| {
                length += 1;
                if length <= max_len {
                    sentence.push(token);
                }
            })
            .map_err(|found| Error::parse(path, number, IDS, found.as_bytes()))?;
        if length == 0 {
            self.empty += 1;
        } else if length > max_len && !cuts {
            self.too_long += 1;
        } else {
            self.cut += usize::from(length > max_len);
            self.push(&sentence).map_err(|cause| cause.in_file(path))?;
        }
        Ok(())
    }

    fn push(&mut self, sentence: &[&str]) -> Result<()> {
        // Ids are u32, and a vocabulary puts four special tokens before these.
        if self.types.len() + sentence.len() > (u32::MAX - 4) as usize {
            return Err(Error::Unfit("has 2^32 different tokens or more; split it".into()));
        }
        let Self { types, tokens, ends, .. } = self;
        tokens.extend(sentence.iter().map(|token| types.insert(token).0));
        ends.push(tokens.len());
        Ok(())
    }

    /// Returns the number of sentences kept.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns true when no sentence was kept.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the number of lines left out because they hold white space at most.
    pub fn empty(&self) -> usize {
        self.empty
    }

    /// Returns the number of lines left out because they have too many tokens.
    pub fn too_long(&self) -> usize {
        self.too_long
    }

    /// Returns the number of lines that were cut.
    pub fn cut(&self) -> usize {
        self.cut
    }

    /// Returns the number of tokens of all sentences kept.
    pub fn token_count(&self) -> usize {
        self.tokens.len()
    }

    /// Returns the number of tokens of the longest sentence kept.
    pub fn longest(&self) -> usize {
        self.numbered().map(<[u32]>::len).max().unwrap_or(0)
    }

    /// Iterates over the sentences kept, in order, as tokens.
    pub fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = &str>> {
        self.numbered().map(|sentence| sentence.iter().map(|&number| &*self.types.names()[number as usize]))
    }

    /// Iterates over the sentences kept, as numbers of `types`.
    pub(super) fn numbered(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.tokens[start..end])
    }

    /// Counts the occurrences of each of `types`.
    pub(super) fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.types.len()];
        for &number in &self.tokens {
            counts[number as usize] += 1;
        }
        counts
    }
}
