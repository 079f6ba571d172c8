//! Training of a ranker of feature vectors.

use super::inner::{Fold, TrainingQueries, choose_strength, train_by_folds};
use super::model::FeatureRanker;
use super::prior::Prior;
use crate::data::features::normalize::Normalizer;
use crate::data::features::{RankingSet, check_width};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::nn::Mlp;
use crate::ranking::Networks;
use crate::ranking::config::TrainConfig;
use crate::ranking::extras::Extras;
use crate::ranking::train::{refuse_closed_forms, train_scorers};
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

/// Trains as [`train`] does; without `valid` the queries of `data` choose too, by an inner cross-validation.
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
    config.validate()?;
    refuse_closed_forms(config, extras)?;
    let TrainingQueries { set, learned_from, references } = data;
    let (width, names) = (set.feature_count(), set.feature_names().to_vec());
    if width == 0 {
        return Err(Error::Unfit("the training data have no feature: nothing to learn from".into()));
    }
    valid.iter().try_for_each(|valid| check_width(valid.feature_count(), width))?;
    let selected = |set: RankingSet| match &config.features {
        Some(selection) => selection.apply(set),
        None => Ok(set),
    };
    let (set, valid) = (selected(set)?, valid.map(selected).transpose()?);
    let normalizer = Normalizer::fit(config.normalization, &set);
    let (set, valid) = (normalizer.apply(set)?, valid.map(|valid| normalizer.apply(valid)).transpose()?);
    let measured = valid.as_ref().unwrap_or(&set);
    let column = Prior::column(config.choice.prior.as_deref(), &references, measured, &config.measure()?)?;
    let learned_from = move |set: RankingSet| match learned_from.is_empty() {
        true => set,
        false => set.with_documents(&learned_from),
    };
    let (trained, prior) = match valid {
        Some(valid) => train_on_fold(config, extras, Fold::new(learned_from(set), valid), column, listener)?,
        None => train_by_folds(config, extras, (learned_from(set.clone()), &set), column, listener)?,
    };
    Ok(trained.map(|networks| {
        FeatureRanker::new(config, normalizer.clone(), (width, names.clone()), networks, prior)
    }))
}

/// Trains on the training pools of `fold`, and chooses by the held-out ones.
fn train_on_fold(
    config: &TrainConfig,
    extras: &Extras,
    fold: Fold,
    column: Option<usize>,
    listener: &mut dyn Listener,
) -> Result<(Trained<Networks<Mlp>>, Option<Prior>)> {
    let mut fold = [fold];
    let features = fold[0].train.set().feature_count();
    let network = |stream| config.scorer.network(features, stream);
    let (config, prior) =
        choose_strength(config, &mut fold, column, &network, &extras.checkpoints, listener)?;
    let [Fold { train, held_out, .. }] = fold;
    Ok((train_scorers(&config, extras, &train, &held_out, &network, listener)?, prior))
}
