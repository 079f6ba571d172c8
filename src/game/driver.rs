//! Plays a game: its rounds, its guard against collapse, its best rounds, its checkpoints and its end.

use super::guard::{OnCollapse, Signs, Verdict};
use super::history::{BestRound, History, Record};
use super::players::{Examination, Players, Round};
use super::schedule::{Move, Position, Schedule};
use super::stage::{Checkpoints, Stage};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::policy_gradient::Diagnostics;

/// Rules of a game.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    /// Name of the game in logs, and of its checkpoint.
    pub phase: &'a str,
    /// Schedule of the moves.
    pub schedule: Schedule,
    /// Reaction to a collapse.
    pub on_collapse: OnCollapse,
    /// Rounds without a better value of any candidate before the game ends.
    pub patience: usize,
    /// True when the mean reward changes as long as the generator learns; a constant reward does not.
    pub reward_changes: bool,
}

/// Result of a game.
#[derive(Clone, Debug, PartialEq)]
pub struct GameResult<S, B> {
    /// State after the last round, or after the last good one when the game ended early.
    pub last: S,
    /// Models of the best rounds.
    pub best: B,
    /// Round and value of each candidate's best.
    pub best_rounds: Vec<BestRound>,
    /// Value of each candidate before the first round.
    pub start: Vec<f64>,
    /// Reason that the game ended early, when a number stopped being finite.
    pub failure: Option<String>,
    /// Signs of collapse that were seen, and what was done about each.
    pub collapses: Vec<String>,
}

/// Plays a game between `players` from `state` and `best`, or from its checkpoint: a stage of `checkpoints` by the name
/// of its phase. A number that stops being finite ends the game with its last good state; so may a collapse.
///
/// # Errors
/// When a checkpoint cannot be read or written, when the training was asked to stop, or when a player fails otherwise.
pub fn play<P: Players>(
    players: &mut P,
    (state, best): (P::State, P::Best),
    rules: &Rules<'_>,
    checkpoints: &Checkpoints,
    listener: &mut dyn Listener,
) -> Result<GameResult<P::State, P::Best>> {
    let stage = checkpoints.stage(rules.phase);
    let mut history = History { good: state.clone(), now: state, best };
    let record = match stage.load(&mut history)? {
        Some(record) => record,
        None => Record::new(players.start(&history.now)),
    };
    players.scale_learning_rates(&mut history.now, record.guard.rate());
    let mut game = Game { players, rules, history, record, stage, listener };
    match game.play_rounds() {
        Err(Error::NonFinite(message)) => game.fail(message)?,
        other => other?,
    }
    checkpoints.check_interrupt()?;
    Ok(game.into_result())
}

struct Game<'a, P: Players> {
    players: &'a mut P,
    rules: &'a Rules<'a>,
    history: History<P::State, P::Best>,
    record: Record,
    stage: Stage,
    listener: &'a mut dyn Listener,
}

