//! Training of a ranker of feature vectors, or of a bag of them.

use super::bag::{Dealt, train_bag};
use super::inner::TrainingQueries;
use super::single::train_one;
use crate::data::features::RankingSet;
use crate::error::Result;
use crate::event::Listener;
use crate::ranking::config::TrainConfig;
use crate::ranking::extras::Extras;
use crate::ranking::held_out::split_useful;
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
    train_on(config, extras, train.into(), Some(valid), listener)
}

/// Trains as [`train`] does; without `valid` the queries of `data` choose too, by an inner cross-validation. The models of a bag
/// share both sets, and differ by seed.
///
/// # Errors
/// As [`train`]; also when there is no validation set and fewer than two queries can be learned from.
pub fn train_on(
    config: &TrainConfig,
    extras: &Extras,
    data: TrainingQueries,
    valid: Option<RankingSet>,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    if config.bag == 1 {
        return train_one(config, extras, data, valid, listener);
    }
    config.validate()?;
    let choosing = valid.as_ref().unwrap_or(&data.set);
    let places: Vec<usize> = (0..choosing.queries().len()).collect();
    let deal = |_| Ok(Dealt { training: data.clone(), valid: valid.clone(), places: places.clone() });
    train_bag(config, extras, choosing, &deal, listener)
}

/// Trains the models of a bag on the queries of `all`, of which each holds another `share` out to choose by.
///
/// # Errors
/// As [`train`]; also when there are too few queries that can be learned from.
pub(super) fn train_held_out(
    config: &TrainConfig,
    extras: &Extras,
    all: &RankingSet,
    share: f64,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    let deal = |seed| {
        let (train, places) = split_useful(&all.useful(), share, seed)?;
        let valid = Some(all.with_queries(&places));
        Ok(Dealt { training: all.with_queries(&train).into(), valid, places })
    };
    train_bag(config, extras, all, &deal, listener)
}
