//! Random streams: all draws of a run follow from one seed, by a named stream for each purpose.
//!
//! A stream is addressed by names and numbers (round, epoch, query, …). An additional draw for one purpose does not change
//! the draws for another, and parallel work takes one stream an item, so that results do not depend on the number of
//! threads.

pub mod number;

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Random generator of every stream; its output is the same on every platform.
pub type Rng = Xoshiro256PlusPlus;

/// Address of a random stream in the tree of streams of a seed.
///
/// ```
/// use irgan::seed::Stream;
/// use rand::Rng;
///
/// let draws = Stream::new(7).named("generator").at(3);
/// let first: u64 = draws.at(0).rng().random();
/// assert_eq!(first, Stream::new(7).named("generator").at(3).at(0).rng().random::<u64>());
/// assert_ne!(first, draws.at(1).rng().random::<u64>());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(u64);

impl Stream {
    /// Returns the root stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x1a7e_5eed_0000_0001))
    }

    /// Returns the sub-stream of a named purpose.
    pub fn named(self, purpose: &str) -> Self {
        Self(mix(self.0 ^ fnv1a(purpose.bytes())))
    }

    /// Returns the sub-stream of a numbered item, such as a round, an epoch or a query.
    pub fn at(self, index: u64) -> Self {
        Self(mix(self.0.rotate_left(23) ^ mix(index.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// Returns a seed for what has streams of its own.
    pub fn number(self) -> u64 {
        self.0
    }

    /// Returns a generator at the start of the stream.
    pub fn rng(self) -> Rng {
        Rng::seed_from_u64(self.0)
    }
}

/// Returns the 64-bit FNV-1a hash of bytes, which is stored in models and must never change.
pub(crate) fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Mixes the bits of a number by the finaliser of SplitMix64 (Steele et al., 2014), a bijection.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn streams_do_not_collide() {
        let root = Stream::new(1);
        let mut seen = HashSet::new();
        for name in ["generator", "discriminator", "init"] {
            for i in 0..50 {
                for j in 0..50 {
                    assert!(seen.insert(root.named(name).at(i).at(j).0));
                }
            }
        }
    }
}
