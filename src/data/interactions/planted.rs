//! Generator of interactions by planted preferences, of any size.
//!
//! Users and items have hidden factors, and the popularity of an item falls as a power of its rank. A user meets items by
//! popularity, and likes those with the largest dot product of factors plus noise; some others are rated low.

use std::fmt::Write as _;

use ndarray_rand::rand_distr::{Distribution, StandardNormal};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::math::dot;
use crate::math::parallel::ordered_map;
use crate::math::sampling::{Alias, subset};
use crate::seed::{Rng, Stream};

/// Size and difficulty of generated interactions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlantedInteractions {
    /// Number of users.
    pub users: usize,
    /// Number of items.
    pub items: usize,
    /// Mean number of items that a user likes; the number is uniform between half and one and a half of it.
    pub liked: usize,
    /// Number of hidden factors.
    pub rank: usize,
    /// Number of items met for every one that is liked. The larger it is, the more preference counts against popularity.
    pub choice: usize,
    /// Share of every user's positives that become test data.
    pub test: f64,
    /// Seed of all draws.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
}

impl Default for PlantedInteractions {
    fn default() -> Self {
        Self { users: 200, items: 300, liked: 20, rank: 6, choice: 6, test: 0.2, seed: 1 }
    }
}

/// Rating as (user, item, stars from 1 to 5, time).
pub type Stars = (u32, u32, u8, u32);

impl PlantedInteractions {
    /// Generates training and test ratings, user by user. The result does not depend on the number of threads.
    ///
    /// # Errors
    /// When a size is out of range.
    ///
    /// ```
    /// use irgan::data::interactions::planted::PlantedInteractions;
    ///
    /// let config = PlantedInteractions { users: 5, items: 30, liked: 4, ..Default::default() };
    /// let (train, _test) = config.generate()?;
    /// assert!(train.iter().all(|&(user, item, stars, _)| user < 5 && item < 30 && (1..=5).contains(&stars)));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn generate(&self) -> Result<(Vec<Stars>, Vec<Stars>)> {
        self.validate()?;
        let root = Stream::new(self.seed).named("planted interactions");
        let factors = |name: &str, count: usize| -> Vec<f32> {
            let mut rng = root.named(name).rng();
            (0..count * self.rank).map(|_| StandardNormal.sample(&mut rng)).collect()
        };
        let (users, items) = (factors("users", self.users), factors("items", self.items));
        let popularity: Vec<f32> = (0..self.items).map(|i| (i as f32 + 10.0).powf(-0.8)).collect();
        let popularity = Alias::new(&popularity);
        let of_user = |user: usize| {
            let mut rng = root.named("choices").at(user as u64).rng();
            let taste = &users[user * self.rank..][..self.rank];
            self.of_user(user, taste, &items, &popularity, &mut rng)
        };
        let (train, test): (Vec<_>, Vec<_>) = ordered_map(self.users, of_user).into_iter().unzip();
        Ok((train.concat(), test.concat()))
    }

    /// Generates the training and test ratings of one user, whose factors are `taste: [rank]`.
    fn of_user(
        &self,
        user: usize,
        taste: &[f32],
        items: &[f32],
        popularity: &Alias,
        rng: &mut Rng,
    ) -> (Vec<Stars>, Vec<Stars>) {
        let liked =
            rng.random_range(self.liked.div_ceil(2)..=self.liked + self.liked / 2).min(self.items / 2);
        let mut met: Vec<u32> = (0..liked * self.choice).map(|_| popularity.sample(rng) as u32).collect();
        met.sort_unstable();
        met.dedup();
        let mut pleasure: Vec<(f32, u32)> = met
            .into_iter()
            .map(|item| {
                let noise: f32 = StandardNormal.sample(rng);
                (dot(taste, &items[item as usize * self.rank..][..self.rank]) + noise, item)
            })
            .collect();
        pleasure.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let liked = liked.min(pleasure.len());
        let held = subset(liked, ((liked as f64 * self.test) as usize).min(liked.saturating_sub(1)), rng);
        let (mut train, mut test) = (vec![], vec![]);
        for (place, &(_, item)) in pleasure.iter().enumerate().take(liked + liked / 4) {
            let stars = if place < liked { rng.random_range(4..=5) } else { rng.random_range(1..=3) };
            let rating = (user as u32, item, stars, rng.random_range(0..1_000_000));
            if held.binary_search(&place).is_ok() { test.push(rating) } else { train.push(rating) }
        }
        (train, test)
    }

    fn validate(&self) -> Result<()> {
        let sizes = [self.users, self.items, self.liked, self.rank, self.choice];
        let bounded = sizes.iter().all(|size| (1..=1 << 24).contains(size))
            && self.users.saturating_mul(self.liked).saturating_mul(self.choice) <= 1 << 33
            && self.users.max(self.items).saturating_mul(self.rank) <= 1 << 30;
        if !bounded || self.items < 2 {
            return Err(Error::Config(
                "users, items, liked, rank and choice must be at least 1 (items 2), and their products fit into memory"
                    .into(),
            ));
        }
        if !(0.0..1.0).contains(&self.test) {
            return Err(Error::Config("the share of test data must lie in [0, 1)".into()));
        }
        Ok(())
    }
}

/// Returns tab-separated lines of `user item rating time`, with users u1, u2, … and items i1, i2, ….
pub fn lines(ratings: &[Stars]) -> String {
    let mut text = String::new();
    for (user, item, stars, time) in ratings {
        let _ = writeln!(text, "u{}\ti{}\t{stars}\t{time}", user + 1, item + 1);
    }
    text
}
