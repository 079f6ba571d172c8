//! The minimax game of IRGAN over candidate pools (Wang et al., SIGIR 2017, algorithm 1).
//!
//! # Differences from the paper
//! The best round of each player is kept by a validation measure; the authors' scripts choose it on
//! the test set.

use std::ops::Range;

use ndarray::Array2;

use super::batch::mini_batches;
use super::config::TrainConfig;
use super::discriminator::{DiscriminatorStats, Example, discriminator_epoch};
use super::example_loss::Mode;
use super::negatives::{NegativeSampler, draw_examples};
use super::pools::Pools;
use super::reward::RewardTable;
use super::scorer::Scorer;
use super::state::{BestModels, GameState, RankingGameResult};
use super::validation::Validation;
use crate::error::{Error, Result, require};
use crate::event::Listener;
use crate::game::{
    self, Checkpoints, Examination, JudgeStatistics, MOST_REPLAYED, Players, Position, Replay, RewardSource,
    Round, Rules, Schedule, generator_metrics, metric,
};
use crate::policy_gradient::Diagnostics;
use crate::seed::Stream;

/// Plays the game of `config` from the given players: a stage of `checkpoints` by the name of its reward.
///
/// # Errors
/// When a checkpoint cannot be read or written, or the training was asked to stop. A number that stops being
/// finite ends the game instead, and so may collapse.
pub fn play<S: Scorer>(
    config: &TrainConfig,
    mode: Mode,
    start: (S, S),
    (pools, validation): (&S::Pools, &Validation<'_, S::Pools>),
    stream: Stream,
    checkpoints: &Checkpoints,
    listener: &mut dyn Listener,
) -> Result<RankingGameResult<S>> {
    let reward = config.generator.reward.source;
    let alone = config.generator.learns_alone();
    let d_epochs = if alone { 0 } else { config.schedule.d_epochs };
    let rules = Rules {
        phase: &reward.phase(),
        schedule: Schedule { d_epochs, ..config.schedule },
        on_collapse: config.on_collapse,
        patience: config.patience,
        reward_changes: reward != RewardSource::Constant,
    };
    let mut players = RankingPlayers {
        config,
        mode,
        pools,
        validation,
        queries: pools.trainable(),
        examples: vec![],
        coming: Coming::default(),
        next_replay: None,
        rewards: None,
        turn: Position::START,
        stream,
    };
    let replay = players.empty_replay()?;
    let begin = (GameState { replay, ..GameState::new(config, start.clone()) }, BestModels::new(start));
    Ok(game::play(&mut players, begin, &rules, checkpoints, listener)?.into())
}

/// More rewards than this are made where they are needed, and not kept: 64 MiB.
const LARGEST_TABLE: usize = 1 << 24;

/// Players of a game over pools: what they play with, and what a turn keeps for its epochs.
pub(super) struct RankingPlayers<'a, S: Scorer> {
    pub config: &'a TrainConfig,
    pub mode: Mode,
    pub pools: &'a S::Pools,
    validation: &'a Validation<'a, S::Pools>,
    queries: Vec<u32>,
    examples: Vec<Example>,
    coming: Coming,
    next_replay: Option<Replay>,      // after the examples have been learnt from
    pub rewards: Option<RewardTable>, // none where it would be too large, or where there is no discriminator
    pub turn: Position,               // where this turn of the generator began
    pub stream: Stream,
}

/// Examples of the next draw, as far as they are drawn: the generator stands still while the discriminator learns.
#[derive(Default)]
struct Coming {
    examples: Vec<Example>,
    queries: usize, // so many of the first are drawn
}

