//! The front door: data and a configuration in, a ranker and a comparison out.

use std::collections::HashMap;

use super::fit::{Fitted, fit};
use super::irgan::play;
use super::{FeaturePools, Init, Method, Model, Player, Pools, ScorerConfig, TrainConfig, Validation};
use crate::data::RankingSet;
use crate::data::normalize::Normalizer;
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::event::Listener;
use crate::nn::Mlp;
use crate::seed::Stream;

/// One row of the final comparison on the validation data.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    /// The method.
    pub method: Method,
    /// The player.
    pub player: Player,
    /// Whether these are the players before their first round.
    pub start: bool,
    /// Best epoch or round by the choosing measure.
    pub step: usize,
    /// The choosing measure, then the others asked for.
    pub values: Vec<f64>,
}

/// A finished training.
#[derive(Debug)]
pub struct Trained {
    /// The ranker.
    pub model: Model,
    /// The baselines that were asked for.
    pub baselines: Vec<Model>,
    /// Players and baselines side by side.
    pub contenders: Vec<Contender>,
    /// Why training ended early, when a number stopped being finite; the model is the best before.
    pub failure: Option<String>,
}

/// Trains `config.method` and the `baselines` on `train`, choosing by the measure on `valid`.
///
/// `reported` are further measures for the comparison.
pub fn train(
    config: &TrainConfig,
    baselines: &[Method],
    reported: &[Measure],
    train: RankingSet,
    valid: RankingSet,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    config.validate()?;
    let (train, valid) = match &config.features {
        Some(selection) => (selection.apply(train)?, selection.apply(valid)?),
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
    if (0..held_out.queries()).all(|q| held_out.positives(q).is_empty()) {
        return Err(Error::Unfit(
            "no validation query has a positive (grade 1 or more): nothing to choose by".into(),
        ));
    }
    let validation = Validation::new(&held_out, config.measure()?);
    let mut run =
        Run { config, pools: &pools, validation: &validation, reported, fits: HashMap::new(), listener };
    let (model, mut contenders, failure) = match config.method.mode() {
        Some(_) => run.adversarial(&normalizer)?,
        None => {
            let contender = run.baseline(config.method)?;
            (run.model_of(config.method, &normalizer), vec![contender], None)
        }
    };
    let mut models = vec![];
    for &method in baselines.iter().filter(|&&method| method != config.method) {
        contenders.push(run.baseline(method)?);
        models.push(run.model_of(method, &normalizer));
    }
    Ok(Trained { model, baselines: models, contenders, failure })
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
    pools: &'a FeaturePools,
    validation: &'a Validation<'a, FeaturePools>,
    reported: &'a [Measure],
    fits: HashMap<Method, Fitted<Mlp>>, // each baseline is trained once
    listener: &'a mut dyn Listener,
}

impl Run<'_> {
    fn adversarial(&mut self, normalizer: &Normalizer) -> Result<(Model, Vec<Contender>, Option<String>)> {
        let (config, method) = (self.config, self.config.method);
        let mode = method.mode().expect("an adversarial method has a mode");
        let generator = self.start(config.generator.init, "generator")?;
        let discriminator = self.start(config.discriminator.init, "discriminator")?;
        let stream = Stream::new(config.seed).named("adversarial");
        let players = (generator.clone(), discriminator.clone());
        let played = play(config, mode, players, self.pools, self.validation, stream, self.listener)?;

        let (best_g, best_d, best_both) = (&played.generator, &played.discriminator, &played.both);
        let scores = |network: &Mlp| self.validation.scores(network);
        let combined = |(g, d): &(Mlp, Mlp)| self.validation.combine(&scores(g), &scores(d));
        let rows = [
            (Player::G, false, best_g.round, scores(&best_g.model)),
            (Player::D, false, best_d.round, scores(&best_d.model)),
            (Player::Both, false, best_both.round, combined(&best_both.model)),
            (Player::G, true, 0, scores(&generator)),
            (Player::D, true, 0, scores(&discriminator)),
            (Player::Both, true, 0, combined(&(generator.clone(), discriminator.clone()))),
        ];
        let row = |(player, start, step, scores): (Player, bool, usize, Vec<f32>)| Contender {
            method,
            player,
            start,
            step,
            values: self.values(&scores),
        };
        let contenders: Vec<_> = rows.into_iter().map(row).collect();
        let candidates =
            [(Player::Both, best_both.value), (Player::G, best_g.value), (Player::D, best_d.value)];
        let chosen =
            candidates.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a }).map_or(Player::G, |c| c.0);
        let networks = vec![
            ("generator", played.generator.model),
            ("discriminator", played.discriminator.model),
            ("both-generator", played.both.model.0),
            ("both-discriminator", played.both.model.1),
        ];
        let model = Model::new(method, chosen, config, normalizer.clone(), networks);
        Ok((model, contenders, played.failure))
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
                fit(method, network, self.pools, self.validation, &self.config.fit, stream, self.listener)?;
            self.fits.insert(method, fitted);
        }
        Ok(&self.fits[&method])
    }

    fn baseline(&mut self, method: Method) -> Result<Contender> {
        let fitted = self.fitted(method)?;
        let (step, network) = (fitted.epoch, fitted.scorer.clone());
        let values = self.values(&self.validation.scores(&network));
        Ok(Contender { method, player: Player::Ranker, start: false, step, values })
    }

    fn model_of(&self, method: Method, normalizer: &Normalizer) -> Model {
        let network = self.fits[&method].scorer.clone();
        Model::new(method, Player::Ranker, self.config, normalizer.clone(), vec![("ranker", network)])
    }

    /// The choosing measure, then the reported ones.
    fn values(&self, scores: &[f32]) -> Vec<f64> {
        let others = self.reported.iter().map(|measure| self.validation.mean(measure, scores));
        std::iter::once(self.validation.value(scores)).chain(others).collect()
    }
}
