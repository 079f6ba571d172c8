//! A text file as sequences of token ids.

use std::path::Path;
use std::sync::Arc;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::lines::{Limit, Lines, read_limited};
use super::report::{CorpusReport, counted, thousands};
use super::sequences::Sequences;
use crate::data::words::Tokenizer;
use crate::data::words::{END, UNKNOWN, Vocabulary};
use crate::error::{Error, Result};
use crate::math::sampling::subset;
use crate::seed::Stream;

/// Longest sentence kept, in tokens, where `max_len` is 0.
pub const AUTOMATIC_MAX_LEN: usize = 200;

/// Largest value of `max_len`.
pub const MAX_LEN_LIMIT: usize = 1_000_000;

/// Largest N · T of a corpus: 8 GiB.
const CELL_LIMIT: usize = 1 << 31;

/// Settings by which a text becomes a corpus for training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorpusOptions {
    /// Rule by which lines become tokens.
    pub tokenizer: Tokenizer,
    /// Tokens of the longest sentence kept; 0 stands for [`AUTOMATIC_MAX_LEN`]. Longer ones are left out and counted.
    pub max_len: usize,
    /// True when longer sentences are cut to that length instead.
    pub cuts: bool,
    /// Least number of times that a token of the vocabulary occurs in the sentences kept; others become unknown.
    pub min_count: usize,
}

impl Default for CorpusOptions {
    fn default() -> Self {
        Self { tokenizer: Tokenizer::default(), max_len: 0, cuts: false, min_count: 1 }
    }
}

/// Sentences, their vocabulary, and counts of what was kept and left out.
///
/// A sentence of n tokens is stored as n + 1: its tokens, then [`END`]. T is one more than the
/// longest sentence kept.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Sentences with their ends: `[N, T]`.
    pub sequences: Sequences,
    /// Vocabulary, shared with every corpus and model that uses it.
    pub vocabulary: Arc<Vocabulary>,
    /// Counts of what was kept and left out.
    pub report: CorpusReport,
}

impl Corpus {
    /// Reads a training file, one sentence a line, and makes the vocabulary of the sentences kept.
    ///
    /// # Errors
    /// When an option is out of range, the file cannot be read as such text, no sentence is left,
    /// or the vocabulary has fewer than two tokens.
    pub fn train(path: impl AsRef<Path>, options: &CorpusOptions) -> Result<Self> {
        let path = path.as_ref();
        Self::of(path, options, |limit| read_limited(path, options.tokenizer, limit))
    }

    /// Makes a training corpus of sentences in memory. Errors call them `sentences`, and count from 1.
    ///
    /// ```
    /// use irgan::data::sentences::{Corpus, CorpusOptions};
    ///
    /// let corpus = Corpus::from_sentences(["a man sleeps", "a dog"], &CorpusOptions::default())?;
    /// assert_eq!(corpus.vocabulary.len(), 8); // a, dog, man, sleeps, and four special tokens
    /// assert_eq!(corpus.sequences.lengths(), [4, 3]); // with their ends
    /// # Ok::<(), irgan::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Corpus::train`].
    pub fn from_sentences(
        sentences: impl IntoIterator<Item = impl AsRef<str>>,
        options: &CorpusOptions,
    ) -> Result<Self> {
        let path = Path::new("sentences");
        Self::of(path, options, |limit| lines_of(path, sentences, options.tokenizer, limit))
    }

    /// Makes a training corpus of the lines that `read` returns for a largest length.
    fn of(path: &Path, options: &CorpusOptions, read: impl FnOnce(Limit) -> Result<Lines>) -> Result<Self> {
        let max_len = resolved(options.max_len)?;
        let limit = Limit { max_len, cuts: options.cuts };
        if options.min_count == 0 {
            return Err(Error::Config("the smallest count of a token (min-count) must be 1 or more".into()));
        }
        let lines = usable(path, read(limit)?, max_len)?;
        let counts = lines.counts();
        let vocabulary = Vocabulary::from_counts(options.tokenizer, &lines.types, &counts, options.min_count);
        if vocabulary.corpus_tokens().len() < 2 {
            return Err(Error::data(path, nothing_to_learn(&lines, &vocabulary, options.min_count)));
        }
        encode(path, &lines, Arc::new(vocabulary), max_len)
    }