impl<S: Scorer> Players for RankingPlayers<'_, S> {
    type State = GameState<S>;
    type Best = BestModels<S>;

    fn start(&mut self, state: &GameState<S>) -> Vec<f64> {
        self.values(state)
    }

    fn redraw(&mut self, state: &GameState<S>, at: Position) -> Result<()> {
        let coming = std::mem::take(&mut self.coming);
        self.examples = if coming.queries == self.queries.len() {
            coming.examples
        } else {
            self.draw(state.generator.model(), &self.queries, at)
        };
        if let Some(replay) = &state.replay {
            self.replay(replay, at.stream(self.stream.named("redraw")).named("replay"));
        }
        Ok(())
    }

    fn end_lesson(&mut self, state: &mut GameState<S>) {
        state.replay = self.next_replay.take().or(state.replay.take());
    }

    fn discriminator_epoch(
        &mut self,
        state: &mut GameState<S>,
        at: Position,
    ) -> Result<Option<JudgeStatistics>> {
        let GameState { generator, discriminator, .. } = &mut *state;
        let mut learn = || {
            discriminator_epoch(
                discriminator,
                self.pools,
                &self.examples,
                self.config.discriminator.loss(self.mode),
                self.config.discriminator.batch,
                at.stream(self.stream.named("discriminator")),
            )
        };
        let stats = match self.ahead(at) {
            None => learn(),
            Some((next, queries)) => {
                let draw = || self.draw(generator.model(), &self.queries[queries.clone()], next);
                let (stats, drawn) = rayon::join(learn, draw);
                self.coming.examples.extend(drawn);
                self.coming.queries = queries.end;
                stats
            }
        };
        check(state.discriminator.model(), "discriminator", stats.loss, at)?;
        let DiscriminatorStats { loss, accuracy, calibration } = stats;
        Ok(Some(JudgeStatistics { accuracy, loss: Some(loss), calibration: Some(calibration) }))
    }

    fn prepare_reward(&mut self, state: &GameState<S>, at: Position) -> Result<()> {
        self.turn = at;
        let size: usize = self.queries.iter().map(|&q| self.pools.candidates(q as usize)).sum();
        if size > LARGEST_TABLE || self.config.generator.learns_alone() {
            return Ok(());
        }
        let (rules, stream) = (self.reward_rules(), self.placebo_stream());
        let discriminator = state.discriminator.model();
        let rewards = RewardTable::new(discriminator, self.pools, &self.queries, rules, stream)
            .with_entropy(self.config.generator.entropy);
        let reward = if rewards.is_finite() { 0.0 } else { f64::NAN };
        check(discriminator, "discriminator", reward, at)?;
        self.rewards = Some(rewards);
        Ok(())
    }

    fn generator_epoch(&mut self, state: &mut GameState<S>, at: Position) -> Result<Diagnostics> {
        let stream = at.stream(self.stream.named("generator"));
        let batches = mini_batches(&self.queries, self.config.generator.batch, stream);
        let mut seen = Diagnostics::default();
        for (step, batch) in batches.iter().enumerate() {
            seen = seen.merge(self.generator_step(state, batch, stream.at(step as u64)));
        }
        check(state.generator.model(), "generator", seen.reward, at)?;
        Ok(seen)
    }

    fn examine(&mut self, state: &GameState<S>, round: &Round) -> Examination {
        let values = self.values(state);
        let names = [metric::GENERATOR, metric::DISCRIMINATOR, metric::BOTH];
        let mut metrics: Vec<_> = names.into_iter().zip(values.iter().copied()).collect();
        metrics.extend(generator_metrics(&round.generator));
        if !self.config.generator.learns_alone() {
            let JudgeStatistics { loss, accuracy, calibration } = round.judge.unwrap_or_default();
            metrics.extend([
                (metric::D_LOSS, loss.unwrap_or_default()),
                (metric::D_ACCURACY, accuracy),
                (metric::D_CALIBRATION, calibration.unwrap_or_default()),
            ]);
        }
        Examination { values, metrics, is_complete: true, ..Default::default() }
    }

    fn keep_best(&self, candidate: usize, state: &GameState<S>, best: &mut BestModels<S>) {
        best.keep(candidate, state);
    }

    fn scale_learning_rates(&self, state: &mut GameState<S>, rate: f32) {
        let TrainConfig { generator, discriminator, .. } = self.config;
        state.generator.set_learning_rate(rate * generator.optimizer.learning_rate);
        state.discriminator.set_learning_rate(rate * discriminator.optimizer.learning_rate);
    }
}

