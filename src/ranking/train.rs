//! The front door: data and a configuration in, a ranker and a comparison out.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::features::Model;
use super::retrain::Plan;
use super::run::Run;
use super::{
    FeaturePools, Method, Networks, Player, Pools, Ranker, Scorer, ScorerConfig, TrainConfig, Validation,
};
use crate::data::features::RankingSet;
use crate::data::features::normalize::Normalizer;
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::event::Listener;
use crate::files::json_file;
use crate::game::Checkpoints;
use crate::game::RewardControl;
use crate::nn::Mlp;
use crate::seed::Stream;

/// One row of the final comparison on the validation data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Contender {
    /// The method.
    pub method: Method,
    /// The player.
    pub player: Player,
    /// Its state.
    pub state: State,
    /// Best epoch or round by the choosing measure.
    pub step: usize,
    /// The choosing measure, then the others asked for.
    #[serde(deserialize_with = "json_file::numbers")]
    pub values: Vec<f64>,
    /// The choosing measure of every validation query, in the order of [`Trained::queries`]; none where it skips
    /// one.
    pub by_query: Vec<Option<f64>>,
}

/// Which state of a ranker a row of the comparison shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The best epoch or round.
    Best,
    /// A player before its first round.
    Start,
    /// The best round of the player in a game whose generator was paid a control instead of the
    /// discriminator's reward.
    Control(RewardControl),
}

/// A game in which the discriminator's reward was taken away, beside the real one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ControlOutcome {
    /// What was paid instead.
    pub control: RewardControl,
    /// Mean of the real game's chosen player minus that of the same player in the control's game,
    /// by the choosing measure, each at its best round.
    #[serde(deserialize_with = "json_file::number")]
    pub gain: f64,
    /// Two-sided Fisher randomisation test of that difference over the validation queries.
    #[serde(deserialize_with = "json_file::number")]
    pub p_value: f64,
    /// Whether the control's game ended early because a number stopped being finite.
    pub failed: bool,
}

impl ControlOutcome {
    /// Whether the discriminator's reward did better by more than chance (p < 0.05).
    pub fn is_beaten(&self) -> bool {
        !self.failed && self.gain > 0.0 && self.p_value < 0.05
    }
}

/// What stands beside the trained method in its comparison, and where the training is kept.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Baselines to train on the same data.
    pub baselines: Vec<Method>,
    /// Games to play again from the same start with another reward (adversarial methods).
    pub controls: Vec<RewardControl>,
    /// Measures to report beside the choosing one.
    pub measures: Vec<Measure>,
    /// Where the stages of the training are kept, to go on from; nowhere by default.
    pub checkpoints: Checkpoints,
}

/// A finished training.
#[derive(Debug)]
pub struct Trained<M = Model> {
    /// The ranker.
    pub model: M,
    /// The baselines that were asked for.
    pub baselines: Vec<M>,
    /// Names of the validation queries.
    pub queries: Vec<String>,
    /// Players, controls and baselines side by side.
    pub contenders: Vec<Contender>,
    /// Whether the discriminator's reward beat the controls that were asked for.
    pub controls: Vec<ControlOutcome>,
    /// Why training ended early, when a number stopped being finite; the model is the best before.
    pub failure: Option<String>,
    /// The same of everything that was trained for it or beside it.
    pub warnings: Vec<String>,
    /// What the validation data chose.
    pub plan: Plan,
}

impl<M: Ranker> Trained<M> {
    /// The choosing measure of the model's chosen player on the validation data.
    pub fn value(&self) -> f64 {
        let (method, player) = (self.model.method(), self.model.chosen());
        let same =
            |row: &&Contender| row.state == State::Best && (row.method, row.player) == (method, player);
        self.contenders.iter().find(same).map_or(f64::NAN, |row| row.values[0])
    }
}

impl<M> Trained<M> {
    /// The same training with its rankers made into something else.
    pub fn map<N>(self, make: impl Fn(M) -> N) -> Trained<N> {
        let Self { model, baselines, queries, contenders, controls, failure, warnings, plan } = self;
        let (model, baselines) = (make(model), baselines.into_iter().map(&make).collect());
        Trained { model, baselines, queries, contenders, controls, failure, warnings, plan }
    }
}

/// Trains `config.method` and what stands `beside` it on feature vectors, choosing by the measure on `valid`.
pub fn train(
    config: &TrainConfig,
    beside: &Beside,
    train: RankingSet,
    valid: RankingSet,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    config.validate()?;
    let width = train.feature_count();
    let (train, valid) = match &config.features {
        Some(selection) => (selection.apply(train)?, selection.apply(valid.padded(width))?),
        None => (train, valid),
    };
    let normalizer = Normalizer::fit(config.normalization, &train);
    let pools = FeaturePools::new(normalizer.apply(train)?);
    let held_out = FeaturePools::new(normalizer.apply(valid)?);
    let network = |stream| config.scorer.network(pools.set().feature_count(), stream);
    let trained = train_scorers(config, beside, &pools, &held_out, &network, listener)?;
    Ok(trained.map(|networks| Model::new(config, normalizer.clone(), width, networks)))
}

/// Where scorers come from. A function that makes a fresh one is a source without closed forms.
pub trait Source<S> {
    /// A scorer to start learning from.
    fn fresh(&self, stream: Stream) -> S;

    /// What the generator starts from, whatever its init; none where it is not given.
    fn generator(&self) -> Option<S> {
        None
    }

    /// The scorer of a method without epochs; none where the data have no such method.
    fn closed_form(&self, _method: Method, _stream: Stream) -> Result<Option<S>> {
        Ok(None)
    }
}

impl<S, F: Fn(Stream) -> S> Source<S> for F {
    fn fresh(&self, stream: Stream) -> S {
        self(stream)
    }
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