    /// Reads another file, such as validation data, with the vocabulary of the training data.
    ///
    /// T is one more than the longest sentence of this file; `max_len` is as in [`CorpusOptions`].
    ///
    /// # Errors
    /// When `max_len` is out of range, the file cannot be read as such text, or no sentence is left.
    pub fn with_vocabulary(
        path: impl AsRef<Path>,
        vocabulary: &Arc<Vocabulary>,
        max_len: usize,
    ) -> Result<Self> {
        Self::read_with(path.as_ref(), vocabulary, max_len, false)
    }

    /// Reads another file as [`Corpus::with_vocabulary`] does; sentences of more than `max_len` tokens are cut.
    ///
    /// # Errors
    /// As [`Corpus::with_vocabulary`].
    pub fn cut_with_vocabulary(
        path: impl AsRef<Path>,
        vocabulary: &Arc<Vocabulary>,
        max_len: usize,
    ) -> Result<Self> {
        Self::read_with(path.as_ref(), vocabulary, max_len, true)
    }

    fn read_with(path: &Path, vocabulary: &Arc<Vocabulary>, max_len: usize, cuts: bool) -> Result<Self> {
        let max_len = resolved(max_len)?;
        let limit = Limit { max_len, cuts };
        let lines = usable(path, read_limited(path, vocabulary.tokenizer(), limit)?, max_len)?;
        encode(path, &lines, Arc::clone(vocabulary), max_len)
    }

    /// Makes sentences in memory a corpus with the vocabulary of the training data; errors call them `sentences`, and count from 1.
    ///
    /// # Errors
    /// As [`Corpus::with_vocabulary`].
    pub fn sentences_with_vocabulary(
        sentences: impl IntoIterator<Item = impl AsRef<str>>,
        vocabulary: &Arc<Vocabulary>,
        max_len: usize,
    ) -> Result<Self> {
        let (path, max_len) = (Path::new("sentences"), resolved(max_len)?);
        let limit = Limit { max_len, cuts: false };
        let lines = lines_of(path, sentences, vocabulary.tokenizer(), limit)?;
        encode(path, &usable(path, lines, max_len)?, Arc::clone(vocabulary), max_len)
    }

    /// Returns the corpus beside the held-out sentences: `valid`, or its own that [`Corpus::hold_out_by`] holds out.
    ///
    /// # Errors
    /// When no token of `valid` is known, or there is only one sentence.
    pub fn with_held_out(self, valid: Option<Self>, seed: u64) -> Result<(Self, Self)> {
        match valid {
            Some(valid) if valid.report.unknown_tokens == valid.report.tokens => Err(Error::Unfit(
                "not one token of the held-out sentences is in those to learn from; choose sentences of the same language and case".into(),
            )),
            Some(valid) => Ok((self, valid)),
            None => self.hold_out_by(seed),
        }
    }

    /// Divides the corpus as [`Corpus::hold_out`] does, by the stream of held-out sentences of a `seed`.
    ///
    /// # Errors
    /// When there is only one sentence.
    pub fn hold_out_by(self, seed: u64) -> Result<(Self, Self)> {
        self.hold_out(Stream::new(seed).named("held out"))
    }

    /// Divides the corpus in two: the second holds a tenth of the sentences, drawn by `stream`.
    ///
    /// ```
    /// use irgan::data::sentences::{Corpus, CorpusOptions};
    /// use irgan::seed::Stream;
    ///
    /// let sentences = (0..20).map(|i| format!("sentence number {i}"));
    /// let corpus = Corpus::from_sentences(sentences, &CorpusOptions::default())?;
    /// let (train, valid) = corpus.hold_out(Stream::new(1))?;
    /// assert_eq!((train.sequences.len(), valid.sequences.len()), (18, 2));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    ///
    /// # Errors
    /// When there is only one sentence.
    pub fn hold_out(self, stream: Stream) -> Result<(Self, Self)> {
        let count = self.sequences.len();
        if count < 2 {
            return Err(Error::Unfit(
                "one sentence: nothing is left to validate on; name `corpus.validation`".into(),
            ));
        }
        let held = subset(count, count.div_ceil(10), &mut stream.rng());
        let kept: Vec<usize> = (0..count).filter(|i| held.binary_search(i).is_err()).collect();
        let part = |indices: &[usize]| Self { sequences: self.sequences.select(indices), ..self.clone() };
        Ok((part(&kept), part(&held)))
    }
}

