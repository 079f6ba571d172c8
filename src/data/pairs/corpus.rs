//! Files of pairs as token ids.

use std::path::Path;
use std::sync::Arc;

use super::files::PairFiles;
use super::lines::{Encoder, PairLines};
use super::options::{PairLimits, PairOptions};
use super::pairs::{Pairs, Source, with_ends};
use super::report::PairReport;
use super::split::SplitShares;
use crate::data::sentences::counted;
use crate::data::words::{UNKNOWN, Vocabulary};
use crate::error::{Error, Result};
use crate::seed::Stream;

/// Largest N · T of the answers, and most tokens of all sources: 8 GiB.
const CELL_LIMIT: usize = 1 << 31;

/// Pairs, their vocabulary, and counts of what was kept and left out.
///
/// An answer of n tokens is stored as n + 1: its tokens, then [`END`](crate::data::words::END). T is one more than the
/// longest answer kept. A source is its tokens. Both sides have one vocabulary; where a source has several turns, it has the
/// token [`EOU`](crate::data::words::EOU), which parts them.
#[derive(Clone, Debug)]
pub struct PairCorpus {
    /// Sources and answers.
    pub pairs: Pairs,
    /// Vocabulary, shared with every corpus and model that uses it.
    pub vocabulary: Arc<Vocabulary>,
    /// Counts of what was kept and left out.
    pub report: PairReport,
}

/// Pairs of one vocabulary to learn from, to choose by and to test on; those of a share of 0 are empty.
#[derive(Clone, Debug)]
pub struct PairParts {
    /// Pairs to learn from.
    pub train: PairCorpus,
    /// Pairs that choose epochs and rounds.
    pub valid: PairCorpus,
    /// Pairs that test.
    pub test: PairCorpus,
}

impl PairCorpus {
    /// Reads training files and makes the vocabulary of the pairs kept.
    ///
    /// # Errors
    /// When an option is out of range, a file cannot be read as such pairs, no pair is left, or the vocabulary has fewer
    /// than two tokens.
    pub fn train(files: &PairFiles, options: &PairOptions) -> Result<Self> {
        let lines = PairLines::read(files, options.tokenizer, options.limits()?)?;
        of_all(files.path(), &lines, options)
    }

    /// Makes training pairs of texts in memory. Errors call them `pairs`, and count from 1.
    ///
    /// ```
    /// use irgan::data::pairs::{PairCorpus, PairOptions};
    ///
    /// let corpus = PairCorpus::from_pairs([("who ?", "a dog"), ("who ?", "a man")], &PairOptions::default())?;
    /// assert_eq!(corpus.vocabulary.len(), 9); // ?, a, who, dog, man, and four special tokens
    /// assert_eq!((corpus.pairs.source_steps(), corpus.pairs.steps()), (2, 3));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`PairCorpus::train`].
    pub fn from_pairs<S: AsRef<str>, A: AsRef<str>>(
        pairs: impl IntoIterator<Item = (S, A)>,
        options: &PairOptions,
    ) -> Result<Self> {
        let path = Path::new("pairs");
        let lines = PairLines::of_texts(path, pairs, options.tokenizer, options.limits()?)?;
        of_all(path, &lines, options)
    }

    /// Reads files and divides their pairs by `stream` into training, validation and test data, with the vocabulary of the
    /// training pairs.
    ///
    /// All pairs of a conversation, and all copies of a pair of other files, are of one part. The report of the training
    /// pairs tells what was left out of the files.
    ///
    /// # Errors
    /// As [`PairCorpus::train`], and when a share is out of range or there are too few pairs or conversations to divide.
    pub fn split(
        files: &PairFiles,
        options: &PairOptions,
        shares: SplitShares,
        stream: Stream,
    ) -> Result<PairParts> {
        let lines = PairLines::read(files, options.tokenizer, options.limits()?)?;
        let path = files.path();
        usable(path, &lines)?;
        let [train, valid, test] =
            shares.divide(&lines.groups(), stream).map_err(|error| error.in_file(path))?;
        let train = of_rows(path, &lines, &train, options)?;
        let limits = PairReport {
            source_limit: lines.report.source_limit,
            answer_limit: lines.report.answer_limit,
            ..PairReport::default()
        };
        let other = |rows: &[usize]| encode(path, &lines, rows, &train.vocabulary, limits);
        let (valid, test) = (other(&valid)?, other(&test)?);
        Ok(PairParts { train, valid, test })
    }