impl<P: Players> Game<'_, P> {
    fn play_rounds(&mut self) -> Result<()> {
        while !self.record.over && self.record.next.round <= self.rules.schedule.rounds {
            for step in self.rules.schedule.moves(self.record.next) {
                self.play_move(step)?;
            }
            self.end_round()?;
        }
        Ok(())
    }

    fn play_move(&mut self, step: Move) -> Result<()> {
        let now = &mut self.history.now;
        let (schedule, accuracy) = (&self.rules.schedule, self.record.judge.map(|judge| judge.accuracy));
        match step {
            Move::DiscriminatorEpoch(at) if schedule.freezes_discriminator(accuracy) => {
                // It tells how strong the discriminator is now, and is taken back.
                let mut measured = now.clone();
                self.record.judge = self.players.discriminator_epoch(&mut measured, at)?;
                self.record.frozen.discriminator += 1;
            }
            Move::GeneratorEpoch(_) if schedule.freezes_generator(accuracy) => {
                self.record.frozen.generator += 1;
            }
            Move::Redraw(at) => return self.players.redraw(now, at),
            Move::PrepareReward(at) => return self.players.prepare_reward(now, at),
            Move::DiscriminatorEpoch(at) => self.record.judge = self.players.discriminator_epoch(now, at)?,
            Move::GeneratorEpoch(at) => self.record.generator = self.players.generator_epoch(now, at)?,
        }
        if let Move::DiscriminatorEpoch(at) = step
            && schedule.ends_lesson(at)
        {
            self.players.end_lesson(&mut self.history.now);
        }
        self.record.next.epoch += 1;
        if self.record.next.epoch < self.rules.schedule.epochs() {
            self.stage.step(&self.history, &self.record)?; // after the last epoch the round ends first
        }
        Ok(())
    }

    fn end_round(&mut self) -> Result<()> {
        let Rules { phase, schedule, on_collapse, patience, .. } = *self.rules;
        let number = self.record.next.round;
        let is_last = number >= schedule.rounds;
        let round = Round { number, is_last, generator: self.record.generator, judge: self.record.judge };
        let examined = self.players.examine(&self.history.now, &round);
        let mut examined = examined;
        examined.metrics.extend(self.record.frozen.metrics(&schedule));
        self.listener.event(&Event { phase, step: number, of: schedule.rounds, metrics: &examined.metrics });
        let verdict = self.record.guard.judge(number, &self.signs(&examined), on_collapse);
        self.record.next = Position { round: number + 1, epoch: 0 };
        match verdict {
            Verdict::PlayOn => self.keep(number, &examined),
            Verdict::RollBack | Verdict::Stop => self.roll_back(),
        }
        let best = self.record.best.iter().map(|best| best.round).max();
        let is_stale = best.is_some_and(|best| number >= best.saturating_add(patience));
        self.record.over = is_last || is_stale || verdict == Verdict::Stop;
        if self.record.over {
            self.stage.save(&self.history, &self.record)
        } else {
            self.stage.step(&self.history, &self.record)
        }
    }

    /// Returns what the guard looks at after a round.
    fn signs(&self, examined: &Examination) -> Signs {
        let Schedule { g_epochs, freeze_g, .. } = self.rules.schedule;
        let moved = g_epochs > 0 && self.record.generator != Diagnostics::default();
        Signs {
            entropy: moved.then_some(self.record.generator.entropy),
            reward: (moved && self.rules.reward_changes && freeze_g.is_none())
                .then_some(self.record.generator.reward),
            diversity: examined.diversity,
            floor: examined.floor,
        }
    }

    /// Keeps a round in which all was well, as the best of a candidate and as the last good one.
    fn keep(&mut self, round: usize, examined: &Examination) {
        for (candidate, (&value, best)) in examined.values.iter().zip(&mut self.record.best).enumerate() {
            if value > best.value {
                *best = BestRound { round, value };
                self.players.keep_best(candidate, &self.history.now, &mut self.history.best);
            }
        }
        if examined.is_complete {
            self.history.good = self.history.now.clone();
        }
    }

    /// Takes the game back to the last good round, with the learning rates that the guard leaves.
    fn roll_back(&mut self) {
        self.history.now = self.history.good.clone();
        self.players.scale_learning_rates(&mut self.history.now, self.record.guard.rate());
    }

    /// Ends the game because a number stopped being finite.
    fn fail(&mut self, message: String) -> Result<()> {
        self.roll_back();
        (self.record.failure, self.record.over) = (Some(message), true);
        self.stage.save(&self.history, &self.record)
    }

    fn into_result(self) -> GameResult<P::State, P::Best> {
        let Self { history, record, .. } = self;
        GameResult {
            last: history.now,
            best: history.best,
            best_rounds: record.best,
            start: record.start,
            failure: record.failure,
            collapses: record.guard.found().to_vec(),
        }
    }
}
