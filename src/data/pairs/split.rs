//! Division of pairs into training, validation and test data.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rand::seq::SliceRandom as _;

use super::lines::PairLines;
use crate::error::{Error, Result};
use crate::seed::Stream;

/// Shares of the pairs that are held out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SplitShares {
    /// Share that chooses epochs and rounds; 0 for none.
    pub valid: f64,
    /// Share that tests; 0 for none.
    pub test: f64,
}

impl Default for SplitShares {
    fn default() -> Self {
        Self { valid: 0.1, test: 0.0 }
    }
}

impl SplitShares {
    /// Returns the rows of the three parts, each in the order of the file: whole groups, drawn by `stream`, until the parts
    /// that are held out have their shares.
    pub(super) fn divide(self, lines: &PairLines, stream: Stream) -> Result<[Vec<usize>; 3]> {
        let valid_range = |share: f64| (0.0..1.0).contains(&share);
        if !(valid_range(self.valid) && valid_range(self.test) && self.valid + self.test < 1.0) {
            return Err(Error::Config(format!(
                "shares {} (validation) and {} (test): expected 0 to 1, and less than 1 together",
                self.valid, self.test
            )));
        }
        let groups = groups(lines);
        let wanted = [self.valid, self.test].map(|share| (share * lines.rows.len() as f64).ceil() as usize);
        let needed = 1 + wanted.iter().filter(|&&count| count > 0).count();
        if groups.len() < needed {
            return Err(Error::Unfit(format!(
                "{} different pairs or conversations for {needed} parts; name the validation pairs \
                 (`corpus.validation`)",
                groups.len()
            )));
        }
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.shuffle(&mut stream.rng());
        let mut parts: [Vec<usize>; 3] = Default::default();
        let mut unfilled = needed; // a group is left for each of them
        for (part, wanted) in parts[1..].iter_mut().zip(wanted).filter(|(_, wanted)| *wanted > 0) {
            unfilled -= 1;
            while part.len() < wanted && order.len() > unfilled {
                part.extend(&groups[order.pop().expect("longer than 0")]);
            }
        }
        parts[0].extend(order.iter().flat_map(|&group| &groups[group]));
        parts.iter_mut().for_each(|rows| rows.sort_unstable());
        Ok(parts)
    }
}

/// Returns the rows that stay together, in the order of the file: those of a conversation, and the copies of a pair.
fn groups(lines: &PairLines) -> Vec<Vec<usize>> {
    let mut places: HashMap<_, usize, FixedState> = HashMap::default();
    let mut groups: Vec<Vec<usize>> = vec![];
    for (row, &pair) in lines.rows.iter().enumerate() {
        let key = match lines.dialogues {
            true => (pair.conversation, None),
            false => (0, Some(lines.pair(pair))),
        };
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(vec![]);
        }
        groups[place].push(row);
    }
    groups
}
