//! Every user's pool: all items, or all but those the user is known to like.

use std::borrow::Cow;
use std::sync::Arc;

use crate::data::features::UNLABELLED;
use crate::data::interactions::{Ids, Interactions};
use crate::ranking::Pools;
use crate::ranking::pools::nth_outside;
use crate::seed::Stream;

/// Pools of items; the queries are some of the users.
#[derive(Clone, Debug)]
pub struct ItemPools {
    items: Arc<Ids>,
    names: Arc<Ids>,          // of all users
    users: Vec<u32>,          // [Q], the user behind every query
    history: Vec<Vec<u32>>,   // [U], what each is known to like, ascending
    positives: Vec<Vec<u32>>, // [Q], candidates, ascending
    without_history: bool,    // whether the history has left the pools
}

impl ItemPools {
    /// All items for every user; positive are those the user likes.
    pub fn training(data: &Interactions) -> Self {
        Self {
            items: Arc::clone(data.items()),
            names: Arc::clone(data.users()),
            users: (0..data.users().len() as u32).collect(),
            history: data.positives().to_vec(),
            positives: data.positives().to_vec(),
            without_history: false,
        }
    }

    /// The items that a user is not known to like yet, for the users who have a positive in `held`; of these
    /// at most so many, drawn by `stream`, that all pools together have no more than `most` candidates.
    pub fn held_out(known: &Interactions, held: &Interactions, most: usize, stream: Stream) -> Self {
        let with = |&user: &u32| !held.positives()[user as usize].is_empty();
        let mut users: Vec<u32> = (0..known.users().len() as u32).filter(with).collect();
        let limit = (most / known.items().len().max(1)).max(1);
        if users.len() > limit {
            let chosen = crate::math::sampling::subset(users.len(), limit, &mut stream.rng());
            users = chosen.into_iter().map(|i| users[i]).collect();
        }
        let pools = Self::unseen(known, users);
        let positives = pools.users.iter().map(|&user| {
            let known = &pools.history[user as usize];
            let place = |&item: &u32| item - known.partition_point(|&k| k < item) as u32;
            held.positives()[user as usize].iter().map(place).collect()
        });
        Self { positives: positives.collect(), ..pools }
    }

    /// All items for each of `users`, nothing being known of what they will like.
    pub fn all(known: &Interactions, users: Vec<u32>) -> Self {
        Self { without_history: false, ..Self::unseen(known, users) }
    }

    /// The items that each of `users` is not known to like, nothing being known of what they will.
    pub fn unseen(known: &Interactions, users: Vec<u32>) -> Self {
        Self {
            items: Arc::clone(known.items()),
            names: Arc::clone(known.users()),
            positives: vec![vec![]; users.len()],
            users,
            history: known.positives().to_vec(),
            without_history: true,
        }
    }

    /// Returns the number of items.
    pub fn items(&self) -> usize {
        self.items.len()
    }

    /// The user behind a query.
    pub fn user(&self, query: u32) -> u32 {
        self.users[query as usize]
    }

    /// The item behind a candidate.
    pub fn item(&self, query: u32, candidate: u32) -> u32 {
        nth_outside(self.left(query), candidate)
    }

    /// The candidate that an item is, which must be in the query's pool.
    pub fn candidate(&self, query: u32, item: u32) -> u32 {
        item - self.left(query).partition_point(|&known| known < item) as u32
    }

    /// Returns the items that the query's user is known to like, in ascending order.
    pub fn history(&self, query: u32) -> &[u32] {
        &self.history[self.user(query) as usize]
    }

    /// The items that are not in the query's pool, in ascending order.
    pub fn left(&self, query: u32) -> &[u32] {
        if self.without_history { self.history(query) } else { &[] }
    }

    /// Takes from `values`, one an item, those of the query's candidates.
    pub(super) fn extend_with_candidates(&self, into: &mut Vec<f32>, values: &[f32], query: u32) {
        let mut start = 0;
        for &item in self.left(query) {
            into.extend_from_slice(&values[start..item as usize]);
            start = item as usize + 1;
        }
        into.extend_from_slice(&values[start..]);
    }

    /// Returns `true` when every pool holds all items.
    pub(super) fn are_whole(&self) -> bool {
        !self.without_history
    }
}

impl Pools for ItemPools {
    // Enough users that packing a large table for a product pays.
    const CHUNK: usize = 5 << 18;
    const KEEPS_POSITIVES: bool = true;

    fn queries(&self) -> usize {
        self.users.len()
    }

    fn name(&self, query: usize) -> &str {
        self.names.name(self.user(query as u32))
    }

    fn candidates(&self, query: usize) -> usize {
        self.items.len() - self.left(query as u32).len()
    }

    fn positives(&self, query: usize) -> &[u32] {
        &self.positives[query]
    }

    fn grades(&self, query: usize) -> Cow<'_, [i8]> {
        let mut grades = vec![UNLABELLED; self.candidates(query)];
        self.positives[query].iter().for_each(|&candidate| grades[candidate as usize] = 1);
        grades.into()
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        self.items.name(self.item(query as u32, candidate as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_numbered_around_what_is_known() {
        let ids = |n: usize| Arc::new((0..n).map(|i| format!("i{i}")).collect::<Ids>());
        let known = Interactions::new(ids(2), ids(6), vec![vec![1, 2, 5], vec![]]);
        let held = Interactions::new(ids(2), ids(6), vec![vec![3, 0], vec![]]);
        let pools = ItemPools::held_out(&known, &held, 1000, Stream::new(1));
        assert_eq!((pools.queries(), pools.user(0), pools.candidates(0)), (1, 0, 3));
        assert_eq!((0..3).map(|c| pools.item(0, c)).collect::<Vec<_>>(), [0, 3, 4]);
        assert_eq!(pools.positives(0), [0, 1]);
        assert_eq!((pools.document(0, 2), pools.name(0)), ("i4", "i0"));
        let mut kept = vec![];
        pools.extend_with_candidates(&mut kept, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 0);
        assert_eq!(kept, [0.0, 3.0, 4.0]);
    }
}
