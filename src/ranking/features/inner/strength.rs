//! Weight decay and weight of the prior, chosen by the held-out queries of some folds.

use super::parts::Fold;
use crate::error::Result;
use crate::event::{Listener, Silent};
use crate::game::Checkpoints;
use crate::ranking::features::Prior;
use crate::ranking::simplest::mean;
use crate::ranking::{Method, TrainConfig, Validation, fit};
use crate::seed::Stream;

/// Returns `config` with the weight decay, for every method and player, with which maximum likelihood does best on the held-out
/// queries of `folds`; and the prior of the feature in `column` with the weight that does best beside it. The folds have the
/// prior afterwards.
pub(in crate::ranking::features) fn choose_strength(
    config: &TrainConfig,
    folds: &mut [Fold],
    column: Option<usize>,
    checkpoints: &Checkpoints,
    listener: &mut dyn Listener,
) -> Result<(TrainConfig, Option<Prior>)> {
    let weights = &config.choice.prior_weights;
    let priors: Vec<Option<Prior>> = match column {
        Some(column) if !weights.is_empty() => {
            weights.iter().map(|&weight| Some(Prior { column, weight })).collect()
        }
        _ => vec![None],
    };
    let own = config.fit.optimizer.weight_decay;
    let decays = if config.choice.decays.is_empty() { vec![own] } else { config.choice.decays.clone() };
    if priors.len() * decays.len() == 1 {
        folds.iter_mut().for_each(|fold| fold.set_prior(priors[0]));
        return Ok((with_decay(config, decays[0], &config.choice.decays), priors[0]));
    }
    let measure = config.measure()?;
    let features = folds[0].train.set().feature_count();
    let mut best: Option<(f64, f32, Option<Prior>)> = None;
    for (number, &prior) in priors.iter().enumerate() {
        folds.iter_mut().for_each(|fold| fold.set_prior(prior));
        let tried = checkpoints.team().try_map(decays.len() * folds.len(), |job| {
            let (decay, fold) = (decays[job / folds.len()], &folds[job % folds.len()]);
            let validation = Validation::new(&fold.held_out, measure);
            let stream = Stream::new(config.seed).named("strength").at((job % folds.len()) as u64);
            let mut settings = config.fit;
            settings.optimizer.weight_decay = decay;
            let data = (&fold.train, &validation);
            let checkpoints = checkpoints.beside_others().within(&format!("strength-{number}-{job}"));
            let fitted = fit(
                Method::Mle,
                config.scorer.network(features, stream),
                data,
                &settings,
                stream,
                &checkpoints,
                &mut Silent,
            )?;
            Ok(validation.values(&validation.scores(&fitted.scorer)))
        })?;
        for (of_folds, &decay) in tried.chunks(folds.len()).zip(&decays) {
            let values: Vec<_> = of_folds.concat().into_iter().map(|v| (!v.is_nan()).then_some(v)).collect();
            let value = mean(&values);
            if best.is_none_or(|(found, ..)| value > found) {
                best = Some((value, decay, prior));
            }
        }
    }
    let (value, decay, prior) = best.expect("at least one strength was tried");
    folds.iter_mut().for_each(|fold| fold.set_prior(prior));
    let beside = prior.map_or(String::new(), |prior| {
        format!(", prior {} × {}", name(&folds[0], prior.column), prior.weight)
    });
    listener.note(&format!(
        "chosen by {} held-out queries: weight decay {decay}{beside} ({measure} {value:.4} of maximum likelihood)",
        folds.iter().map(|fold| fold.held_out.set().queries().len()).sum::<usize>()
    ));
    Ok((with_decay(config, decay, &config.choice.decays), prior))
}

/// Name of a feature, or its number.
fn name(fold: &Fold, column: usize) -> String {
    let names = fold.train.set().feature_names();
    names.get(column).cloned().unwrap_or_else(|| (column + 1).to_string())
}

/// Returns `config` with `decay` for every optimiser, unless none was to be chosen.
fn with_decay(config: &TrainConfig, decay: f32, asked: &[f32]) -> TrainConfig {
    let mut config = config.clone();
    if !asked.is_empty() {
        config.fit.optimizer.weight_decay = decay;
        config.generator.optimizer.weight_decay = decay;
        config.discriminator.optimizer.weight_decay = decay;
    }
    config
}

impl Fold {
    fn set_prior(&mut self, prior: Option<Prior>) {
        self.train.set_prior(prior);
        self.held_out.set_prior(prior);
    }
}