/// Takes sentences from memory, which errors call `path`.
fn lines_of(
    path: &Path,
    sentences: impl IntoIterator<Item = impl AsRef<str>>,
    tokenizer: Tokenizer,
    limit: Limit,
) -> Result<Lines> {
    let mut lines = Lines::default();
    for (number, sentence) in (1..).zip(sentences) {
        lines.read(path, number, sentence.as_ref(), tokenizer, limit)?;
    }
    Ok(lines)
}

fn resolved(max_len: usize) -> Result<usize> {
    match max_len {
        0 => Ok(AUTOMATIC_MAX_LEN),
        1..=MAX_LEN_LIMIT => Ok(max_len),
        _ => Err(Error::Config(format!(
            "the longest sentence (max-len) must have at most {} tokens, not {}",
            thousands(MAX_LEN_LIMIT),
            thousands(max_len)
        ))),
    }
}

/// Refuses lines of which none was kept.
fn usable(path: &Path, lines: Lines, max_len: usize) -> Result<Lines> {
    if !lines.is_empty() {
        return Ok(lines);
    }
    let report = report(&lines, max_len);
    let reason = match (report.left_out(), lines.too_long()) {
        (None, _) => "the file is empty".to_owned(),
        (Some(_), 0) => format!("all of its {} are empty", counted(lines.empty(), "line")),
        (Some(reasons), _) => format!("{reasons}; allow longer ones (max-len)"),
    };
    Err(Error::data(path, format!("no usable sentence: {reason}")))
}

fn nothing_to_learn(lines: &Lines, vocabulary: &Vocabulary, min_count: usize) -> String {
    let left = match vocabulary.corpus_tokens().len() {
        0 => "no token",
        _ => "one different token",
    };
    if lines.types.len() < 2 {
        format!("{left}: nothing to learn")
    } else {
        let times = counted(min_count, "time");
        format!("{left} that occurs {times} or more: nothing to learn; lower the smallest count (min-count)")
    }
}

/// Returns the counts of lines that need no vocabulary.
fn report(lines: &Lines, max_len: usize) -> CorpusReport {
    CorpusReport {
        sentences: lines.len(),
        tokens: lines.token_count(),
        empty: lines.empty(),
        too_long: lines.too_long(),
        cut: lines.cut(),
        max_len,
        ..CorpusReport::default()
    }
}

fn encode(path: &Path, lines: &Lines, vocabulary: Arc<Vocabulary>, max_len: usize) -> Result<Corpus> {
    let steps = lines.longest() + 1;
    if lines.len().saturating_mul(steps) > CELL_LIMIT {
        let message = format!(
            "{} of up to {} are beyond 2^31 cells (8 GiB); leave out the longest (max-len) or split it",
            counted(lines.len(), "sentence"),
            counted(steps - 1, "token")
        );
        return Err(Error::data(path, message));
    }
    let ids = vocabulary.encode(lines.types.names());
    let mut tokens = Array2::zeros((lines.len(), steps));
    let mut lengths = Vec::with_capacity(lines.len());
    let mut unknown_tokens = 0;
    for (mut row, sentence) in tokens.rows_mut().into_iter().zip(lines.numbered()) {
        for (cell, &number) in row.iter_mut().zip(sentence) {
            *cell = ids[number as usize];
            unknown_tokens += usize::from(*cell == UNKNOWN);
        }
        row[sentence.len()] = END;
        lengths.push(sentence.len() as u32 + 1);
    }
    let report = CorpusReport { unknown_tokens, vocabulary: vocabulary.len(), ..report(lines, max_len) };
    Ok(Corpus { sequences: Sequences::new(tokens, lengths), vocabulary, report })
}
