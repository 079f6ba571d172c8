//! Training of one ranker of feature vectors.

use super::inner::{Fold, TrainingQueries, choose_strength, train_by_folds};
use super::model::FeatureRanker;
use super::prior::Prior;
use super::source::VectorSource;
use super::vector_scorer::VectorScorer;
use crate::data::features::normalize::Normalizer;
use crate::data::features::{RankingSet, check_width};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::ranking::Networks;
use crate::ranking::config::{Method, TrainConfig};
use crate::ranking::extras::Extras;
use crate::ranking::foreign::refuse_foreign;
use crate::ranking::train::train_scorers;
use crate::ranking::trained::Trained;

/// Trains one model, on the feature vectors of `data`, that `valid` chooses; without it the queries of `data` do.
pub(super) fn train_one(
    config: &TrainConfig,
    extras: &Extras,
    data: TrainingQueries,
    valid: Option<RankingSet>,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    config.validate()?;
    let has = |method: Method| !method.is_closed_form() && (valid.is_some() || !method.is_trees());
    refuse_foreign(config, extras, has)?;
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
) -> Result<(Trained<Networks<VectorScorer>>, Option<Prior>)> {
    let mut fold = [fold];
    let all_trees = [config.method].iter().chain(&extras.baselines).all(|method| method.is_trees());
    let (config, prior) = match column {
        None if all_trees => (config.clone(), None), // they have no weights to decay
        _ => choose_strength(config, &mut fold, column, &extras.checkpoints, listener)?,
    };
    let [mut fold] = fold;
    fold.share(extras.checkpoints.team());
    let Fold { train, held_out, .. } = fold;
    let features = train.set().feature_count();
    let source = VectorSource { config: &config, features, trees: Some((&train, &held_out)) };
    Ok((train_scorers(&config, extras, &train, &held_out, &source, listener)?, prior))
}