impl<S: Scorer> RankingPlayers<'_, S> {
    /// Draws the examples of some queries from the generator.
    fn draw(&self, generator: &S, queries: &[u32], at: Position) -> Vec<Example> {
        let config = &self.config.discriminator;
        let drawer = NegativeSampler::Softmax(generator, config.temperature, config.uniform);
        let stream = at.stream(self.stream.named("redraw"));
        draw_examples(&drawer, self.pools, queries, config.draw_from, config.draws, stream)
    }

    /// Returns the next draw within the discriminator's turn, and the queries of it that are drawn beside its epoch `at`: as many
    /// beside every epoch. An epoch's updates follow each other on one processor where batches are small; the draw has the others.
    fn ahead(&self, at: Position) -> Option<(Position, Range<usize>)> {
        let schedule = &self.config.schedule;
        let drawn = |epochs: usize| self.queries.len() * epochs / schedule.lesson();
        let since = at.epoch % schedule.lesson();
        let queries = drawn(since)..drawn(since + 1);
        // Processes share a draw, and a training that goes on within a lesson has missed a part of the next.
        let follows = self.pools.team().size() == 1 && self.coming.queries == queries.start;
        schedule.next_redraw(at).filter(|_| follows).map(|next| (next, queries))
    }

    /// Returns the buffer of earlier draws, a place for every example, where the settings ask for one.
    ///
    /// # Errors
    /// When a pool is too large for the numbers of its documents.
    fn empty_replay(&self) -> Result<Option<Replay>> {
        let config = &self.config.discriminator;
        if config.replay == 0.0 {
            return Ok(None);
        }
        let largest = self.queries.iter().map(|&q| self.pools.candidates(q as usize)).max().unwrap_or(0);
        require(largest <= MOST_REPLAYED, || {
            format!(
                "`discriminator.replay` does not apply to pools of more than {MOST_REPLAYED} documents, found {largest}"
            )
        })?;
        // Every draw has as many examples, in one order: positives by their queries.
        let uniform = NegativeSampler::<S>::Uniform;
        let examples =
            draw_examples(&uniform, self.pools, &self.queries, config.draw_from, config.draws, self.stream);
        Ok(Some(Replay::new(examples.len(), 1)))
    }

    /// Puts documents that were drawn for the same positives in earlier rounds in the place of some examples.
    fn replay(&mut self, replay: &Replay, stream: Stream) {
        let drawn = self.examples.iter().map(|example| example.drawn as f32).collect();
        let fresh = Array2::from_shape_vec((self.examples.len(), 1), drawn).expect("a column");
        let shown = replay.mixed(fresh.view(), self.config.discriminator.replay, stream);
        self.examples.iter_mut().zip(&shown).for_each(|(example, &drawn)| example.drawn = drawn as u32);
        self.next_replay = Some(replay.after(fresh.view(), stream));
    }

    /// Validation measures of generator, discriminator and both; of the generator where there is no discriminator.
    fn values(&self, state: &GameState<S>) -> Vec<f64> {
        let g = self.validation.scores(state.generator.model());
        if self.config.generator.learns_alone() {
            return vec![self.validation.value(&g)];
        }
        let d = self.validation.scores(state.discriminator.model());
        let both = self.validation.combine(&g, &d);
        [&g, &d, &both].map(|scores| self.validation.value(scores)).to_vec()
    }
}

/// Refuses a loss, a reward or weights that are not finite.
fn check<S: Scorer>(player: &S, name: &str, loss: f64, at: Position) -> Result<()> {
    if loss.is_finite() && player.is_finite() {
        return Ok(());
    }
    Err(Error::NonFinite(format!(
        "round {}: the {name}'s loss, reward or weights are no longer finite; the best round so far is kept. \
         Lower the {name}'s learning rate or raise its weight decay",
        at.round
    )))
}
