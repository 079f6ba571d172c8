//! The positives of every user.

use std::sync::Arc;

use super::Ids;

/// Which items every user likes: U users, I items.
#[derive(Clone, Debug, PartialEq)]
pub struct Interactions {
    users: Arc<Ids>,
    items: Arc<Ids>,
    positives: Vec<Vec<u32>>, // [U], ascending
}

/// Positives of another file in the numbers of the training data, and what had to be left out.
#[derive(Clone, Debug)]
pub struct Held {
    /// The positives of users and items that are known.
    pub data: Interactions,
    /// Users with a positive who are missing from the training data.
    pub unknown_users: usize,
    /// Positives of known users whose item is missing from the training data.
    pub unknown_items: usize,
    /// Positives that are training positives too.
    pub repeated: usize,
}

impl Interactions {
    /// The positives of every user: lists of items in any order, without repetition.
    pub fn new(users: Arc<Ids>, items: Arc<Ids>, mut positives: Vec<Vec<u32>>) -> Self {
        assert_eq!(users.len(), positives.len(), "one list a user");
        positives.iter_mut().for_each(|list| list.sort_unstable());
        Self { users, items, positives }
    }

    /// Names of the users.
    pub fn users(&self) -> &Arc<Ids> {
        &self.users
    }

    /// Names of the items.
    pub fn items(&self) -> &Arc<Ids> {
        &self.items
    }

    /// What every user likes, in ascending order: `[U]`.
    pub fn positives(&self) -> &[Vec<u32>] {
        &self.positives
    }

    /// Number of pairs.
    pub fn count(&self) -> usize {
        self.positives.iter().map(Vec::len).sum()
    }

    /// How many users like every item: `[I]`.
    pub fn popularity(&self) -> Vec<u32> {
        let mut counts = vec![0; self.items.len()];
        self.positives.iter().flatten().for_each(|&item| counts[item as usize] += 1);
        counts
    }

    /// `users, items, positives` and who has none, in words.
    pub fn summary(&self) -> String {
        let without = self.positives.iter().filter(|list| list.is_empty()).count();
        let mut text =
            format!("{} users, {} items, {} positives", self.users.len(), self.items.len(), self.count());
        if without > 0 {
            text += &format!("; users without a positive: {without}");
        }
        text
    }

    /// The positives of `other`, read from a file of its own, in the numbers of `self`; those that `self` has
    /// are left out.
    pub fn held_out(&self, other: &Self) -> Held {
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
        Held { data, unknown_users, unknown_items, repeated }
    }

    /// The positives of both; users and items are the same.
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

impl Held {
    /// What was left out, in words; nothing when nothing was.
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
