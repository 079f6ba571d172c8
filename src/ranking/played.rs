//! What a game between two scorers has learnt and seen: its checkpoint, and what it ends with.

use serde::{Deserialize, Serialize};

use super::config::TrainConfig;
use super::discriminator::DiscriminatorStats;
use super::{Scorer, Validation};
use crate::game::{Guard, Progress};
use crate::nn::{Learner, impl_parameters};
use crate::policy_gradient::{BaselineState, Diagnostics};

/// The best of a player over the rounds.
#[derive(Clone, Debug)]
pub struct Best<M> {
    /// The model.
    pub model: M,
    /// The round it was seen after, 0 being the start.
    pub round: usize,
    /// Its validation measure.
    pub value: f64,
}

/// What a game ends with.
#[derive(Clone, Debug)]
pub struct Played<S> {
    /// The best generator.
    pub generator: Best<S>,
    /// The best discriminator.
    pub discriminator: Best<S>,
    /// The best generator and discriminator of one round, ranking together.
    pub both: Best<(S, S)>,
    /// Generator and discriminator as the game left them.
    pub last: (S, S),
    /// Validation measures of the start: generator, discriminator, both.
    pub start: [f64; 3],
    /// Why the game ended early, when a number stopped being finite.
    pub failure: Option<String>,
    /// What was seen of collapse, and done about it.
    pub collapses: Vec<String>,
}

/// Everything that a game changes: both players and all that moves them, their best rounds, and the last round
/// in which all was well.
#[derive(Clone)]
pub(super) struct Learned<S> {
    pub generator: Learner<S>,
    pub discriminator: Learner<S>,
    pub baseline: BaselineState,
    best_generator: S,
    best_discriminator: S,
    best_both_generator: S,
    best_both_discriminator: S,
    good_generator: Learner<S>,
    good_discriminator: Learner<S>,
    good_baseline: BaselineState,
}

/// The round of a player's best, and its validation measure.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct BestAt {
    pub round: usize,
    pub value: f64,
}

/// How far a game has come, and what it has seen.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub over: bool,
    pub failure: Option<String>,
    start: [f64; 3],
    pub done: Progress,
    pub g_stats: Diagnostics,        // of the last epoch
    pub d_stats: DiscriminatorStats, // of the last epoch
    pub best: [BestAt; 3],           // generator, discriminator, both
    pub guard: Guard,
}

impl Record {
    /// Of a game that has not begun.
    pub fn of_start<S: Scorer>(learned: &Learned<S>, validation: &Validation<'_, S::Pools>) -> Self {
        let (g, d) =
            (validation.scores(learned.generator.model()), validation.scores(learned.discriminator.model()));
        let both = validation.combine(&g, &d);
        let start = [&g, &d, &both].map(|scores| validation.value(scores));
        Self { start, best: start.map(|value| BestAt { round: 0, value }), ..Default::default() }
    }
}

impl<S: Scorer> Learned<S> {
    /// Two players at their start.
    pub fn new(config: &TrainConfig, (generator, discriminator): (S, S)) -> Self {
        let baseline = BaselineState::for_episodes(config.generator.baseline, 1, 0);
        let (g, d) = (generator.clone(), discriminator.clone());
        let generator = Learner::new(generator, config.generator.optimizer);
        let discriminator = Learner::new(discriminator, config.discriminator.optimizer);
        Self {
            best_generator: g.clone(),
            best_discriminator: d.clone(),
            best_both_generator: g,
            best_both_discriminator: d,
            good_generator: generator.clone(),
            good_discriminator: discriminator.clone(),
            good_baseline: baseline.clone(),
            generator,
            discriminator,
            baseline,
        }
    }

    /// A round in which all was well: it is the last good one, and for some players perhaps the best.
    pub fn keep(&mut self, record: &mut Record, values: [f64; 3]) {
        let round = record.done.rounds;
        let [g, d, both] = std::array::from_fn(|player| {
            let best = &mut record.best[player];
            let better = values[player] > best.value;
            if better {
                *best = BestAt { round, value: values[player] };
            }
            better
        });
        if g {
            self.best_generator = self.generator.model().clone();
        }
        if d {
            self.best_discriminator = self.discriminator.model().clone();
        }
        if both {
            self.best_both_generator = self.generator.model().clone();
            self.best_both_discriminator = self.discriminator.model().clone();
        }
        self.good_generator = self.generator.clone();
        self.good_discriminator = self.discriminator.clone();
        self.good_baseline = self.baseline.clone();
    }

    /// Back to the last round in which all was well, with the learning rates that `guard` leaves.
    pub fn take_back(&mut self, config: &TrainConfig, guard: &Guard) {
        self.generator = self.good_generator.clone();
        self.discriminator = self.good_discriminator.clone();
        self.baseline = self.good_baseline.clone();
        self.slow_down(config, guard.rate());
    }

    /// Both learning rates are those of `config` times `rate`.
    pub fn slow_down(&mut self, config: &TrainConfig, rate: f32) {
        self.generator.set_learning_rate(rate * config.generator.optimizer.learning_rate);
        self.discriminator.set_learning_rate(rate * config.discriminator.optimizer.learning_rate);
    }

    /// What the game ends with.
    pub fn played(self, record: Record) -> Played<S> {
        let [g, d, both] = record.best;
        fn best<M>(model: M, BestAt { round, value }: BestAt) -> Best<M> {
            Best { model, round, value }
        }
        Played {
            generator: best(self.best_generator, g),
            discriminator: best(self.best_discriminator, d),
            both: best((self.best_both_generator, self.best_both_discriminator), both),
            last: (self.generator.into_model(), self.discriminator.into_model()),
            start: record.start,
            failure: record.failure,
            collapses: record.guard.found().to_vec(),
        }
    }
}

impl_parameters!(S: Scorer, Learned<S> {
    "last.generator": generator,
    "last.discriminator": discriminator,
    "last.baseline": baseline,
    "best.generator": best_generator,
    "best.discriminator": best_discriminator,
    "best.both-generator": best_both_generator,
    "best.both-discriminator": best_both_discriminator,
    "good.generator": good_generator,
    "good.discriminator": good_discriminator,
    "good.baseline": good_baseline,
});
