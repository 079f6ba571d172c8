//! Sets of positives: the items that every user likes.

use std::sync::Arc;

use super::Ids;
use crate::files::count::counted;

/// Positives of U users among I items.
#[derive(Clone, Debug, PartialEq)]
pub struct Interactions {
    users: Arc<Ids>,
    items: Arc<Ids>,
    positives: Vec<Vec<u32>>, // [U], ascending
}

/// Positives of another file, numbered as in the training data, and counts of those that had to be left out.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// Positives whose user and item are in the training data.
    pub data: Interactions,
    /// Number of users with a positive who are missing from the training data.
    pub unknown_users: usize,
    /// Number of positives of known users whose item is missing from the training data.
    pub unknown_items: usize,
    /// Number of positives that are training positives too.
    pub repeated: usize,
}

impl Interactions {
    /// Makes a set of the positives of every user: `[U]` lists of different items in any order.
    ///
    /// # Panics
    /// When there is not one list for each user.
    pub fn new(users: Arc<Ids>, items: Arc<Ids>, mut positives: Vec<Vec<u32>>) -> Self {
        assert_eq!(users.len(), positives.len(), "one list a user");
        positives.iter_mut().for_each(|list| list.sort_unstable());
        Self { users, items, positives }
    }

    /// Returns the ids of the users: `[U]`.
    pub fn users(&self) -> &Arc<Ids> {
        &self.users
    }

    /// Returns the ids of the items: `[I]`.
    pub fn items(&self) -> &Arc<Ids> {
        &self.items
    }

    /// Returns the positives of every user, in ascending order: `[U]` lists.
    pub fn positives(&self) -> &[Vec<u32>] {
        &self.positives
    }

    /// Returns the number of positives of all users.
    pub fn count(&self) -> usize {
        self.positives.iter().map(Vec::len).sum()
    }

    /// Counts the users who like each item: `[I]`.
    pub fn popularity(&self) -> Vec<u32> {
        let mut counts = vec![0; self.items.len()];
        self.positives.iter().flatten().for_each(|&item| counts[item as usize] += 1);
        counts
    }

    /// Returns the users who like each item, in ascending order: `[I]` lists.
    pub fn likers(&self) -> Vec<Vec<u32>> {
        let mut likers = vec![vec![]; self.items.len()];
        for (user, list) in (0..).zip(&self.positives) {
            list.iter().for_each(|&item| likers[item as usize].push(user));
        }
        likers
    }

    /// Describes the numbers of users, items and positives, and of users without a positive, in words.
    pub fn summary(&self) -> String {
        let without = self.positives.iter().filter(|list| list.is_empty()).count();
        let (users, items) = (counted(self.users.len(), "user"), counted(self.items.len(), "item"));
        let mut text = format!("{users}, {items}, {}", counted(self.count(), "positive"));
        if without > 0 {
            text += &format!("; users without a positive: {without}");
        }
        text
    }

    /// Renumbers the positives of `other`, read from another file, by the users and items of `self`, and leaves out those
    /// that `self` has.
    pub fn held_out(&self, other: &Self) -> HeldOut {
        let mut positives = vec![vec![]; self.users.len()];
        let (mut unknown_users, mut unknown_items, mut repeated) = (0, 0, 0);
        for (name, list) in other.users.names().iter().zip(&other.positives) {
            let Some(user) = self.users.find(name) else {
                unknown_users += usize::from(!list.is_empty());
                continue;
            };
            for &item in list {
                match self.items.find(other.items.name(item)) {
                    None => unknown_items += 1,
                    Some(item) if self.likes(user, item) => repeated += 1,
                    Some(item) => positives[user as usize].push(item),
                }
            }
        }
        let data = Self::new(self.users.clone(), self.items.clone(), positives);
        HeldOut { data, unknown_users, unknown_items, repeated }
    }

    /// Returns the union of the positives of `self` and `other`, which have equal users and items.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let joined = self.positives.iter().zip(&other.positives).map(|(a, b)| {
            let mut all = [a.as_slice(), b].concat();
            all.sort_unstable();
            all.dedup();
            all
        });
        Self { users: self.users.clone(), items: self.items.clone(), positives: joined.collect() }
    }

    fn likes(&self, user: u32, item: u32) -> bool {
        self.positives[user as usize].binary_search(&item).is_ok()
    }
}

impl HeldOut {
    /// Describes the positives that were left out, in words; `None` when there are none.
    pub fn left_out(&self) -> Option<String> {
        let parts = [
            (self.unknown_users, "users missing from the training data"),
            (self.unknown_items, "positives of items missing from the training data"),
            (self.repeated, "positives that are training positives"),
        ];
        let told: Vec<_> = parts
            .into_iter()
            .filter(|&(count, _)| count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}
