//! A trained ranker of feature vectors: a folder with `model.toml` and one safetensors file a network.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::data::features::normalize::Normalizer;
use crate::data::features::{FeatureSelection, RankingSet};
use crate::error::{Error, Result};
use crate::nn::Mlp;
use crate::ranking::networks::{FORMAT, Ranker, Roster, read_description};
use crate::ranking::{
    Candidates, FeaturePools, Method, Networks, Player, Pools, Scorer, ScorerConfig, TrainConfig,
};
use crate::seed::Stream;

/// Networks over feature vectors, ready to rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    header: Header,
    networks: Networks<Mlp>,
}

/// What `model.toml` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    kind: String,
    features: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<FeatureSelection>,
    /// Features of the training file, before the selection.
    file_features: usize,
    players: Roster,
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

impl Model {
    /// The kind of data in its description.
    pub const KIND: &str = "features";

    /// A model of `networks` over what `normalizer` makes of files with `file_features` features.
    pub(in crate::ranking) fn new(
        config: &TrainConfig,
        normalizer: Normalizer,
        file_features: usize,
        networks: Networks<Mlp>,
    ) -> Self {
        let header = Header {
            format: FORMAT,
            kind: Self::KIND.to_owned(),
            features: networks.any().inputs(),
            selection: config.features.clone(),
            file_features,
            players: networks.roster(),
            scorer: config.scorer.clone(),
            normalizer,
        };
        Self { header, networks }
    }

    /// Number of features it was trained on.
    pub fn features(&self) -> usize {
        self.header.features
    }

    /// Reads the model in `folder`.
    pub fn load(folder: &Path) -> Result<Self> {
        let header: Header = read_description(folder, Self::KIND)?;
        let path = folder.join("model.toml");
        header.validate().map_err(|cause| Error::data(&path, format!("{cause}; train again")))?;
        let fresh = |_: &str| Ok(header.scorer.network(header.features, Stream::new(0)));
        let networks = Networks::load(folder, &header.players, fresh)?;
        Ok(Self { header, networks })
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
        let score = |network: &Mlp, query| network.score(&pools, Candidates::Pools(&[query]));
        Ok(self.networks.score(player, pools.queries(), score)?.concat())
    }
}

impl Ranker for Model {
    fn method(&self) -> Method {
        self.networks.method()
    }

    fn chosen(&self) -> Player {
        self.networks.chosen()
    }

    fn save(&self, folder: &Path) -> Result<()> {
        self.networks.save(folder, &self.header)
    }
}
