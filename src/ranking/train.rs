//! The front door: data and a configuration in, a ranker and a comparison out.

use std::collections::HashMap;

use super::fit::{Fitted, fit};
use super::irgan::{Played, play};
use super::{FeaturePools, Init, Method, Mode, Model, Player, Pools, ScorerConfig, TrainConfig, Validation};
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

/// What stands beside the trained method in its comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Baselines to train on the same data.
    pub baselines: Vec<Method>,
    /// Games to play again from the same start with another reward (adversarial methods).
    pub controls: Vec<RewardControl>,
    /// Measures to report beside the choosing one.
    pub measures: Vec<Measure>,
}

/// A finished training.
#[derive(Debug)]
pub struct Trained {
    /// The ranker.
    pub model: Model,
    /// The baselines that were asked for.
    pub baselines: Vec<Model>,
    /// Players, controls and baselines side by side.
    pub contenders: Vec<Contender>,
    /// Whether the discriminator's reward beat the controls that were asked for.
    pub controls: Vec<ControlOutcome>,
    /// Why training ended early, when a number stopped being finite; the model is the best before.
    pub failure: Option<String>,
    /// The same of everything that was trained for it or beside it.
    pub warnings: Vec<String>,
}

/// Trains `config.method` and what stands `beside` it on `train`, choosing by the measure on `valid`.
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
    let validation = Validation::new(&held_out, measure);
    let mut run = Run {
        config,
        beside,
        width,
        pools: &pools,
        validation: &validation,
        fits: HashMap::new(),
        warnings: vec![],
        listener,
    };
    let mut trained = match config.method.mode() {
        Some(mode) => run.adversarial(mode, &normalizer)?,
        None => Trained {
            contenders: vec![run.baseline(config.method)?],
            model: run.model_of(config.method, &normalizer),
            baselines: vec![],
            controls: vec![],
            failure: run.warnings.pop(),
            warnings: vec![],
        },
    };
    for &method in beside.baselines.iter().filter(|&&method| method != config.method) {
        trained.contenders.push(run.baseline(method)?);
        trained.baselines.push(run.model_of(method, &normalizer));
    }
    trained.warnings = run.warnings;
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

struct Run<'a> {
    config: &'a TrainConfig,
    beside: &'a Beside,
    width: usize, // features of the training file
    pools: &'a FeaturePools,
    validation: &'a Validation<'a, FeaturePools>,
    fits: HashMap<Method, Fitted<Mlp>>, // each baseline is trained once
    warnings: Vec<String>,
    listener: &'a mut dyn Listener,
}

impl Run<'_> {
    fn adversarial(&mut self, mode: Mode, normalizer: &Normalizer) -> Result<Trained> {
        let config = self.config;
        let generator = self.start(config.generator.init, "generator")?;
        let discriminator = self.start(config.discriminator.init, "discriminator")?;
        let start = (generator, discriminator);
        let played = self.play(config, mode, &start)?;
        let chosen = chosen(&played);
        let mut contenders = vec![];
        for player in [Player::G, Player::D, Player::Both] {
            let (round, scores) = self.best(&played, player);
            contenders.push(self.contender(player, State::Best, round, &scores));
        }
        let scores = |network: &Mlp| self.validation.scores(network);
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
        let networks = vec![
            ("generator", played.generator.model),
            ("discriminator", played.discriminator.model),
            ("both-generator", played.both.model.0),
            ("both-discriminator", played.both.model.1),
        ];
        let model = Model::new(config.method, chosen, config, normalizer.clone(), self.width, networks);
        Ok(Trained {
            model,
            baselines: vec![],
            contenders,
            controls,
            failure: played.failure,
            warnings: vec![],
        })
    }

    fn play(&mut self, config: &TrainConfig, mode: Mode, start: &(Mlp, Mlp)) -> Result<Played<Mlp>> {
        let stream = Stream::new(config.seed).named("adversarial");
        play(config, mode, start.clone(), self.pools, self.validation, stream, self.listener)
    }

    /// Plays again from the same start with `control` for a reward, and sets it against `real`.
    fn control(
        &mut self,
        control: RewardControl,
        mode: Mode,
        start: &(Mlp, Mlp),
        real: &Played<Mlp>,
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
    fn best(&self, played: &Played<Mlp>, player: Player) -> (usize, Vec<f32>) {
        let scores = |network: &Mlp| self.validation.scores(network);
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
    fn start(&mut self, init: Init, player: &str) -> Result<Mlp> {
        match init {
            Init::None => {
                let stream = Stream::new(self.config.seed).named("init").named(player);
                Ok(self.config.scorer.network(self.pools.set().feature_count(), stream))
            }
            Init::Baseline(method) => Ok(self.fitted(method)?.scorer.clone()),
        }
    }

    fn fitted(&mut self, method: Method) -> Result<&Fitted<Mlp>> {
        if !self.fits.contains_key(&method) {
            let stream = Stream::new(self.config.seed).named("fit").named(&method.to_string());
            let network = self.config.scorer.network(self.pools.set().feature_count(), stream.named("init"));
            let fitted =
                fit(method, network, self.pools, self.validation, &self.config.fit, stream, self.listener);
            self.warnings.extend(fitted.failure.clone());
            self.fits.insert(method, fitted);
        }
        Ok(&self.fits[&method])
    }

    fn baseline(&mut self, method: Method) -> Result<Contender> {
        let fitted = self.fitted(method)?;
        let (step, network) = (fitted.epoch, fitted.scorer.clone());
        let scores = self.validation.scores(&network);
        Ok(Contender { method, ..self.contender(Player::Ranker, State::Best, step, &scores) })
    }

    fn model_of(&self, method: Method, normalizer: &Normalizer) -> Model {
        let network = self.fits[&method].scorer.clone();
        Model::new(
            method,
            Player::Ranker,
            self.config,
            normalizer.clone(),
            self.width,
            vec![("ranker", network)],
        )
    }
}

/// The player with the best validation measure; both together when they are equal.
fn chosen(played: &Played<Mlp>) -> Player {
    let values = [
        (Player::Both, played.both.value),
        (Player::G, played.generator.value),
        (Player::D, played.discriminator.value),
    ];
    values.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a }).map_or(Player::G, |best| best.0)
}
