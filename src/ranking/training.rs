//! One training in its parts: starts, games, controls and baselines, each made once and set side by side.

use std::collections::HashMap;

use super::comparison::{ComparisonRow, PlaceboOutcome, Snapshot};
use super::config::{ChoiceRule, FitConfig, Method, TrainConfig};
use super::example_loss::Mode;
use super::extras::Extras;
use super::fit::{Fitted, fit};
use super::foreign::{foreign, not_built};
use super::irgan::play;
use super::networks::{Networks, Player};
use super::scorer::Scorer;
use super::simplest::{back_to_start, simplest_player};
use super::source::Source;
use super::state::RankingGameResult;
use super::trained::{RefitPlan, Trained};
use super::validation::Validation;
use crate::error::Result;
use crate::evaluation::significance::fisher_randomisation;
use crate::event::Listener;
use crate::game::RewardSource;
use crate::seed::Stream;

/// One training: what it is made of, and the baselines that are trained already.
pub(super) struct Run<'a, S: Scorer> {
    pub(super) config: &'a TrainConfig,
    pub(super) extras: &'a Extras,
    pub(super) pools: &'a S::Pools,
    pub(super) validation: Validation<'a, S::Pools>,
    pub(super) source: &'a dyn Source<S>,
    pub(super) fits: HashMap<Method, Fitted<S>>, // each baseline is trained once
    pub(super) warnings: Vec<String>,
    pub(super) listener: &'a mut dyn Listener,
    pub(super) epochs: Option<&'a HashMap<Method, usize>>, // known beforehand, when training again
    pub(super) end: End,
}

/// State of a baseline or a player that counts in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The best epoch or round on the validation data.
    Best,
    /// The last one: the validation data measure, and choose nothing.
    Last,
}

