//! A trained recommender: a folder with `model.toml`, the names of users and items, what every user is known to
//! like, and one safetensors file a network.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pattern;
use super::top::top;
use super::{ItemPools, Recommender, Shape};
use crate::data::interactions::{Ids, Interactions};
use crate::error::{Error, Result};
use crate::files::lines::for_each_line;
use crate::files::no_follow::replace_atomically;
use crate::ranking::networks::{FORMAT, forget_description, read_description};
use crate::ranking::{Method, Networks, Player, Pools as _, Rank, Ranker, Roster, ScoredQuery};

/// Networks over items, ready to recommend.
#[derive(Clone, Debug, PartialEq)]
pub struct RecommenderModel {
    networks: Networks<Recommender>,
    known: Interactions,
}

/// Content of `model.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    kind: String,
    users: usize,
    items: usize,
    players: Roster,
    shapes: BTreeMap<String, Shape>,
}

impl RecommenderModel {
    /// The kind of data in its description.
    pub const KIND: &str = "interactions";

    /// A model of `networks` for users of whom it is `known` what they like.
    pub fn new(networks: Networks<Recommender>, known: Interactions) -> Self {
        Self { networks, known }
    }

    /// Returns the items that every user is known to like.
    pub fn known(&self) -> &Interactions {
        &self.known
    }

    /// The networks of `player`.
    pub fn scorers(&self, player: Player) -> Result<Vec<&Recommender>> {
        self.networks.of(player)
    }

    /// Returns this model with other knowledge of what users like.
    ///
    /// # Panics
    /// When users or items are others.
    #[must_use]
    pub fn with_known(self, known: Interactions) -> Self {
        assert!(known.users() == self.known.users() && known.items() == self.known.items(), "the same names");
        Self { known, ..self }
    }

    /// The `k` best items of each query of `pools`, best first, with their scores by `player`.
    pub fn top(&self, pools: &ItemPools, player: Player, k: usize) -> Result<Vec<Vec<(u32, f32)>>> {
        Ok(top((&self.networks.of(player)?, self.networks.weight()), pools, self.known.items(), k))
    }

    /// Returns the `k` best items of each of `users`, best first, with their scores by `player`; those that a user is known to like are
    /// among them only `with_known`.
    ///
    /// # Errors
    /// When a user is unknown, or the model has no such player.
    pub fn recommend(
        &self,
        users: &[impl AsRef<str>],
        player: Player,
        k: usize,
        with_known: bool,
    ) -> Result<Vec<Vec<(&str, f32)>>> {
        let number = |name: &str| {
            let unknown =
                || Error::Config(format!("user `{name}` is not in the training data of this model"));
            self.known.users().find(name).ok_or_else(unknown)
        };
        let users = users.iter().map(|name| number(name.as_ref())).collect::<Result<Vec<u32>>>()?;
        let pools = match with_known {
            true => ItemPools::all(&self.known, users),
            false => ItemPools::unseen(&self.known, users),
        };
        let named = |items: Vec<(u32, f32)>| {
            items.into_iter().map(|(item, score)| (self.known.items().name(item), score)).collect()
        };
        Ok(self.top(&pools, player, k)?.into_iter().map(named).collect())
    }

    /// Reads the model in `folder`.
    pub fn load(folder: &Path) -> Result<Self> {
        let header: Header = read_description(folder, Self::KIND)?;
        let (users, items) = (read_names(folder, "users.txt")?, read_names(folder, "items.txt")?);
        if (users.len(), items.len()) != (header.users, header.items) {
            let message = format!(
                "expected {} users and {} items, found {} in users.txt and {} in items.txt; train again",
                header.users,
                header.items,
                users.len(),
                items.len()
            );
            return Err(Error::data(folder.join("model.toml"), message));
        }
        let known = read_known(folder, Arc::new(users), Arc::new(items))?;
        let fresh = |name: &str| match header.shapes.get(name) {
            Some(&shape) if fits(shape, header.users, header.items) => {
                let pattern = match shape {
                    Shape::NeighbourWeights(count) => Some(pattern::read(folder, name, header.items, count)?),
                    _ => None,
                };
                Ok(Recommender::zeros(shape, header.users, header.items, pattern))
            }
            _ => Err(Error::data(
                folder.join("model.toml"),
                format!("the shape of `{name}` is missing or too large; train again"),
            )),
        };
        let (users, items) = (header.users, header.items);
        let values =
            |name: &str| header.shapes.get(name).map_or(0, |&shape| size(shape, users, items) as u64);
        let networks = Networks::load(folder, &header.players, values, fresh)?;
        Ok(Self { networks, known })
    }
}

