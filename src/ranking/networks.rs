//! The networks of a trained ranker, whatever they score, and the folder they are kept in.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::validation::{EVEN, combine};
use super::{Method, Scorer};
use crate::error::{Error, Result};
use crate::files::model_folder::{self, DESCRIPTION};
use crate::files::toml_file;
use crate::math::parallel::ordered_map;
use crate::nn::{load_tensors, save_tensors};

/// Player of a model that ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Player {
    /// The generator.
    #[cfg_attr(feature = "cli", value(alias = "generator"))]
    G,
    /// The discriminator.
    #[cfg_attr(feature = "cli", value(alias = "discriminator"))]
    D,
    /// Both, each standardised within its query: their mean, or weighted as validation data chose.
    Both,
    /// The one network of a model that was not trained adversarially.
    #[serde(rename = "ranker")]
    #[cfg_attr(feature = "cli", value(name = "ranker"))]
    Single,
    /// The prior alone, which no network corrects.
    Prior,
    /// Of each model of a bag the player that its own validation data chose.
    Each,
}

impl fmt::Display for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::G => "g",
            Self::D => "d",
            Self::Both => "both",
            Self::Single => "ranker",
            Self::Prior => "prior",
            Self::Each => "each",
        })
    }
}

impl Player {
    /// Every player of a single model.
    const ALL: [Self; 5] = [Self::G, Self::D, Self::Both, Self::Single, Self::Prior];

    /// The names of the networks that the player needs: of `both`, those of one round.
    fn networks(self) -> &'static [&'static str] {
        match self {
            Self::G => &["generator"],
            Self::D => &["discriminator"],
            Self::Both => &["both-generator", "both-discriminator"],
            Self::Single => &["ranker"],
            Self::Prior => &["prior"],
            Self::Each => &["each"], // which no model has
        }
    }
}

/// List of a model's networks in its description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Roster {
    /// Method that trained the networks.
    pub method: Method,
    /// The player that did best on the validation data.
    pub chosen: Player,
    /// Names of the networks; each has a file.
    pub networks: Vec<String>,
    /// Weight of the discriminator when both players rank together.
    #[serde(default = "even", skip_serializing_if = "is_even")]
    pub weight: f32,
}

fn even() -> f32 {
    EVEN
}

fn is_even(weight: &f32) -> bool {
    *weight == EVEN
}

/// The networks of all players.
#[derive(Clone, Debug, PartialEq)]
pub struct Networks<S> {
    method: Method,
    chosen: Player,
    weight: f32, // of the discriminator beside the generator
    by_name: BTreeMap<&'static str, S>,
}

impl<S: Scorer> Networks<S> {
    /// The one network of a baseline.
    pub fn baseline(method: Method, network: S) -> Self {
        Self { method, chosen: Player::Single, weight: EVEN, by_name: BTreeMap::from([("ranker", network)]) }
    }

    /// The generator of a game without a discriminator.
    pub(super) fn generator(method: Method, g: S) -> Self {
        Self { method, chosen: Player::G, weight: EVEN, by_name: BTreeMap::from([("generator", g)]) }
    }

    /// Adds `zero`, a network whose scores are all 0, so that the prior ranks alone; it is chosen where `chosen` says so.
    pub(super) fn with_prior(mut self, zero: S, chosen: bool) -> Self {
        self.by_name.insert("prior", zero);
        if chosen {
            self.chosen = Player::Prior;
        }
        self
    }

    /// The networks of a game, of which `chosen` did best; the discriminator of both has this `weight`.
    pub(super) fn players(
        method: Method,
        (chosen, weight): (Player, f32),
        g: S,
        d: S,
        (both_g, both_d): (S, S),
    ) -> Self {
        let names = [Player::G, Player::D, Player::Both].map(Player::networks).concat();
        Self { method, chosen, weight, by_name: names.into_iter().zip([g, d, both_g, both_d]).collect() }
    }

    /// Method that trained the networks.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The player that did best on the validation data.
    pub fn chosen(&self) -> Player {
        self.chosen
    }

    /// Weight of the discriminator's standardised scores when both players rank together.
    pub fn weight(&self) -> f32 {
        self.weight
    }

    /// Returns true when the model has all networks of `player`.
    pub fn has(&self, player: Player) -> bool {
        player.networks().iter().all(|name| self.by_name.contains_key(name))
    }

    /// Returns the list of the networks for the model's description.
    pub fn roster(&self) -> Roster {
        let networks = self.by_name.keys().map(|&name| name.to_owned()).collect();
        Roster { method: self.method, chosen: self.chosen, networks, weight: self.weight }
    }

