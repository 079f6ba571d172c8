//! Pools of candidates, one for every query, some of them observed to be relevant.

use std::borrow::Cow;

use crate::team::Team;

/// Candidate pools of a set of queries.
pub trait Pools: Sync {
    /// Candidates of one unit of parallel work: what is made of them fits a core's own cache.
    const CHUNK: usize = 1024;

    /// True when the observed positives are among the candidates that are drawn from a large pool.
    const KEEPS_POSITIVES: bool = false;

    /// Number of queries.
    fn queries(&self) -> usize;

    /// The name of a query, as its file spells it.
    fn name(&self, query: usize) -> &str;

    /// Number of candidates of a query.
    fn candidates(&self, query: usize) -> usize;

    /// The query's observed positives, as sorted indices into its pool.
    fn positives(&self, query: usize) -> &[u32];

    /// The observed grade of every candidate, negative where there is none: `[D_q]`.
    fn grades(&self, query: usize) -> Cow<'_, [i8]>;

    /// The observed grades of documents that are no candidates, which a measure misses: none where every judged
    /// document is in the pool.
    fn unretrieved(&self, _query: usize) -> &[i8] {
        &[]
    }

    /// Identifier of a candidate, for breaking ties and for run files.
    fn document(&self, query: usize, candidate: usize) -> &str;

    /// The processes that share the work on these pools: scores, draws and gradients.
    fn team(&self) -> Team {
        Team::ALONE
    }

    /// The queries that have a positive and something else to prefer it to.
    fn trainable(&self) -> Vec<u32> {
        let usable =
            |&q: &usize| !self.positives(q).is_empty() && self.positives(q).len() < self.candidates(q);
        (0..self.queries()).filter(usable).map(|q| q as u32).collect()
    }
}

/// The `n`-th number, from 0 on, that is not in `sorted`.
pub(super) fn nth_outside(sorted: &[u32], n: u32) -> u32 {
    // Behind the j-th number that is missing, everything has moved by j + 1.
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = (low + high) / 2;
        if sorted[middle] - middle as u32 <= n {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    n + low as u32
}
