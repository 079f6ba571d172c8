//! The features of a query and a document that are learned: from the judgements themselves, or from the documents alone.

use std::path::Path;
use std::sync::Arc;

use super::{CandidateConfig, LatentSpace, Neighbours, Similarity, Texts};
use crate::data::documents::Judgements;
use crate::data::features::RankingSet;
use crate::error::Result;
use crate::game::Checkpoints;
use crate::ranking::TrainConfig;

/// Learned features, as the [`CandidateConfig`] asks for them; they stand behind all others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnedFeatures {
    neighbours: Option<Neighbours>,
    similarity: Option<Similarity>,
    latent: Option<Arc<LatentSpace>>,
}

impl LearnedFeatures {
    /// Learns what `config` asks for from `train`, beside the `latent` space of the documents; the similarity is chosen on `valid`, by the measure and with the
    /// seed of `training`; its stages are kept in `checkpoints`. Also returns `train` with the features: no query's tell of its own judgements.
    pub fn learn(
        config: &CandidateConfig,
        training: &TrainConfig,
        texts: &Texts<'_>,
        (train, valid, judgements): (RankingSet, &RankingSet, &Judgements),
        latent: Option<Arc<LatentSpace>>,
        checkpoints: &Checkpoints,
    ) -> Result<(Self, RankingSet)> {
        let (mut learned, mut described) = (Self::default(), train.clone());
        if config.neighbours {
            let neighbours = Neighbours::new(texts, &train, judgements)?;
            described = neighbours.describe(texts, described)?;
            learned.neighbours = Some(neighbours);
        }
        if let Some(config) = &config.similarity {
            let (similarity, column) =
                Similarity::learn(config, training, texts, (&train, valid), checkpoints)?;
            described = described.with_feature(Similarity::NAME, &column);
            learned.similarity = Some(similarity);
        }
        if let Some(latent) = &latent {
            described = latent.describe(texts, described)?;
        }
        Ok((Self { latent, ..learned }, described))
    }

    /// `set` with the features.
    pub fn describe(&self, texts: &Texts<'_>, mut set: RankingSet) -> Result<RankingSet> {
        if let Some(neighbours) = &self.neighbours {
            set = neighbours.describe(texts, set)?;
        }
        if let Some(similarity) = &self.similarity {
            set = similarity.describe(texts, set)?;
        }
        if let Some(latent) = &self.latent {
            set = latent.describe(texts, set)?;
        }
        Ok(set)
    }

    /// Reads what the ranker in `folder` learned.
    pub(super) fn load(folder: &Path, config: &CandidateConfig) -> Result<Self> {
        let neighbours = config.neighbours.then(|| Neighbours::load(folder)).transpose()?;
        let similarity = config.similarity.map(|config| Similarity::load(folder, config)).transpose()?;
        let latent = (config.latent > 0).then(|| LatentSpace::load(folder, config.latent)).transpose()?;
        Ok(Self { neighbours, similarity, latent: latent.map(Arc::new) })
    }

    /// Writes it into the folder of a ranker.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        self.neighbours.as_ref().map_or(Ok(()), |neighbours| neighbours.save(folder))?;
        self.similarity.as_ref().map_or(Ok(()), |similarity| similarity.save(folder))?;
        self.latent.as_ref().map_or(Ok(()), |latent| latent.save(folder))
    }
}
