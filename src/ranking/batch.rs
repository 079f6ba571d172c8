//! Batches and chunks of queries, and sums over them in a fixed order.

use std::ops::Range;

use rand::seq::SliceRandom;

use super::pools::Pools;
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::seed::Stream;

/// The queries of one epoch in mini-batches; in order when one batch holds them all.
pub(super) fn mini_batches(queries: &[u32], batch: usize, stream: Stream) -> Vec<Vec<u32>> {
    let mut order = queries.to_vec();
    if batch == 0 || batch >= order.len() {
        return vec![order];
    }
    order.shuffle(&mut stream.rng());
    order.chunks(batch).map(<[u32]>::to_vec).collect()
}

/// Splits `queries` into chunks of about [`Pools::CHUNK`] candidates, works on each in parallel and
/// returns the results in order: the same on any number of threads.
pub(super) fn map_chunks<P: Pools, T: Send>(
    pools: &P,
    queries: &[u32],
    work: impl Fn(&[u32]) -> T + Sync,
) -> Vec<T> {
    let chunks = chunks(pools, queries);
    ordered_map(chunks.len(), |i| work(&queries[chunks[i].clone()]))
}

/// Places in `queries`, cut into chunks of about [`Pools::CHUNK`] candidates.
pub(super) fn chunks<P: Pools>(pools: &P, queries: &[u32]) -> Vec<Range<usize>> {
    chunks_by_rows(queries.iter().map(|&q| pools.candidates(q as usize)), P::CHUNK)
}

/// The places of each query's candidates among those of all `queries`.
pub(super) fn segments(pools: &impl Pools, queries: &[u32]) -> Vec<Range<usize>> {
    let mut end = 0;
    let mut segment = |&q: &u32| {
        end += pools.candidates(q as usize);
        end - pools.candidates(q as usize)..end
    };
    queries.iter().map(&mut segment).collect()
}

/// Partial sums that are held at a time: a gradient of large tables is large.
const LANES: usize = 8;

/// The sum of `work` over chunks of `queries` as in [`map_chunks`], consecutive chunks being summed by one task;
/// none without queries.
pub(super) fn sum_chunks<P: Pools, T: Send>(
    pools: &P,
    queries: &[u32],
    work: impl Fn(&[u32]) -> T + Sync,
    add: impl Fn(&mut T, T) + Sync,
) -> Option<T> {
    let chunks = chunks(pools, queries);
    let lanes: Vec<_> = chunks.chunks(chunks.len().div_ceil(LANES).max(1)).collect();
    let of_lane = |lane: usize| {
        let parts = lanes[lane].iter().map(|chunk| work(&queries[chunk.clone()]));
        parts.reduce(|mut total, part| {
            add(&mut total, part);
            total
        })
    };
    let sums = ordered_map(lanes.len(), of_lane).into_iter().flatten().collect();
    sum_in_order(sums, &add)
}

/// Folds parts from the first to the last.
pub(super) fn sum_in_order<T>(parts: Vec<T>, mut add: impl FnMut(&mut T, T)) -> Option<T> {
    let mut parts = parts.into_iter();
    let mut total = parts.next()?;
    parts.for_each(|part| add(&mut total, part));
    Some(total)
}
