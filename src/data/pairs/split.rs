//! Division of pairs into training, validation and test data.

use std::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rand::seq::SliceRandom as _;

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
    /// Returns the rows of the three parts, each in ascending order: whole `groups`, drawn by `stream`, until the parts that
    /// are held out have their shares.
    pub(super) fn divide(self, groups: &[Vec<usize>], stream: Stream) -> Result<[Vec<usize>; 3]> {
        let valid_range = |share: f64| (0.0..1.0).contains(&share);
        if !(valid_range(self.valid) && valid_range(self.test) && self.valid + self.test < 1.0) {
            return Err(Error::Config(format!(
                "shares {} (validation) and {} (test): expected 0 to 1, and less than 1 together",
                self.valid, self.test
            )));
        }
        let rows: usize = groups.iter().map(Vec::len).sum();
        let wanted = [self.valid, self.test].map(|share| (share * rows as f64).ceil() as usize);
        let needed = 1 + wanted.iter().filter(|&&count| count > 0).count();
        if groups.len() < needed {
            return Err(Error::Unfit(format!(
                "{} different pairs or conversations for {needed} parts: give more, or files of held-out pairs",
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

/// Returns the numbers of equal keys together, by the first of each.
pub(super) fn grouped<K: Hash + Eq>(keys: impl Iterator<Item = K>) -> Vec<Vec<usize>> {
    let mut places: HashMap<K, usize, FixedState> = HashMap::default();
    let mut groups: Vec<Vec<usize>> = vec![];
    for (number, key) in keys.enumerate() {
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(vec![]);
        }
        groups[place].push(number);
    }
    groups
}
