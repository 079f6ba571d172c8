//! Candidates that a scorer of items scored, kept for its backward pass.

use super::ItemPools;
use crate::ranking::{Candidates, Pools};

/// A forward pass over some pools or pairs.
#[derive(Clone, Debug)]
pub struct Scored<'a> {
    pub(super) pools: &'a ItemPools,
    pub(super) what: What,
}

/// Part of the pools that was scored.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// All items for each of these queries.
    Pools(Vec<u32>),
    /// Pairs of query and item.
    Pairs(Vec<(u32, u32)>),
}

impl<'a> Scored<'a> {
    pub(super) fn new(pools: &'a ItemPools, candidates: Candidates<'_>) -> Self {
        let what = match candidates {
            Candidates::Pools(queries) if pools.are_whole() => What::Pools(queries.to_vec()),
            Candidates::Pools(queries) => {
                let all = |&q: &u32| {
                    let count = pools.candidates(q as usize) as u32;
                    (0..count).map(move |candidate| (q, pools.item(q, candidate)))
                };
                What::Pairs(queries.iter().flat_map(all).collect())
            }
            Candidates::Pairs(pairs) => {
                What::Pairs(pairs.iter().map(|&(q, c)| (q, pools.item(q, c))).collect())
            }
        };
        Self { pools, what }
    }
}
