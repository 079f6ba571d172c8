//! Part of an experiment: its share of the trainings, made by a process of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// One of several parts, `2/6`: every sixth training, from the second on.
///
/// ```
/// use irgan::runs::Part;
///
/// let part: Part = "2/3".parse()?;
/// let mine: Vec<usize> = (0..8).filter(|&job| part.has(job)).collect();
/// assert_eq!(mine, [1, 4, 7]);
/// assert!("0/3".parse::<Part>().is_err() && "4/3".parse::<Part>().is_err());
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    number: usize, // from 1
    count: usize,
}

/// File in the folder of an experiment that parts work on.
pub(super) const PARTS: &str = "parts.toml";

/// Content of [`PARTS`].
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PartsRecord {
    pub count: usize,
}

/// Largest number of parts.
const MOST: usize = 1 << 20;

impl Part {
    /// Returns true when training number `job`, from 0, is of this part.
    pub fn has(self, job: usize) -> bool {
        job % self.count == self.number - 1
    }

    /// Returns the part of `count` that training number `job`, from 0, is of.
    pub fn of(job: usize, count: usize) -> Self {
        Self { number: job % count + 1, count }
    }

    /// Returns the number of parts.
    pub fn count(self) -> usize {
        self.count
    }

    /// Returns the name of the lock of this part.
    pub(super) fn lock(self) -> String {
        format!("{}part-{}-of-{}", super::folder_lock::PART_LOCK, self.number, self.count)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_once('/').and_then(|(number, count)| {
            Some(Self { number: number.parse().ok()?, count: count.parse().ok()? })
        });
        let inside =
            |part: &Self| (1..=MOST).contains(&part.count) && (1..=part.count).contains(&part.number);
        numbers.filter(inside).ok_or_else(|| {
            Error::Config(format!("part `{text}`: expected I/N with I from 1 to N, such as 2/6"))
        })
    }
}
