//! Check sums of an index's files, block by block: each block is verified before its first use, or all at once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::error::{Error, Result};

/// Length of a block in bytes; the last of a file may be shorter.
pub(super) const BLOCK: usize = 1 << 16;

/// CRC-32 of every block of every file, by its path in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CheckSums(BTreeMap<String, Vec<u32>>);

impl CheckSums {
    /// Reads `files` in `folder` and sums their blocks.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn compute<'a>(folder: &Path, files: impl IntoIterator<Item = &'a String>) -> Result<Self> {
        let sums = files.into_iter().map(|name| {
            let path = folder.join(name);
            let sums = sums_of(&path).map_err(|source| Error::io(&path, "read", source))?;
            Ok((name.clone(), sums))
        });
        sums.collect::<Result<_>>().map(Self)
    }

    /// Returns the sums as bytes: little-endian, file by file in the order of their paths.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.0.values().flatten().flat_map(|sum| sum.to_le_bytes()).collect()
    }

    /// Reads the sums of files of given sizes; `None` when their number is another.
    pub(super) fn from_bytes(bytes: &[u8], sizes: &BTreeMap<String, u64>) -> Option<Self> {
        let mut rest = bytes;
        let mut sums = BTreeMap::new();
        for (name, &size) in sizes {
            let length = usize::try_from(size.div_ceil(BLOCK as u64)).ok()?.checked_mul(4)?;
            let (own, others) = rest.split_at_checked(length)?;
            let sum = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes"));
            sums.insert(name.clone(), own.chunks_exact(4).map(sum).collect());
            rest = others;
        }
        rest.is_empty().then_some(Self(sums))
    }

    /// Returns the seal of a file, of which nothing was verified yet; `None` for a file that is not of the index.
    pub(super) fn seal(&self, name: &str) -> Option<Seal> {
        let sums = self.0.get(name)?.clone();
        Some(Seal { verified: sums.iter().map(|_| AtomicBool::new(false)).collect(), sums })
    }
}

/// Returns the CRC-32 of every block of a file.
fn sums_of(path: &Path) -> io::Result<Vec<u32>> {
    let (mut file, mut buffer, mut sums) = (File::open(path)?, vec![0; 16 * BLOCK], vec![]);
    loop {
        let mut filled = 0;
        while filled < buffer.len() {
            match file.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        sums.extend(buffer[..filled].chunks(BLOCK).map(crc32fast::hash));
        if filled < buffer.len() {
            return Ok(sums);
        }
    }
}

/// Check sums of the blocks of one open file, and those that were verified.
#[derive(Debug)]
pub(super) struct Seal {
    sums: Vec<u32>,
    verified: Vec<AtomicBool>,
}

impl Seal {
    /// Verifies the blocks that hold the bytes in `range` of the file, if they were not verified before.
    ///
    /// # Errors
    /// When a block is not what was written.
    pub(super) fn check(&self, file: &[u8], range: &Range<usize>) -> io::Result<()> {
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK).max(range.start / BLOCK);
        if range.is_empty() || blocks.clone().all(|block| self.is_verified(block)) {
            return Ok(());
        }
        blocks.into_par_iter().try_for_each(|block| self.check_block(file, block))
    }

    /// Verifies all blocks.
    ///
    /// # Errors
    /// When a block is not what was written.
    pub(super) fn check_all(&self, file: &[u8]) -> io::Result<()> {
        match file.len().div_ceil(BLOCK) == self.sums.len() {
            true => self.check(file, &(0..file.len())),
            false => Err(wrong("its length is another")),
        }
    }

    fn is_verified(&self, block: usize) -> bool {
        self.verified.get(block).is_some_and(|verified| verified.load(Ordering::Acquire))
    }

    fn check_block(&self, file: &[u8], block: usize) -> io::Result<()> {
        if self.is_verified(block) {
            return Ok(());
        }
        let start = block * BLOCK;
        let bytes = file.get(start..file.len().min(start + BLOCK));
        match (bytes, self.sums.get(block)) {
            (Some(bytes), Some(&sum)) if crc32fast::hash(bytes) == sum => {
                self.verified[block].store(true, Ordering::Release);
                Ok(())
            }
            _ => Err(wrong(format!("its check sum is wrong in bytes {start} to {}", start + BLOCK - 1))),
        }
    }
}

fn wrong(found: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, found.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_verified_when_it_is_used_and_not_before() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut bytes: Vec<u8> = (0..3 * BLOCK + 10).map(|i| (i % 251) as u8).collect();
        std::fs::write(folder.path().join("a"), &bytes).expect("writable");
        std::fs::write(folder.path().join("b"), b"").expect("writable");
        let names = ["a".to_owned(), "b".to_owned()];
        let sums = CheckSums::compute(folder.path(), &names).expect("two files");
        let sizes = BTreeMap::from([("a".to_owned(), bytes.len() as u64), ("b".to_owned(), 0)]);
        let stored = sums.to_bytes();
        assert_eq!((stored.len(), CheckSums::from_bytes(&stored, &sizes)), (16, Some(sums.clone())));
        assert_eq!(CheckSums::from_bytes(&stored[1..], &sizes), None);

        bytes[2 * BLOCK + 7] ^= 1;
        let seal = sums.seal("a").expect("a file of the index");
        assert!(seal.check(&bytes, &(0..2 * BLOCK)).is_ok());
        let error = seal.check(&bytes, &(2 * BLOCK - 1..2 * BLOCK + 1)).expect_err("a flipped bit");
        assert!(error.to_string().contains("bytes 131072 to 196607"), "{error}");
        assert!(seal.check_all(&bytes).is_err() && seal.check_all(&bytes[..BLOCK]).is_err());
        assert!(seal.check(&bytes, &(3 * BLOCK..3 * BLOCK + 10)).is_ok());
        assert!(sums.seal("b").expect("empty").check_all(b"").is_ok());
    }
}
