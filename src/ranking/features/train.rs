//! Training of a ranker of feature vectors.

use super::model::FeatureRanker;
use super::pools::FeaturePools;
use crate::data::features::normalize::Normalizer;
use crate::data::features::{RankingSet, check_width};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::ranking::config::TrainConfig;
use crate::ranking::extras::Extras;
use crate::ranking::train::train_scorers;
use crate::ranking::trained::Trained;

/// Trains `config.method`, and what stands `beside` it, on the feature vectors of `train`, choosing epochs and rounds by
/// `config.measure` on `valid`.
///
/// # Errors
/// When a setting is out of range, the two sets have different numbers of features, or nothing can be learnt or chosen
/// from the data.
///
/// ```
/// use irgan::data::features::planted::{Planted, PlantedConfig};
/// use irgan::event::Silent;
/// use irgan::ranking::{Method, Preset, Ranker as _, TrainConfig, train};
///
/// let data = Planted::generate(&PlantedConfig { queries: 10, documents: 20, ..Default::default() })?;
/// let config = TrainConfig::preset(Preset::Ours, Method::Listnet);
/// let trained = train(&config, &Default::default(), data.train, data.valid, &mut Silent)?;
/// assert!(trained.value() > 0.0, "mean nDCG@10 over the validation queries");
///
/// let scores = trained.model.score(&data.test, trained.model.chosen())?;
/// assert!(data.test.measure(&"nDCG@10".parse()?, &scores) > 0.0);
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn train(
    config: &TrainConfig,
    extras: &Extras,
    train: RankingSet,
    valid: RankingSet,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    config.validate()?;
    let (width, names) = (train.feature_count(), train.feature_names().to_vec());
    if width == 0 {
        return Err(Error::Unfit("the training data have no feature: nothing to learn from".into()));
    }
    check_width(valid.feature_count(), width)?;
    let (train, valid) = match &config.features {
        Some(selection) => (selection.apply(train)?, selection.apply(valid)?),
        None => (train, valid),
    };
    let normalizer = Normalizer::fit(config.normalization, &train);
    let pools = FeaturePools::new(normalizer.apply(train)?);
    let held_out = FeaturePools::new(normalizer.apply(valid)?);
    let network = |stream| config.scorer.network(pools.set().feature_count(), stream);
    let trained = train_scorers(config, extras, &pools, &held_out, &network, listener)?;
    Ok(trained
        .map(|networks| FeatureRanker::new(config, normalizer.clone(), (width, names.clone()), networks)))
}