    /// The networks by name.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &S)> {
        self.by_name.iter().map(|(&name, network)| (name, network))
    }

    /// Any of the networks.
    pub(super) fn any(&self) -> &S {
        self.by_name.values().next().expect("a model has a network")
    }

    /// Writes every network to its file in `folder`, then `description` to `model.toml`.
    pub fn save(&self, folder: &Path, description: &impl Serialize) -> Result<()> {
        forget_description(folder)?;
        for (name, network) in &self.by_name {
            save_tensors(&folder.join(format!("{name}.safetensors")), network)?;
        }
        toml_file::write(&folder.join(DESCRIPTION), description)
    }

    /// Reads the networks of `roster` from `folder`; `fresh` makes one of the right shape by its name. It is not called
    /// where the file is too short for the number of `values` in that network.
    pub fn load(
        folder: &Path,
        roster: &Roster,
        values: impl Fn(&str) -> u64,
        fresh: impl Fn(&str) -> Result<S>,
    ) -> Result<Self> {
        let path = folder.join(DESCRIPTION);
        let known = Player::ALL.map(Player::networks).concat();
        let mut by_name = BTreeMap::new();
        for name in &roster.networks {
            let Some(&name) = known.iter().find(|known| *known == name) else {
                return Err(Error::data(&path, format!("unknown network `{name}`")));
            };
            let file = folder.join(format!("{name}.safetensors"));
            let length = std::fs::metadata(&file).map_err(|source| Error::io(&file, "read", source))?.len();
            if values(name).saturating_mul(4) > length {
                let message =
                    format!("too short for the network that {DESCRIPTION} describes; train the model again");
                return Err(Error::data(&file, message));
            }
            let mut network = fresh(name)?;
            load_tensors(&file, &mut network)?;
            by_name.insert(name, network);
        }
        if !(0.0..=1.0).contains(&roster.weight) {
            return Err(Error::data(&path, "the weight of the discriminator must lie in [0, 1]"));
        }
        let (method, chosen, weight) = (roster.method, roster.chosen, roster.weight);
        let networks = Self { method, chosen, weight, by_name };
        match networks.of(roster.chosen) {
            Ok(_) => Ok(networks),
            Err(cause) => Err(Error::data(&path, cause.to_string())),
        }
    }

    /// The networks that `player` needs: one, or the two that rank together.
    pub fn of(&self, player: Player) -> Result<Vec<&S>> {
        let found = |player: Player| player.networks().iter().map(|name| self.by_name.get(name)).collect();
        let found: Option<Vec<&S>> = found(player);
        found.ok_or_else(|| {
            let players = Player::ALL.iter().filter(|&&player| self.has(player));
            let players: Vec<_> = players.map(Player::to_string).collect();
            Error::Config(format!(
                "this model ({}) has no player `{player}`; it has: {}",
                self.method,
                players.join(", ")
            ))
        })
    }

    /// The scores of `player` for each of `queries` pools, in their order; `score` gives a network's
    /// scores of one pool.
    pub fn score(
        &self,
        player: Player,
        queries: usize,
        score: impl Fn(&S, u32) -> Vec<f32> + Sync,
    ) -> Result<Vec<Vec<f32>>> {
        let networks = self.of(player)?;
        Ok(ordered_map(queries, |q| {
            let scores: Vec<_> = networks.iter().map(|network| score(network, q as u32)).collect();
            match scores.as_slice() {
                [g, d] => combine(g, d, self.weight),
                _ => scores.concat(),
            }
        }))
    }
}

/// Version of a model folder's layout.
pub(super) const FORMAT: u32 = 2;

/// Part of every description that is read first.
#[derive(Deserialize)]
struct Version {
    format: u32,
    kind: Option<String>,
    /// Generators of sentences say whether they write text.
    text: Option<bool>,
}

/// The kind of data a model ranks, by its description.
pub fn kind_of(folder: &Path) -> Result<String> {
    let version: Version = parse(folder)?;
    let path = folder.join(DESCRIPTION);
    if version.text.is_some() {
        let message = "a generator of sentences, made by `seqgan`, ranks nothing: `seqgan generate`, `seqgan eval` and \
                       `seqgan score` take it";
        return Err(Error::data(folder, message));
    }
    match (version.format, version.kind) {
        (FORMAT, Some(kind)) => Ok(kind),
        (FORMAT, None) => Err(Error::data(&path, "the model does not say its `kind`; train again")),
        (found, _) => {
            let message = format!("format {found} is not the {FORMAT} this program reads; train again");
            Err(Error::data(&path, message))
        }
    }
}

/// The description of a model of `kind` in `folder`.
pub(super) fn read_description<H: DeserializeOwned>(folder: &Path, kind: &str) -> Result<H> {
    match kind_of(folder)? {
        found if found == kind => parse(folder),
        found => {
            let ranks = match found.as_str() {
                "interactions" => "; `irgan recommend` and `irgan rank` use it",
                "features" | "answers" => "; `irgan rank` ranks by it",
                _ => "",
            };
            Err(Error::data(folder, format!("a model of {found}, where one of {kind} is needed{ranks}")))
        }
    }
}

fn parse<H: DeserializeOwned>(folder: &Path) -> Result<H> {
    let text = model_folder::read_description(folder)?;
    toml::from_str(&text).map_err(|cause: toml::de::Error| {
        let message = format!("not the description of a model of this version ({})", cause.message());
        Error::data(folder.join(DESCRIPTION), message)
    })
}

/// Makes `folder` when it is missing and takes away its description: without one, a folder of old and new
/// files is no model.
pub(super) fn forget_description(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", source))?;
    let path = folder.join(DESCRIPTION);
    match std::fs::remove_file(&path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, "replace", cause)),
        _ => Ok(()),
    }
}