/// Returns `true` for shapes of networks that can have been saved: at most 16 GiB.
fn fits(shape: Shape, users: usize, items: usize) -> bool {
    size(shape, users, items) <= 1 << 32
}

/// Number of values of a network, but for the users' of factors without any rank.
fn size(shape: Shape, users: usize, items: usize) -> usize {
    match shape {
        Shape::Factors(rank) => (users + items).saturating_mul(rank),
        Shape::ItemWeights => items.saturating_mul(items),
        Shape::NeighbourWeights(count) => count,
    }
}

impl Ranker for RecommenderModel {
    fn method(&self) -> Method {
        self.networks.method()
    }

    fn chosen(&self) -> Player {
        self.networks.chosen()
    }

    fn save(&self, folder: &Path) -> Result<()> {
        forget_description(folder)?;
        write_lines(&folder.join("users.txt"), self.known.users().names().iter().cloned())?;
        write_lines(&folder.join("items.txt"), self.known.items().names().iter().cloned())?;
        let numbers = |list: &Vec<u32>| list.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
        write_lines(&folder.join("known.txt"), self.known.positives().iter().map(numbers))?;
        for (name, network) in self.networks.named() {
            if let Recommender::NeighbourWeights(weights) = network {
                pattern::write(folder, name, weights.pattern())?;
            }
        }
        let header = Header {
            format: FORMAT,
            kind: Self::KIND.to_owned(),
            users: self.known.users().len(),
            items: self.known.items().len(),
            players: self.networks.roster(),
            shapes: self.networks.named().map(|(name, network)| (name.to_owned(), network.shape())).collect(),
        };
        self.networks.save(folder, &header)
    }
}

/// Users whose best items are ranked.
#[derive(Clone, Debug)]
pub struct UserQueries {
    /// Users with the items that may be recommended to them.
    pub pools: ItemPools,
    /// Number of items to rank for each.
    pub k: usize,
}

impl Rank for RecommenderModel {
    type Queries = UserQueries;

    fn scored(&self, UserQueries { pools, k }: &UserQueries, player: Player) -> Result<Vec<ScoredQuery>> {
        let named = |(query, items): (usize, Vec<(u32, f32)>)| {
            let name = |(item, score)| (self.known.items().name(item).to_owned(), score);
            ScoredQuery {
                id: pools.name(query).to_owned(),
                candidates: items.into_iter().map(name).collect(),
            }
        };
        Ok(self.top(pools, player, *k)?.into_iter().enumerate().map(named).collect())
    }
}

fn write_lines(path: &Path, lines: impl Iterator<Item = String>) -> Result<()> {
    replace_atomically(path, |writer| lines.into_iter().try_for_each(|line| writeln!(writer, "{line}")))
}

fn read_names(folder: &Path, file: &str) -> Result<Ids> {
    let path = folder.join(file);
    let mut ids = Ids::default();
    for_each_line(&path, |line, bytes, _| {
        let name = std::str::from_utf8(bytes).ok().filter(|name| ids.find(name).is_none());
        let name = name.ok_or_else(|| Error::parse(&path, line, "a name that was not there yet", bytes))?;
        ids.number(name);
        Ok(())
    })?;
    Ok(ids)
}

/// `known.txt`: a line for every user, the numbers of the items.
fn read_known(folder: &Path, users: Arc<Ids>, items: Arc<Ids>) -> Result<Interactions> {
    let path = folder.join("known.txt");
    let mut positives = vec![];
    for_each_line(&path, |line, bytes, _| {
        let number = |text: &str| text.parse::<u32>().ok().filter(|&item| (item as usize) < items.len());
        let list =
            std::str::from_utf8(bytes).ok().and_then(|text| text.split_whitespace().map(number).collect());
        let mut list: Vec<u32> =
            list.ok_or_else(|| Error::parse(&path, line, format!("numbers below {}", items.len()), bytes))?;
        list.sort_unstable();
        list.dedup();
        positives.push(list);
        Ok(())
    })?;
    if positives.len() != users.len() {
        let message = format!("expected {} lines, found {}; train again", users.len(), positives.len());
        return Err(Error::data(path, message));
    }
    Ok(Interactions::new(users, items, positives))
}