impl<S: Scorer> Run<'_, S> {
    pub(super) fn adversarial(&mut self, mode: Mode) -> Result<Trained<Networks<S>>> {
        let config = self.config;
        self.tell_reward();
        let start = self.starts()?;
        self.weigh(&start)?;
        let played = self.play(config, mode, &start)?;
        let mut contenders = vec![];
        for &player in self.players() {
            let (round, scores) = self.best(&played, player);
            contenders.push(self.contender(player, Snapshot::Best, round, &scores));
        }
        contenders.extend(self.start_rows(&start));
        let chosen = self.choose(&mut contenders, &played);
        let mut controls = vec![];
        for &control in
            self.extras.controls.iter().filter(|&&control| control != config.generator.reward.source)
        {
            let (row, outcome) = self.control(control, mode, &start, chosen, &contenders)?;
            contenders.push(row);
            controls.push(outcome);
        }
        let rounds = |player| best_row(&contenders, player).map_or(0, |row| row.step);
        let weight = self.validation.weight;
        let plan = RefitPlan { epochs: HashMap::new(), game: Some((rounds(chosen), (chosen, weight))) };
        let g = if rounds(Player::G) == 0 { start.0.clone() } else { played.generator.model };
        let d = if rounds(Player::D) == 0 { start.1.clone() } else { played.discriminator.model };
        let both = if rounds(Player::Both) == 0 { start } else { played.both.model };
        let model = match config.generator.learns_alone() {
            true => Networks::generator(config.method, g),
            false => Networks::players(config.method, (chosen, weight), g, d, both),
        };
        Ok(Trained {
            model,
            baselines: vec![],
            queries: vec![],
            contenders,
            controls,
            failure: played.failure,
            warnings: vec![],
            plan,
        })
    }

    /// Chooses the weights of both players by their starts, where the source wants it, and tells the start of the game.
    fn weigh(&mut self, (g, d): &(S, S)) -> Result<()> {
        if !self.source.weighs_players() || self.config.generator.learns_alone() {
            return Ok(());
        }
        self.extras.checkpoints.check_interrupt()?;
        let further = self.source.further_curves()?;
        let (g, d) = (self.validation.scores(g), self.validation.scores(d));
        self.validation.choose_weight(&g, &d, &further);
        let both = self.validation.value(&self.validation.combine(&g, &d));
        let [g, d] = [g, d].map(|scores| self.validation.value(&scores));
        let (measure, weight) = (&self.config.measure, self.validation.weight);
        self.listener.note(&format!(
            "start      {measure} on validation data: generator {g:.4}, discriminator {d:.4}, both {both:.4} (weights {:.2} and \
             {weight:.2}{})",
            1.0 - weight,
            if further.is_empty() { String::new() } else { format!(" by {} splits", further.len() + 1) }
        ));
        Ok(())
    }

    pub(super) fn play(
        &mut self,
        config: &TrainConfig,
        mode: Mode,
        start: &(S, S),
    ) -> Result<RankingGameResult<S>> {
        let stream = Stream::new(config.seed).named("adversarial");
        let data = (self.pools, &self.validation);
        let checkpoints = &self.extras.checkpoints;
        let played = play(config, mode, start.clone(), data, stream, checkpoints, self.listener)?;
        let phase = match config.generator.reward.source {
            RewardSource::Discriminator => String::new(),
            control => format!("{control} reward, "),
        };
        self.warnings.extend(played.collapses.iter().map(|collapse| format!("{phase}{collapse}")));
        Ok(match self.end {
            End::Best => played,
            End::Last => played.at_the_end(config.schedule.rounds),
        })
    }

    /// Plays again from the same start with `control` for a reward, and sets it against the `player` of the real game in `rows`.
    fn control(
        &mut self,
        control: RewardSource,
        mode: Mode,
        start: &(S, S),
        player: Player,
        rows: &[ComparisonRow],
    ) -> Result<(ComparisonRow, PlaceboOutcome)> {
        let mut config = self.config.clone();
        config.generator.reward.source = control;
        let played = self.play(&config, mode, start)?;
        let (round, scores) = self.best(&played, player);
        let start = rows.iter().filter(|row| row.state == Snapshot::Start && row.player == player);
        let mut row = [self.contender(player, Snapshot::Best, round, &scores)];
        back_to_start(config.choice.rule, &mut row, start);
        let [row] = row.map(|row| ComparisonRow { state: Snapshot::Control(control), ..row });
        let real = best_row(rows, player).map_or(&[][..], |row| &row.by_query);
        let pairs = real.iter().zip(&row.by_query);
        let differences: Vec<f64> = pairs.filter_map(|(a, b)| Some((*a)? - (*b)?)).collect();
        let failed = played.failure.is_some();
        self.warnings.extend(played.failure.map(|failure| format!("{control} reward, {failure}")));
        let outcome = PlaceboOutcome {
            control,
            failed,
            gain: differences.iter().sum::<f64>() / differences.len().max(1) as f64,
            p_value: fisher_randomisation(&differences, self.config.seed),
        };
        Ok((row, outcome))
    }

    /// The player that ranks. Under the one-standard-error rule a player's best round gives way to its start unless it leads by
    /// more, and both players together, an average, to one of them only then.
    fn choose(&self, rows: &mut [ComparisonRow], played: &RankingGameResult<S>) -> Player {
        let rule = self.config.choice.rule;
        if rule == ChoiceRule::Best && self.players().len() > 1 {
            return chosen(played);
        }
        let starts: Vec<ComparisonRow> = rows.to_vec();
        back_to_start(rule, rows, starts.iter());
        simplest_player(rule, self.config.method, rows)
    }

    /// A player's best round and its validation scores.
    fn best(&self, played: &RankingGameResult<S>, player: Player) -> (usize, Vec<f32>) {
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

    pub(super) fn contender(
        &self,
        player: Player,
        state: Snapshot,
        step: usize,
        scores: &[f32],
    ) -> ComparisonRow {
        let others = self.extras.measures.iter().map(|measure| self.validation.mean(measure, scores));
        let values = std::iter::once(self.validation.value(scores)).chain(others).collect();
        let by_query =
            self.validation.values(scores).into_iter().map(|v| (!v.is_nan()).then_some(v)).collect();
        let scores = if self.config.bag > 1 { scores.to_vec() } else { vec![] };
        ComparisonRow {
            method: self.config.method,
            player,
            state,
            step,
            origin: None,
            values,
            by_query,
            scores,
        }
    }

    pub(super) fn fitted(&mut self, method: Method) -> Result<&Fitted<S>> {
        if !self.fits.contains_key(&method) {
            let stream = Stream::new(self.config.seed).named("fit").named(&method.to_string());
            let fitted = if method.is_closed_form() {
                self.closed_form(method, stream)?
            } else if method.is_trees() {
                let checkpoints = &self.extras.checkpoints;
                let boosted = self.source.boosted(method, stream, checkpoints, self.listener)?;
                boosted.ok_or_else(|| not_built(method))?
            } else {
                let network = self.source.fresh(stream.named("init"));
                let known = self.epochs.and_then(|epochs| epochs.get(&method));
                let config =
                    FitConfig { epochs: *known.unwrap_or(&self.config.fit.epochs), ..self.config.fit };
                let data = (self.pools, &self.validation);
                fit(method, network, data, &config, stream, &self.extras.checkpoints, self.listener)?
            };
            let fitted = match self.end {
                End::Best => fitted,
                End::Last => fitted.at_the_end(),
            };
            self.warnings.extend(fitted.failure.clone());
            self.fits.insert(method, fitted);
        }
        Ok(&self.fits[&method])
    }

    fn closed_form(&self, method: Method, stream: Stream) -> Result<Fitted<S>> {
        self.extras.checkpoints.check_interrupt()?; // nothing is kept of it: it is made again
        let Some(scorer) = self.source.closed_form(method, stream)? else {
            return Err(foreign(method));
        };
        let value = self.validation.value(&self.validation.scores(&scorer));
        Ok(Fitted { last: scorer.clone(), scorer, epoch: 0, epochs: 0, value, failure: None })
    }

    pub(super) fn baseline(&mut self, method: Method) -> Result<ComparisonRow> {
        let fitted = self.fitted(method)?;
        let (step, network) = (fitted.epoch, fitted.scorer.clone());
        let scores = self.validation.scores(&network);
        Ok(ComparisonRow { method, ..self.contender(Player::Single, Snapshot::Best, step, &scores) })
    }

    pub(super) fn networks_of(&self, method: Method) -> Networks<S> {
        Networks::baseline(method, self.fits[&method].scorer.clone())
    }
}

/// The row of a player's best round.
fn best_row(rows: &[ComparisonRow], player: Player) -> Option<&ComparisonRow> {
    rows.iter().find(|row| row.state == Snapshot::Best && row.player == player)
}

/// The player with the best validation measure; both together when they are equal.
fn chosen<S>(played: &RankingGameResult<S>) -> Player {
    let values = [
        (Player::Both, played.both.value),
        (Player::G, played.generator.value),
        (Player::D, played.discriminator.value),
    ];
    values.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a }).map_or(Player::G, |best| best.0)
}
