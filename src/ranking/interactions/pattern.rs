//! Places of sparse weights between items, and the file that they are kept in beside the weights.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::no_follow::replace_atomically;

/// Places of the N weights that are kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    starts: Vec<u32>, // [I + 1], where each row of B begins
    items: Vec<u32>,  // [N], the columns of every row, ascending, without the diagonal
}

impl Pattern {
    /// The pattern of rows that end where the next starts; none unless rows and columns ascend below the number of
    /// items and leave the diagonal out.
    pub(super) fn new(starts: Vec<u32>, items: Vec<u32>) -> Option<Self> {
        let count = starts.len().checked_sub(1)?;
        let whole = starts[0] == 0 && starts[count] as usize == items.len();
        let row = |(j, bounds): (usize, &[u32])| {
            bounds[0] <= bounds[1]
                && items.get(bounds[0] as usize..bounds[1] as usize).is_some_and(|row| {
                    row.windows(2).all(|pair| pair[0] < pair[1])
                        && row.iter().all(|&i| (i as usize) < count && i as usize != j)
                })
        };
        let sound = whole && starts.windows(2).enumerate().all(row);
        sound.then_some(Self { starts, items })
    }

    /// Number of weights.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Places of a row.
    pub(super) fn row(&self, item: u32) -> Range<usize> {
        self.starts[item as usize] as usize..self.starts[item as usize + 1] as usize
    }

    /// The place of `B_ji` among the values, where it is kept.
    pub(super) fn place(&self, j: u32, i: u32) -> Option<usize> {
        let row = self.row(j);
        self.items[row.clone()].binary_search(&i).ok().map(|place| row.start + place)
    }

    /// The items at some places.
    pub(super) fn columns(&self, places: Range<usize>) -> &[u32] {
        &self.items[places]
    }

    /// The item at a place.
    pub(super) fn column(&self, place: usize) -> u32 {
        self.items[place]
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }
}

fn path(folder: &Path, network: &str) -> PathBuf {
    folder.join(format!("{network}.neighbours"))
}

/// Writes the pattern of a network to its file in `folder`: the starts, then the items, as little-endian u32.
pub(super) fn write(folder: &Path, network: &str, pattern: &Pattern) -> Result<()> {
    let numbers = pattern.starts.iter().chain(&pattern.items);
    let bytes: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
    replace_atomically(&path(folder, network), |writer| writer.write_all(&bytes))
}

/// Reads the pattern of a network with `count` weights between `items`.
///
/// # Errors
/// When the file cannot be read, or is not such a pattern.
pub(super) fn read(folder: &Path, network: &str, items: usize, count: usize) -> Result<Pattern> {
    let path = path(folder, network);
    let failed = |source| Error::io(&path, "read", source);
    let wanted = 4 * (items as u64 + 1 + count as u64);
    let damaged = || {
        Error::data(&path, format!("not the places of {count} weights between {items} items; train again"))
    };
    if std::fs::metadata(&path).map_err(failed)?.len() != wanted {
        return Err(damaged());
    }
    let bytes = std::fs::read(&path).map_err(failed)?;
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes"));
    let mut starts: Vec<u32> = bytes.chunks_exact(4).map(number).collect();
    let columns = starts.split_off((items + 1).min(starts.len()));
    Pattern::new(starts, columns).ok_or_else(damaged)
}
