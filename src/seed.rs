//! One seed a run, one named random stream a purpose.
//!
//! A stream is addressed by a name and by numbers (round, epoch, query, …). Adding a draw to one
//! purpose never shifts another, and parallel work takes one stream an item, so that results do
//! not depend on the number of threads.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator behind every stream: small, fast and the same on every platform.
pub type Rng = Xoshiro256PlusPlus;

/// A place in the tree of random streams.
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
    /// The root of a run.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x1a7e_5eed_0000_0001))
    }

    /// The stream of one purpose.
    pub fn named(self, purpose: &str) -> Self {
        Self(mix(self.0 ^ fnv1a(purpose.bytes())))
    }

    /// The sub-stream of one item: a round, an epoch, a query.
    pub fn at(self, index: u64) -> Self {
        Self(mix(self.0.rotate_left(23) ^ mix(index.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// The generator that starts here.
    pub fn rng(self) -> Rng {
        Rng::seed_from_u64(self.0)
    }
}

/// The hash FNV-1a of some bytes: the same everywhere and for ever.
pub(crate) fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finaliser of SplitMix64 (Steele et al., 2014): a bijection whose outputs look independent.
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