    /// Reads other files, such as validation or test data, with the vocabulary and the limits of the training data.
    ///
    /// T is one more than the longest answer of these files.
    ///
    /// # Errors
    /// When a limit is 0, a file cannot be read as such pairs, no pair is left, or not one token is known.
    pub fn with_vocabulary(
        files: &PairFiles,
        vocabulary: &Arc<Vocabulary>,
        limits: PairLimits,
    ) -> Result<Self> {
        if limits.source == 0 || limits.answer == 0 {
            return Err(Error::Config("sources and answers need room for 1 token or more".into()));
        }
        let path = files.path();
        let lines = PairLines::read(files, vocabulary.tokenizer(), limits)?;
        usable(path, &lines)?;
        let rows: Vec<usize> = (0..lines.rows.len()).collect();
        let corpus = encode(path, &lines, &rows, vocabulary, lines.report)?;
        let PairReport { source_tokens, answer_tokens, unknown_tokens, .. } = corpus.report;
        if unknown_tokens == source_tokens + answer_tokens {
            let message = "not one token is known from the training pairs: choose pairs of the same language, level \
                           and case";
            return Err(Error::data(path, message));
        }
        Ok(corpus)
    }
}

/// Refuses files of which no pair was kept.
fn usable(path: &Path, lines: &PairLines) -> Result<()> {
    if !lines.rows.is_empty() {
        return Ok(());
    }
    let report = lines.report;
    let reason = report.left_out().unwrap_or_else(|| "the file is empty".into());
    let remedy = if report.long_sources + report.long_answers > 0 {
        "; allow longer ones (`pairs.max-source`, `corpus.max-len`)"
    } else if report.lone > 0 {
        "; turns are parted by `__eou__` or a tab"
    } else {
        ""
    };
    Err(Error::data(path, format!("no usable pair: {reason}{remedy}")))
}

/// Makes training pairs of all lines.
fn of_all(path: &Path, lines: &PairLines, options: &PairOptions) -> Result<PairCorpus> {
    usable(path, lines)?;
    of_rows(path, lines, &(0..lines.rows.len()).collect::<Vec<_>>(), options)
}

/// Makes training pairs of some lines, with their vocabulary.
fn of_rows(path: &Path, lines: &PairLines, rows: &[usize], options: &PairOptions) -> Result<PairCorpus> {
    let vocabulary = lines.vocabulary(rows, options.min_count, options.vocabulary);
    if vocabulary.corpus_tokens().len() < 2 {
        let left = if vocabulary.is_empty() { "no token" } else { "one different token" };
        let times = counted(options.min_count, "time");
        let remedy =
            if lines.types.len() < 2 { "" } else { "; lower the smallest count (`corpus.min-count`)" };
        let message = format!("{left} that occurs {times} or more: nothing to learn{remedy}");
        return Err(Error::data(path, message));
    }
    encode(path, lines, rows, &Arc::new(vocabulary), lines.report)
}

/// Encodes some of the lines, and adds their counts to `report`.
fn encode(
    path: &Path,
    lines: &PairLines,
    rows: &[usize],
    vocabulary: &Arc<Vocabulary>,
    report: PairReport,
) -> Result<PairCorpus> {
    let mut encoder = Encoder::new(vocabulary, lines);
    let mut report = PairReport { pairs: rows.len(), vocabulary: vocabulary.len(), ..report };
    let (mut sources, mut answers) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for &row in rows {
        let (source, answer) = lines.pair(lines.rows[row]);
        let source = encoder.encode(source);
        let is_known = |&token: &u32| token != UNKNOWN && Some(token) != vocabulary.turn_end();
        report.unknown_sources += usize::from(!source.iter().any(is_known));
        report.source_tokens += source.iter().filter(|&&token| Some(token) != vocabulary.turn_end()).count();
        report.answer_tokens += answer.len();
        sources.push(Source::from(source));
        answers.push(encoder.encode(answer));
    }
    let steps = 1 + answers.iter().map(Vec::len).max().unwrap_or(0);
    if answers.len().saturating_mul(steps) > CELL_LIMIT {
        let (pairs, tokens) = (counted(answers.len(), "pair"), counted(steps - 1, "token"));
        let message = format!(
            "{pairs} with answers of up to {tokens} are beyond 2^31 cells (8 GiB); leave out the longest \
             (`corpus.max-len`) or split the file"
        );
        return Err(Error::data(path, message));
    }
    (report.unknown_tokens, report.joined) = (encoder.unknown, encoder.joined);
    let pairs = Pairs::new(sources, with_ends(&answers));
    Ok(PairCorpus { pairs, vocabulary: Arc::clone(vocabulary), report })
}
