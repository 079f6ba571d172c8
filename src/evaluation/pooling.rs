//! Pools of documents to judge (Spärck Jones and van Rijsbergen, 1975): the first of several rankings, and some that chance adds.

use std::collections::BTreeSet;

use rand::seq::SliceRandom as _;

use crate::math::sampling::subset;
use crate::seed::Stream;

/// Plan of the documents that are judged for a query.
///
/// Judgements of the first documents of one ranking alone are unfair to every other ranking, whose documents nobody looked at. A
/// pool therefore takes the first of each, adds some that were found but that no ranking puts first, and shows all in an order that
/// tells neither rank nor ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Number of first documents of each ranking.
    pub depth: usize,
    /// Number of further documents, drawn at random from the rest of the rankings.
    pub random: usize,
    /// Seed of the draws and of the order.
    pub seed: u64,
}

impl Default for Pooling {
    fn default() -> Self {
        Self { depth: 10, random: 5, seed: 1 }
    }
}

impl Pooling {
    /// Returns the pool of the query with the id `query`, of `rankings` with the best documents first, in the order to judge it.
    ///
    /// ```
    /// use irgan::evaluation::Pooling;
    ///
    /// let rankings = [vec!["a", "b", "c", "d"], vec!["b", "e", "a", "f"]];
    /// let mut pool = Pooling { depth: 2, random: 1, seed: 7 }.pool("q1", &rankings);
    /// assert_eq!(pool.len(), 4); // a, b and e, and one of c, d and f
    /// pool.sort();
    /// assert_eq!(&pool[..2], ["a", "b"]);
    /// ```
    pub fn pool<D: Ord + Clone>(&self, query: &str, rankings: &[Vec<D>]) -> Vec<D> {
        let firsts = rankings.iter().flat_map(|ranking| ranking.iter().take(self.depth));
        let mut chosen: BTreeSet<&D> = firsts.collect();
        let rest: BTreeSet<&D> =
            rankings.iter().flatten().filter(|document| !chosen.contains(document)).collect();
        let rest: Vec<&D> = rest.into_iter().collect();
        let stream = Stream::new(self.seed).named("judging pool").named(query);
        let drawn = subset(rest.len(), self.random.min(rest.len()), &mut stream.named("random").rng());
        chosen.extend(drawn.into_iter().map(|place| rest[place]));
        let mut pool: Vec<D> = chosen.into_iter().cloned().collect();
        pool.shuffle(&mut stream.named("order").rng());
        pool
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_holds_the_first_of_every_ranking_and_draws_fairly_from_the_rest() {
        let rankings = [(0..20).collect::<Vec<u32>>(), (10..30).rev().collect()];
        let plan = |seed| Pooling { depth: 3, random: 4, seed };
        let mut counts = [0; 30];
        let mut first = BTreeSet::new();
        for seed in 0..600 {
            let pool = plan(seed).pool("q", &rankings);
            assert_eq!(pool, plan(seed).pool("q", &rankings));
            assert_eq!(pool.len(), 10);
            assert!([0, 1, 2, 29, 28, 27].iter().all(|document| pool.contains(document)), "{pool:?}");
            first.insert(pool[0]);
            pool.into_iter().for_each(|document| counts[document as usize] += 1);
        }
        // 4 of the 24 others in each pool: 100 times in 600, with a deviation of √(600 · 1/6 · 5/6) = 9.1.
        assert!(counts[3..27].iter().all(|count| (60..140).contains(count)), "{counts:?}");
        assert!(first.len() > 15, "the order tells nothing: {first:?}");
        assert_ne!(plan(1).pool("q", &rankings), plan(1).pool("r", &rankings));
    }

    #[test]
    fn small_rankings_are_taken_whole() {
        let plan = Pooling { depth: 2, random: 9, seed: 1 };
        let mut pool = plan.pool("q", &[vec!["a", "b", "c"], vec![]]);
        pool.sort_unstable();
        assert_eq!(pool, ["a", "b", "c"]);
        assert!(plan.pool::<u32>("q", &[]).is_empty());
    }
}
