//! Pairs as they are written, to be divided into files.

use std::path::Path;

use super::files::{PairFiles, TURN_MARK};
use super::report::PairReport;
use super::split::{SplitShares, grouped};
use crate::error::{Error, Result};
use crate::files::output::write_output;
use crate::seed::Stream;

/// Pairs of files as text.
#[derive(Clone, Debug)]
pub struct PairTexts {
    /// Sources, their turns parted by `__eou__`, and answers; none has a tab or a control character.
    pub pairs: Vec<(String, String)>,
    /// Counts of what was left out.
    pub report: PairReport,
    conversations: Option<Vec<usize>>, // of every pair, where several are of one
}

impl PairTexts {
    /// Reads files.
    ///
    /// # Errors
    /// When a file cannot be read as such pairs, or holds none.
    pub fn read(files: &PairFiles) -> Result<Self> {
        let (mut pairs, mut conversations) = (vec![], vec![]);
        let plain = |text: &str| text.trim().replace('\t', " ");
        let skipped = files.for_each(&mut |pair| {
            let turns: Vec<String> = pair.turns.iter().map(|turn| plain(turn)).collect();
            pairs.push((turns.join(&format!(" {TURN_MARK} ")), plain(pair.answer)));
            conversations.push(pair.conversation);
            Ok(())
        })?;
        let report = PairReport { pairs: pairs.len(), ..PairReport::default() }.with(skipped);
        if pairs.is_empty() {
            let reason = report.left_out().unwrap_or_else(|| "the file is empty".into());
            return Err(Error::data(files.path(), format!("no usable pair: {reason}")));
        }
        let dialogues = matches!(files, PairFiles::Dialogues { .. });
        Ok(Self { pairs, report, conversations: dialogues.then_some(conversations) })
    }

    /// Divides the pairs by `stream` into the numbers of training, validation and test pairs. All pairs of a conversation, and
    /// all copies of a pair of other files, are of one part.
    ///
    /// # Errors
    /// When a share is out of range, or there are too few different pairs or conversations.
    pub fn divide(&self, shares: SplitShares, stream: Stream) -> Result<[Vec<usize>; 3]> {
        let groups = match &self.conversations {
            Some(conversations) => grouped(conversations.iter()),
            None => grouped(self.pairs.iter()),
        };
        shares.divide(&groups, stream)
    }

    /// Writes some of the pairs as lines of `source<TAB>answer`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, numbers: &[usize]) -> Result<()> {
        write_output(path, |writer| {
            numbers.iter().try_for_each(|&number| {
                let (source, answer) = &self.pairs[number];
                writeln!(writer, "{source}\t{answer}")
            })
        })
    }
}
