//! A trained ranker: a folder with `model.toml` and one safetensors file a player.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::validation::combine;
use super::{Candidates, FeaturePools, Method, Pools, Scorer, ScorerConfig, TrainConfig};
use crate::atomic::write_atomically;
use crate::data::normalize::Normalizer;
use crate::data::{FeatureSelection, RankingSet};
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::nn::{Mlp, load_tensors, save_tensors};
use crate::seed::Stream;

/// Which network of a model ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Player {
    /// The generator.
    G,
    /// The discriminator.
    D,
    /// The mean of both, each standardised within its query.
    Both,
    /// The one network of a model that was not trained adversarially.
    Ranker,
}

impl fmt::Display for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::G => "g",
            Self::D => "d",
            Self::Both => "both",
            Self::Ranker => "ranker",
        })
    }
}

/// Networks over feature vectors, ready to rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    header: Header,
    networks: BTreeMap<&'static str, Mlp>,
}

/// What `model.toml` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    method: Method,
    /// The player that did best on the validation data.
    chosen: Player,
    networks: Vec<String>,
    features: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<FeatureSelection>,
    /// Features of the training file, before the selection.
    file_features: usize,
    scorer: ScorerConfig,
    normalizer: Normalizer,
}

impl Header {
    /// Refuses what `save` never writes, before networks of that size are made.
    fn validate(&self) -> Result<()> {
        self.scorer.validate()?;
        self.normalizer.validate()?;
        let features = self.normalizer.features();
        if self.features != features || !(1..=MOST_FEATURES).contains(&features) {
            let found = self.features;
            return Err(Error::Config(format!("{found} features do not fit a normalizer of {features}")));
        }
        Ok(())
    }
}

/// More features are no sensible model, but a damaged file.
const MOST_FEATURES: usize = 1 << 20;

/// Version of the folder's layout.
const FORMAT: u32 = 1;

impl Model {
    /// A model of `method` whose networks stand under the names of [`Model::networks_of`].
    pub(super) fn new(
        method: Method,
        chosen: Player,
        config: &TrainConfig,
        normalizer: Normalizer,
        file_features: usize,
        networks: Vec<(&'static str, Mlp)>,
    ) -> Self {
        let features = networks.first().map_or(0, |(_, network)| network.inputs());
        let header = Header {
            format: FORMAT,
            method,
            chosen,
            networks: networks.iter().map(|(name, _)| (*name).to_owned()).collect(),
            features,
            selection: config.features.clone(),
            file_features,
            scorer: config.scorer.clone(),
            normalizer,
        };
        Self { header, networks: networks.into_iter().collect() }
    }

    /// What the model was trained by.
    pub fn method(&self) -> Method {
        self.header.method
    }

    /// The player that did best on the validation data.
    pub fn chosen(&self) -> Player {
        self.header.chosen
    }

    /// Number of features it was trained on.
    pub fn features(&self) -> usize {
        self.header.features
    }

    /// The files' names of the networks that a player needs: of `both`, those of one round.
    fn networks_of(player: Player) -> &'static [&'static str] {
        match player {
            Player::G => &["generator"],
            Player::D => &["discriminator"],
            Player::Both => &["both-generator", "both-discriminator"],
            Player::Ranker => &["ranker"],
        }
    }

    /// Writes the model into `folder`, which is made when missing.
    pub fn save(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", source))?;
        let description = folder.join("model.toml");
        // Without its description a folder of old and new networks is no model.
        remove(&description)?;
        for (name, network) in &self.networks {
            save_tensors(&folder.join(format!("{name}.safetensors")), network)?;
        }
        let text = toml::to_string(&self.header).map_err(|cause| Error::data(folder, cause.to_string()))?;
        write_atomically(&description, |writer| writer.write_all(text.as_bytes()))
    }

    /// Reads the model in `folder`.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("model.toml");
        let text = std::fs::read_to_string(&path).map_err(|source| Error::io(&path, "read", source))?;
        let header: Header = toml::from_str(&text).map_err(|cause| {
            Error::data(
                &path,
                format!("not the description of a model of this version ({})", cause.message()),
            )
        })?;
        if header.format != FORMAT {
            let message =
                format!("format {} is not the {FORMAT} this program reads; train again", header.format);
            return Err(Error::data(&path, message));
        }
        header.validate().map_err(|cause| Error::data(&path, format!("{cause}; train again")))?;
        let mut networks = BTreeMap::new();
        let known = [Player::G, Player::D, Player::Both, Player::Ranker].map(Self::networks_of).concat();
        for name in &header.networks {
            let Some(&name) = known.iter().find(|known| *known == name) else {
                return Err(Error::data(&path, format!("unknown network `{name}`")));
            };
            let mut network = header.scorer.network(header.features, Stream::new(0));
            load_tensors(&folder.join(format!("{name}.safetensors")), &mut network)?;
            networks.insert(name, network);
        }
        let model = Self { header, networks };
        match model.has(model.chosen()) {
            true => Ok(model),
            false => Err(Error::data(&path, model.no_such_player(model.chosen()).to_string())),
        }
    }

    /// Scores of all documents of `set` by `player`, in the order of its rows: `[D]`.
    ///
    /// `set` is as read from its file: the model normalises it as it did its training data.
    pub fn score(&self, set: RankingSet, player: Player) -> Result<Vec<f32>> {
        let set = match &self.header.selection {
            Some(selection) => selection.apply(set.padded(self.header.file_features))?,
            None => set,
        };
        let pools = FeaturePools::new(self.header.normalizer.apply(set)?);
        let mut networks = vec![];
        for name in Self::networks_of(player) {
            networks.push(self.networks.get(name).ok_or_else(|| self.no_such_player(player))?);
        }
        let of_query = |q: usize| {
            let query = [q as u32];
            let scores: Vec<_> =
                networks.iter().map(|n| n.score(&pools, Candidates::Pools(&query))).collect();
            match scores.as_slice() {
                [g, d] => combine(g, d),
                _ => scores.concat(),
            }
        };
        Ok(ordered_map(pools.queries(), of_query).concat())
    }

    /// Whether the networks of `player` are here.
    fn has(&self, player: Player) -> bool {
        Self::networks_of(player).iter().all(|name| self.networks.contains_key(name))
    }

    fn no_such_player(&self, player: Player) -> Error {
        let all = [Player::G, Player::D, Player::Both, Player::Ranker];
        let players: Vec<_> = all.iter().filter(|p| self.has(**p)).map(Player::to_string).collect();
        Error::Config(format!(
            "this model ({}) has no player `{player}`; it has: {}",
            self.method(),
            players.join(", ")
        ))
    }
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, "replace", cause)),
        _ => Ok(()),
    }
}
