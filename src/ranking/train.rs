//! The front door: data and a configuration in, a ranker and a comparison out.

use std::collections::HashMap;

use super::fit::{Fitted, fit};
use super::irgan::play;
use super::played::Played;
use super::retrain::Plan;
use super::{
    FeaturePools, FitConfig, Init, Method, Mode, Model, Networks, Player, Pools, Scorer, ScorerConfig,
    TrainConfig, Validation,
};
use crate::checkpoint::Checkpoints;
use crate::data::RankingSet;
use crate::data::normalize::Normalizer;
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::evaluation::significance::fisher_randomisation;
use crate::event::Listener;
use crate::nn::Mlp;
use crate::policy_gradient::RewardControl;
use crate::seed::Stream;

/// One row of the final comparison on the validation data.
#[derive(Clone, Debug, PartialEq)]
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
    pub values: Vec<f64>,
}

/// Which state of a ranker a row of the comparison shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlOutcome {
    /// What was paid instead.
    pub control: RewardControl,
    /// Mean of the real game's chosen player minus that of the same player in the control's game,
    /// by the choosing measure, each at its best round.
    pub gain: f64,
    /// Two-sided Fisher randomisation test of that difference over the validation queries.
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

impl<M> Trained<M> {
    /// The same training with its rankers made into something else.
    pub fn map<N>(self, make: impl Fn(M) -> N) -> Trained<N> {
        let Self { model, baselines, contenders, controls, failure, warnings, plan } = self;
        let (model, baselines) = (make(model), baselines.into_iter().map(&make).collect());
        Trained { model, baselines, contenders, controls, failure, warnings, plan }
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

/// One training: what it is made of, and the baselines that are trained already.
pub(super) struct Run<'a, S: Scorer> {
    pub(super) config: &'a TrainConfig,
    pub(super) beside: &'a Beside,
    pub(super) pools: &'a S::Pools,
    pub(super) validation: &'a Validation<'a, S::Pools>,
    pub(super) source: &'a dyn Source<S>,
    pub(super) fits: HashMap<Method, Fitted<S>>, // each baseline is trained once
    pub(super) warnings: Vec<String>,
    pub(super) listener: &'a mut dyn Listener,
    pub(super) epochs: Option<&'a HashMap<Method, usize>>, // known beforehand, when training again
}

impl<S: Scorer> Run<'_, S> {
    /// The networks that the players start from.
    pub(super) fn starts(&mut self) -> Result<(S, S)> {
        let config = self.config;
        let generator = match self.source.generator() {
            Some(given) => given,
            None => self.start(config.generator.init, "generator")?,
        };
        Ok((generator, self.start(config.discriminator.init, "discriminator")?))
    }

    fn adversarial(&mut self, mode: Mode) -> Result<Trained<Networks<S>>> {
        let config = self.config;
        let start = self.starts()?;
        let played = self.play(config, mode, &start)?;
        let chosen = chosen(&played);
        let mut contenders = vec![];
        for player in [Player::G, Player::D, Player::Both] {
            let (round, scores) = self.best(&played, player);
            contenders.push(self.contender(player, State::Best, round, &scores));
        }
        let scores = |network: &S| self.validation.scores(network);
        let (g, d) = (scores(&start.0), scores(&start.1));
        contenders.push(self.contender(Player::G, State::Start, 0, &g));
        contenders.push(self.contender(Player::D, State::Start, 0, &d));
        contenders.push(self.contender(Player::Both, State::Start, 0, &self.validation.combine(&g, &d)));
        let mut controls = vec![];
        for &control in self.beside.controls.iter().filter(|&&control| control != config.generator.reward) {
            let (row, outcome) = self.control(control, mode, &start, &played)?;
            contenders.push(row);
            controls.push(outcome);
        }
        let rounds = match chosen {
            Player::Both => played.both.round,
            Player::D => played.discriminator.round,
            _ => played.generator.round,
        };
        let plan = Plan { epochs: HashMap::new(), game: Some((rounds, chosen)) };
        let (g, d, both) = (played.generator.model, played.discriminator.model, played.both.model);
        let model = Networks::players(config.method, chosen, g, d, both);
        Ok(Trained {
            model,
            baselines: vec![],
            contenders,
            controls,
            failure: played.failure,
            warnings: vec![],
            plan,
        })
    }

    pub(super) fn play(&mut self, config: &TrainConfig, mode: Mode, start: &(S, S)) -> Result<Played<S>> {
        let stream = Stream::new(config.seed).named("adversarial");
        let data = (self.pools, self.validation);
        let checkpoints = &self.beside.checkpoints;
        let played = play(config, mode, start.clone(), data, stream, checkpoints, self.listener)?;
        let phase = match config.generator.reward {
            RewardControl::Discriminator => String::new(),
            control => format!("{control} reward, "),
        };
        self.warnings.extend(played.collapses.iter().map(|collapse| format!("{phase}{collapse}")));
        Ok(played)
    }

