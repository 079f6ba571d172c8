//! Lines of one length: longer ones are cut, shorter ones padded with the end.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1};

use crate::data::grammar::Grammar;
use crate::data::sentences::{Corpus, Sequences};
use crate::data::words::{END, UNKNOWN, Vocabulary};
use crate::error::{Error, Result};
use crate::text::TextData;

/// Class of the end, which also pads a line.
pub(super) const END_CLASS: u32 = 0;
/// Class of tokens that the vocabulary does not have.
pub(super) const UNKNOWN_CLASS: usize = (UNKNOWN - END) as usize;

/// Lines to learn from and held-out lines, as classes of tokens: the end, unknown ones, and those of the corpus.
#[derive(Clone, Debug)]
pub struct LineData {
    /// Lines to learn from: `[N, T]`.
    pub train: Array2<u32>,
    /// Held-out lines: `[N, T]`.
    pub valid: Array2<u32>,
    /// Vocabulary of both.
    pub vocabulary: Arc<Vocabulary>,
    /// Grammar that real lines follow, where it is known.
    pub grammar: Option<Arc<Grammar>>,
}

impl LineData {
    /// Arranges two corpora of one vocabulary in lines of `length` tokens.
    ///
    /// # Errors
    /// When no line is as long: the networks would be larger than the text.
    pub fn new(train: &Corpus, valid: &Corpus, length: usize) -> Result<Self> {
        let longest = train.sequences.lengths().iter().max().map_or(0, |length| length - 1) as usize;
        if length > longest {
            return Err(Error::Config(format!(
                "`length` {length}: the longest line has {longest} tokens; expected at most as many"
            )));
        }
        let of = |corpus: &Corpus| lines(&corpus.sequences, length);
        let vocabulary = Arc::clone(&train.vocabulary);
        Ok(Self { train: of(train), valid: of(valid), vocabulary, grammar: None })
    }

    /// Arranges sentences of a grammar in lines of `length` tokens, which the shorter ones are padded to.
    ///
    /// # Errors
    /// When the sentences have no words.
    pub fn of_sentences(data: &TextData, length: usize) -> Result<Self> {
        let vocabulary = data.vocabulary.clone().ok_or_else(|| {
            Error::Config("sentences without words cannot be lines: they are those of an oracle".into())
        })?;
        let (train, valid) = (lines(&data.train, length), lines(&data.valid, length));
        Ok(Self { train, valid, vocabulary, grammar: data.grammar.clone() })
    }

    /// Returns the number of classes, V.
    pub fn classes(&self) -> usize {
        classes(&self.vocabulary)
    }

    /// Returns the number of training lines that are padded.
    pub fn padded(&self) -> usize {
        self.train.rows().into_iter().filter(|line| line[line.len() - 1] == END_CLASS).count()
    }

    /// Returns the number of tokens of a line, T.
    pub fn steps(&self) -> usize {
        self.train.ncols()
    }
}

/// Returns the number of classes of a vocabulary: all tokens but padding and start.
pub(super) fn classes(vocabulary: &Vocabulary) -> usize {
    vocabulary.len() - END as usize
}

/// Returns sentences as lines of classes: `[N, length]`.
pub(super) fn lines(sentences: &Sequences, length: usize) -> Array2<u32> {
    let mut lines = Array2::from_elem((sentences.len(), length), END_CLASS);
    for (mut line, sentence) in lines.rows_mut().into_iter().zip(sentences.iter()) {
        line.iter_mut().zip(sentence).for_each(|(class, &token)| *class = token - END);
    }
    lines
}

/// Returns the classes of a line up to its end, which is the last one of a line that has one.
pub(super) fn with_end(line: ArrayView1<'_, u32>) -> Vec<u32> {
    let end = line.iter().position(|&class| class == END_CLASS).map_or(line.len(), |place| place + 1);
    line.iter().take(end).copied().collect()
}

/// Returns the ids of a line's tokens in the vocabulary, up to its end.
pub(super) fn ids(line: ArrayView1<'_, u32>) -> Vec<u32> {
    line.iter().take_while(|class| **class != END_CLASS).map(|class| class + END).collect()
}

/// Returns a line as text, up to its end.
pub(super) fn text(line: ArrayView1<'_, u32>, vocabulary: &Vocabulary) -> String {
    vocabulary.decode(&ids(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::sentences::CorpusOptions;
    use crate::data::words::{Level, Tokenizer};

    fn corpus(lines: &[&str]) -> Corpus {
        let tokenizer = Tokenizer { level: Level::Char, lowercase: false };
        Corpus::from_sentences(lines, &CorpusOptions { tokenizer, ..CorpusOptions::default() })
            .expect("usable lines")
    }

    #[test]
    fn long_lines_are_cut_and_short_ones_padded() {
        let corpus = corpus(&["abcd", "ab", "abc"]);
        let data = LineData::new(&corpus, &corpus, 3).expect("long lines");
        let texts: Vec<String> = data.train.rows().into_iter().map(|l| text(l, &data.vocabulary)).collect();
        assert_eq!(texts, ["abc", "ab", "abc"]);
        assert_eq!((data.padded(), data.train.row(1)[2], data.classes()), (1, END_CLASS, 6));
        assert_eq!(with_end(data.train.row(1)).len(), 3);
    }

    #[test]
    fn a_length_beyond_the_data_is_refused() {
        let corpus = corpus(&["abcd", "ab"]);
        let error = LineData::new(&corpus, &corpus, 5).expect_err("too long").to_string();
        assert!(error.contains("`length` 5") && error.contains("4 tokens"), "{error}");
    }
}
