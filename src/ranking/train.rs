//! The front door: data and a configuration in, a ranker and a comparison out.

use std::collections::HashMap;

use super::config::{ScorerConfig, TrainConfig};
use super::extras::Beside;
use super::features::FeatureRanker;
use super::networks::Networks;
use super::pools::{FeaturePools, Pools};
use super::scorer::Scorer;
use super::source::Source;
use super::trained::{Plan, Trained};
use super::training::Run;
use super::validation::Validation;
use crate::data::features::normalize::Normalizer;
use crate::data::features::{RankingSet, check_width};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::nn::Mlp;
use crate::seed::Stream;

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
    beside: &Beside,
    train: RankingSet,
    valid: RankingSet,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    config.validate()?;
    let width = train.feature_count();
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
    let trained = train_scorers(config, beside, &pools, &held_out, &network, listener)?;
    Ok(trained.map(|networks| FeatureRanker::new(config, normalizer.clone(), width, networks)))
}

/// Trains scorers of any kind on `pools`, choosing by the measure on `held_out`; `source` makes fresh ones.
pub fn train_scorers<S: Scorer>(
    config: &TrainConfig,
    beside: &Beside,
    pools: &S::Pools,
    held_out: &S::Pools,
    source: &dyn Source<S>,
    listener: &mut dyn Listener,
) -> Result<Trained<Networks<S>>> {
    config.validate()?;
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
    let validation = Validation::new(held_out, measure);
    let mut run = Run {
        config,
        beside,
        pools,
        validation: &validation,
        source,
        fits: HashMap::new(),
        warnings: vec![],
        listener,
        epochs: None,
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
            plan: Plan { epochs: HashMap::new(), game: None },
        },
    };
    for &method in beside.baselines.iter().filter(|&&method| method != config.method) {
        trained.contenders.push(run.baseline(method)?);
        trained.baselines.push(run.networks_of(method));
    }
    trained.warnings = run.warnings;
    trained.queries = (0..held_out.queries()).map(|q| held_out.name(q).to_owned()).collect();
    trained.plan.epochs = run.fits.iter().map(|(&method, fitted)| (method, fitted.epoch)).collect();
    Ok(trained)
}

impl ScorerConfig {
    /// A fresh network over `features` values.
    pub fn network(&self, features: usize, stream: Stream) -> Mlp {
        let mut widths = vec![features];
        widths.extend(&self.hidden);
        widths.push(1);
        Mlp::new(&widths, self.activation, self.dropout, self.initializer, &mut stream.rng())
    }
}
