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

/// Splits the queries of `all` that can be learned from, by the share held out, into those to train on and those to choose by; the others
/// are trained on.
///
/// # Errors
/// When the share is not between 0 and 1, or there are fewer than two queries that can be learned from.
pub fn held_out(all: &RankingSet, share: f64, seed: u64) -> Result<(RankingSet, RankingSet)> {
    let (train, valid) = split_useful(&all.useful(), share, seed)?;
    Ok((all.with_queries(&train), all.with_queries(&valid)))
}

/// Trains as [`train`] does; without `valid` a `share` of the queries is held out to choose by, of a bag others for each model.
///
/// # Errors
/// As [`train`] and [`held_out`].
///
/// ```
/// use irgan::data::features::planted::{Planted, PlantedConfig};
/// use irgan::event::Silent;
/// use irgan::ranking::features::{held_out, train_or_hold_out};
/// use irgan::ranking::{Extras, Method, Preset, TrainConfig, train};
///
/// let set = Planted::generate(&PlantedConfig { queries: 10, documents: 20, ..Default::default() })?.train;
/// let (config, extras) = (TrainConfig::preset(Preset::Ours, Method::Listnet), Extras::default());
/// let (kept, valid) = held_out(&set, 0.2, config.seed)?;
/// assert_eq!((kept.queries().len(), valid.queries().len()), (8, 2));
/// let trained = train_or_hold_out(&config, &extras, set, None, 0.2, &mut Silent)?;
/// assert_eq!(trained.model, train(&config, &extras, kept, valid, &mut Silent)?.model);
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn train_or_hold_out(
    config: &TrainConfig,
    extras: &Extras,
    set: RankingSet,
    valid: Option<RankingSet>,
    share: f64,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    match valid {
        Some(valid) => train(config, extras, set, valid, listener),
        None if config.bag > 1 => train_held_out(config, extras, &set, share, listener),
        None => {
            let (kept, valid) = held_out(&set, share, config.seed)?;
            train(config, extras, kept, valid, listener)
        }
    }
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