    /// Plays again from the same start with `control` for a reward, and sets it against `real`.
    fn control(
        &mut self,
        control: RewardControl,
        mode: Mode,
        start: &(S, S),
        real: &Played<S>,
    ) -> Result<(Contender, ControlOutcome)> {
        let mut config = self.config.clone();
        config.generator.reward = control;
        let played = self.play(&config, mode, start)?;
        let player = chosen(real);
        let (round, scores) = self.best(&played, player);
        let (_, real) = self.best(real, player);
        let pairs = self.validation.values(&real).into_iter().zip(self.validation.values(&scores));
        let differences: Vec<f64> = pairs.map(|(a, b)| a - b).filter(|d| !d.is_nan()).collect();
        let failed = played.failure.is_some();
        self.warnings.extend(played.failure.map(|failure| format!("{control} reward, {failure}")));
        let outcome = ControlOutcome {
            control,
            failed,
            gain: differences.iter().sum::<f64>() / differences.len().max(1) as f64,
            p_value: fisher_randomisation(&differences, self.config.seed),
        };
        Ok((self.contender(player, State::Control(control), round, &scores), outcome))
    }

    /// A player's best round and its validation scores.
    fn best(&self, played: &Played<S>, player: Player) -> (usize, Vec<f32>) {
        let scores = |network: &S| self.validation.scores(network);
        match player {
            Player::D => (played.discriminator.round, scores(&played.discriminator.model)),
            Player::Both => {
                let (g, d) = &played.both.model;
                (played.both.round, self.validation.combine(&scores(g), &scores(d)))
            }
            _ => (played.generator.round, scores(&played.generator.model)),
        }
    }

    fn contender(&self, player: Player, state: State, step: usize, scores: &[f32]) -> Contender {
        let others = self.beside.measures.iter().map(|measure| self.validation.mean(measure, scores));
        let values = std::iter::once(self.validation.value(scores)).chain(others).collect();
        Contender { method: self.config.method, player, state, step, values }
    }

    /// The network a player starts from.
    fn start(&mut self, init: Init, player: &str) -> Result<S> {
        match init {
            Init::None => {
                let stream = Stream::new(self.config.seed).named("init").named(player);
                Ok(self.source.fresh(stream))
            }
            Init::Baseline(method) => {
                let last = self.epochs.is_some();
                let fitted = self.fitted(method)?;
                Ok(if last { &fitted.last } else { &fitted.scorer }.clone())
            }
        }
    }

    pub(super) fn fitted(&mut self, method: Method) -> Result<&Fitted<S>> {
        if !self.fits.contains_key(&method) {
            let stream = Stream::new(self.config.seed).named("fit").named(&method.to_string());
            let fitted = if method.is_closed_form() {
                self.closed_form(method, stream)?
            } else {
                let network = self.source.fresh(stream.named("init"));
                let known = self.epochs.and_then(|epochs| epochs.get(&method));
                let config =
                    FitConfig { epochs: *known.unwrap_or(&self.config.fit.epochs), ..self.config.fit };
                let data = (self.pools, self.validation);
                fit(method, network, data, &config, stream, &self.beside.checkpoints, self.listener)?
            };
            self.warnings.extend(fitted.failure.clone());
            self.fits.insert(method, fitted);
        }
        Ok(&self.fits[&method])
    }

    fn closed_form(&self, method: Method, stream: Stream) -> Result<Fitted<S>> {
        self.beside.checkpoints.proceed()?; // nothing is kept of it: it is made again
        let Some(scorer) = self.source.closed_form(method, stream)? else {
            return Err(Error::Config(format!("{method} ranks items for users: it needs --ratings")));
        };
        let value = self.validation.value(&self.validation.scores(&scorer));
        Ok(Fitted { last: scorer.clone(), scorer, epoch: 0, value, failure: None })
    }

    fn baseline(&mut self, method: Method) -> Result<Contender> {
        let fitted = self.fitted(method)?;
        let (step, network) = (fitted.epoch, fitted.scorer.clone());
        let scores = self.validation.scores(&network);
        Ok(Contender { method, ..self.contender(Player::Ranker, State::Best, step, &scores) })
    }

    fn networks_of(&self, method: Method) -> Networks<S> {
        Networks::baseline(method, self.fits[&method].scorer.clone())
    }
}

/// The player with the best validation measure; both together when they are equal.
fn chosen<S>(played: &Played<S>) -> Player {
    let values = [
        (Player::Both, played.both.value),
        (Player::G, played.generator.value),
        (Player::D, played.discriminator.value),
    ];
    values.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a }).map_or(Player::G, |best| best.0)
}
