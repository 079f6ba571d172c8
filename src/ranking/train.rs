//! Training of scorers of any kind: pools and a configuration in, networks and a comparison out.

use std::collections::HashMap;

use super::config::TrainConfig;
use super::extras::Extras;
use super::foreign::refuse_foreign;
use super::generator_gradient::refuse_large;
use super::networks::Networks;
use super::pools::Pools;
use super::scorer::Scorer;
use super::source::Source;
use super::trained::{RefitPlan, Trained};
use super::training::{End, Run};
use super::validation::Validation;
use crate::error::{Error, Result};
use crate::event::Listener;

/// Trains scorers of any kind on `pools`, choosing by the measure on `held_out`; `source` makes fresh ones.
pub fn train_scorers<S: Scorer>(
    config: &TrainConfig,
    extras: &Extras,
    pools: &S::Pools,
    held_out: &S::Pools,
    source: &dyn Source<S>,
    listener: &mut dyn Listener,
) -> Result<Trained<Networks<S>>> {
    train_to(End::Best, config, extras, (pools, held_out), source, listener)
}

/// Trains as [`train_scorers`] does, to the given end.
pub(super) fn train_to<S: Scorer>(
    end: End,
    config: &TrainConfig,
    extras: &Extras,
    (pools, held_out): (&S::Pools, &S::Pools),
    source: &dyn Source<S>,
    listener: &mut dyn Listener,
) -> Result<Trained<Networks<S>>> {
    config.validate()?;
    refuse_foreign(config, extras, |method| source.has(method))?;
    if pools.trainable().is_empty() {
        return Err(Error::Unfit(
            "no training query has both a positive (grade 1 or more) and another document: nothing to learn from".into(),
        ));
    }
    let measure = config.measure()?;
    let least = measure.rel().max(1);
    if !(0..held_out.queries()).any(|q| held_out.grades(q).iter().any(|&grade| i32::from(grade) >= least)) {
        return Err(Error::Unfit(format!(
            "no validation query has a document of grade {least} or more: {measure} cannot choose a model"
        )));
    }
    refuse_unearned(config, pools)?;
    let validation = Validation::new(held_out, measure);
    let mut run = Run {
        config,
        extras,
        pools,
        validation,
        source,
        fits: HashMap::new(),
        warnings: vec![],
        listener,
        epochs: None,
        end,
    };
    let mut trained = match config.method.mode() {
        Some(mode) => run.adversarial(mode)?,
        None => Trained {
            queries: vec![],
            contenders: vec![run.baseline(config.method)?],
            model: run.networks_of(config.method),
            baselines: vec![],
            controls: vec![],
            failure: run.warnings.pop(),
            warnings: vec![],
            plan: RefitPlan { epochs: HashMap::new(), game: None },
        },
    };
    for &method in extras.baselines.iter().filter(|&&method| method != config.method) {
        match run.baseline(method) {
            Ok(row) => {
                trained.contenders.push(row);
                trained.baselines.push(run.networks_of(method));
            }
            Err(cause @ (Error::Config(_) | Error::Unfit(_))) if extras.optional => {
                run.warnings.push(format!("the baseline {method} is left out: {cause}"));
            }
            Err(cause) => return Err(cause),
        }
    }
    trained.warnings = run.warnings;
    trained.queries = (0..held_out.queries()).map(|q| held_out.name(q).to_owned()).collect();
    trained.plan.epochs = run.fits.iter().map(|(&method, fitted)| (method, fitted.epoch)).collect();
    Ok(trained)
}

/// Refuses a measure as the reward by which no training query can earn anything, and pools that are too large for its estimator.
fn refuse_unearned(config: &TrainConfig, pools: &impl Pools) -> Result<()> {
    let Some(measure) = config.generator.reward.measure.filter(|_| config.method.mode().is_some()) else {
        return Ok(());
    };
    let least = measure.rel().max(1);
    let earns = |&q: &u32| pools.grades(q as usize).iter().any(|&grade| i32::from(grade) >= least);
    if !pools.trainable().iter().any(earns) {
        return Err(Error::Unfit(format!(
            "no training query has a document of grade {least} or more: {measure} as `generator.reward` rewards no ranking"
        )));
    }
    refuse_large(config, pools)
}
