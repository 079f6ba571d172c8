//! Batches and chunks of queries, and sums over them in a fixed order.

use std::ops::Range;

use rand::seq::SliceRandom;

use super::pools::Pools;
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::nn::{Gradient, Part};
use crate::seed::Stream;
use crate::team::{Team, Wire};

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

/// A sum over documents: a gradient, and what is counted beside it.
type Sum<G, C> = (G, C);

/// The sum of `work` over chunks of `queries` as in [`map_chunks`], consecutive chunks being summed by one task;
/// none without queries. `zero` makes an empty gradient, `add` adds what is counted.
pub(super) fn sum_chunks<P: Pools, G: Gradient, C: Wire + Send>(
    pools: &P,
    queries: &[u32],
    zero: impl Fn() -> G,
    work: impl Fn(&[u32]) -> Sum<G, C> + Sync,
    add: impl Fn(&mut C, C) + Sync,
) -> Option<Sum<G, C>> {
    let chunks = chunks(pools, queries);
    let lanes: Vec<_> = chunks.chunks(chunks.len().div_ceil(LANES).max(1)).collect();
    let of_lane = |lane: usize| {
        let parts = lanes[lane].iter().map(|chunk| work(&queries[chunk.clone()]));
        in_order(parts, &add).expect("a lane has a chunk")
    };
    sum(pools.team(), lanes.len(), zero, of_lane, &add)
}

/// The sum of `n` parts from the first to the last, computed in parallel by all processes of a team; none without parts.
pub(super) fn sum<G: Gradient, C: Wire + Send>(
    team: Team,
    n: usize,
    zero: impl Fn() -> G,
    part: impl Fn(usize) -> Sum<G, C> + Sync,
    add: impl Fn(&mut C, C),
) -> Option<Sum<G, C>> {
    if team.size() == 1 {
        return in_order(ordered_map(n, part), add);
    }
    // All parts go to all: of small gradients, which these are, a message takes longer to begin than to send.
    let parts = team.map(n, |i| {
        let (mut gradient, counted) = part(i);
        (values(&mut gradient), counted)
    });
    in_order(parts.into_iter().map(|(values, counted)| (with_values(zero(), values), counted)), add)
}

/// Adds parts from the first to the last.
fn in_order<G: Gradient, C>(
    parts: impl IntoIterator<Item = Sum<G, C>>,
    add: impl Fn(&mut C, C),
) -> Option<Sum<G, C>> {
    parts.into_iter().reduce(|(mut gradient, mut counted), (more, others)| {
        gradient.accumulate(more);
        add(&mut counted, others);
        (gradient, counted)
    })
}

/// The values of every tensor of a gradient.
fn values(gradient: &mut impl Gradient) -> Vec<Vec<f32>> {
    let of_part = |part: Part<'_>| match part {
        Part::Whole(values) => values.to_vec(),
        Part::Rows(..) => unreachable!("only pools of dense networks are shared"),
    };
    gradient.parts().into_iter().map(of_part).collect()
}

/// A gradient with these values, tensor by tensor.
fn with_values<G: Gradient>(mut zero: G, values: Vec<Vec<f32>>) -> G {
    zero.values_mut().into_iter().zip(&values).for_each(|(into, values)| into.copy_from_slice(values));
    zero
}
