//! The best items of many users at once.

use std::cmp::Ordering;

use crate::data::interactions::Ids;
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::ranking::validation::combine;
use crate::ranking::{Candidates, Pools, Scorer};

use super::{ItemPools, Recommender};

/// The `k` best items of every query, best first, each with its score: by one scorer, or by the mean of two,
/// each standardised within the query, of which the second has this weight. Ties by descending id, as everywhere.
pub(super) fn top(
    (scorers, weight): (&[&Recommender], f32),
    pools: &ItemPools,
    names: &Ids,
    k: usize,
) -> Vec<Vec<(u32, f32)>> {
    let lengths = (0..pools.queries()).map(|q| pools.candidates(q));
    // Scores alone take a quarter of what training keeps: more users share each packing of the items.
    let chunks = chunks_by_rows(lengths, 4 * ItemPools::CHUNK);
    let of_chunk = |chunk: usize| {
        let queries: Vec<u32> = chunks[chunk].clone().map(|q| q as u32).collect();
        let scores: Vec<Vec<f32>> =
            scorers.iter().map(|scorer| scorer.score(pools, Candidates::Pools(&queries))).collect();
        let mut start = 0;
        let of_query = |&q: &u32| {
            let segment = start..start + pools.candidates(q as usize);
            start = segment.end;
            let best = |scores: &[f32]| {
                let item = |candidate: usize| pools.item(q, candidate as u32);
                let best = best(scores, k, |a, b| names.name(item(b)).cmp(names.name(item(a))));
                best.into_iter().map(|candidate| (item(candidate), scores[candidate])).collect()
            };
            match scores.as_slice() {
                [g, d] => best(&combine(&g[segment.clone()], &d[segment], weight)),
                one => best(&one[0][segment]),
            }
        };
        queries.iter().map(of_query).collect::<Vec<_>>()
    };
    ordered_map(chunks.len(), of_chunk).concat()
}

/// Indices of the `k` highest scores in descending order; `tie` orders equal ones.
fn best(scores: &[f32], k: usize, tie: impl Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let order = |&a: &usize, &b: &usize| scores[b].total_cmp(&scores[a]).then_with(|| tie(a, b));
    let k = k.min(scores.len());
    if k == 0 {
        return vec![];
    }
    // Whatever is below the k-th best of what was seen so far is out.
    let mut kept: Vec<usize> = Vec::with_capacity(4 * k);
    let mut least = f32::NEG_INFINITY;
    for (i, &score) in scores.iter().enumerate() {
        if score < least {
            continue;
        }
        kept.push(i);
        if kept.len() == 4 * k {
            kept.select_nth_unstable_by(k - 1, order);
            kept.truncate(k);
            least = scores[kept[k - 1]];
        }
    }
    kept.sort_unstable_by(order);
    kept.truncate(k);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_those_of_a_full_sort() {
        let scores: Vec<f32> = (0..500).map(|i| ((i * 7919) % 97) as f32).collect();
        let order = |a: usize, b: usize| b.cmp(&a);
        for k in [0, 1, 3, 10, 499, 500, 600] {
            let mut all: Vec<usize> = (0..500).collect();
            all.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then_with(|| order(a, b)));
            all.truncate(k);
            assert_eq!(best(&scores, k, order), all, "k = {k}");
        }
    }
}
