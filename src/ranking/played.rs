//! What a game between two scorers has learnt and seen: its checkpoint, and what it ends with.

use serde::{Deserialize, Serialize};

use super::config::TrainConfig;
use super::discriminator::DiscriminatorStats;
use super::{Scorer, Validation};
use crate::game::{Guard, Progress};
use crate::nn::{Optimizer, Parameters, Tensor, TensorMut, prefixed, prefixed_mut};
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
    pub generator: S,
    pub discriminator: S,
    pub g_optimizer: Optimizer,
    pub d_optimizer: Optimizer,
    pub baseline: BaselineState,
    best_generator: S,
    best_discriminator: S,
    best_both: (S, S),
    good: (S, S),
    good_optimizers: (Optimizer, Optimizer),
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
        let (g, d) = (validation.scores(&learned.generator), validation.scores(&learned.discriminator));
        let both = validation.combine(&g, &d);
        let start = [&g, &d, &both].map(|scores| validation.value(scores));
        Self { start, best: start.map(|value| BestAt { round: 0, value }), ..Default::default() }
    }
}

impl<S: Scorer> Learned<S> {
    /// Two players at their start.
    pub fn new(config: &TrainConfig, (generator, discriminator): (S, S)) -> Self {
        let g_optimizer = Optimizer::new(config.generator.optimizer, &generator);
        let d_optimizer = Optimizer::new(config.discriminator.optimizer, &discriminator);
        let baseline = BaselineState::for_episodes(config.generator.baseline, 1, 0);
        let both = (generator.clone(), discriminator.clone());
        Self {
            best_generator: generator.clone(),
            best_discriminator: discriminator.clone(),
            best_both: both.clone(),
            good: both,
            good_optimizers: (g_optimizer.clone(), d_optimizer.clone()),
            good_baseline: baseline.clone(),
            generator,
            discriminator,
            g_optimizer,
            d_optimizer,
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
        let now = (self.generator.clone(), self.discriminator.clone());
        if g {
            self.best_generator = now.0.clone();
        }
        if d {
            self.best_discriminator = now.1.clone();
        }
        if both {
            self.best_both = now.clone();
        }
        self.good = now;
        self.good_optimizers = (self.g_optimizer.clone(), self.d_optimizer.clone());
        self.good_baseline = self.baseline.clone();
    }

    /// Back to the last round in which all was well, with the learning rates that `guard` leaves.
    pub fn take_back(&mut self, config: &TrainConfig, guard: &Guard) {
        (self.generator, self.discriminator) = self.good.clone();
        (self.g_optimizer, self.d_optimizer) = self.good_optimizers.clone();
        self.baseline = self.good_baseline.clone();
        self.slow_down(config, guard.rate());
    }

    /// Both learning rates are those of `config` times `rate`.
    pub fn slow_down(&mut self, config: &TrainConfig, rate: f32) {
        self.g_optimizer.set_learning_rate(rate * config.generator.optimizer.learning_rate);
        self.d_optimizer.set_learning_rate(rate * config.discriminator.optimizer.learning_rate);
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
            both: best(self.best_both, both),
            last: (self.generator, self.discriminator),
            start: record.start,
            failure: record.failure,
            collapses: record.guard.found().to_vec(),
        }
    }
}

/// Names and parts, in one order for both directions.
macro_rules! parts {
    ($learned:ident, $tensors:ident) => {
        [
            ("last.generator", $learned.generator.$tensors()),
            ("last.discriminator", $learned.discriminator.$tensors()),
            ("last.g-optimizer", $learned.g_optimizer.$tensors()),
            ("last.d-optimizer", $learned.d_optimizer.$tensors()),
            ("last.baseline", $learned.baseline.$tensors()),
            ("best.generator", $learned.best_generator.$tensors()),
            ("best.discriminator", $learned.best_discriminator.$tensors()),
            ("best.both-generator", $learned.best_both.0.$tensors()),
            ("best.both-discriminator", $learned.best_both.1.$tensors()),
            ("good.generator", $learned.good.0.$tensors()),
            ("good.discriminator", $learned.good.1.$tensors()),
            ("good.g-optimizer", $learned.good_optimizers.0.$tensors()),
            ("good.d-optimizer", $learned.good_optimizers.1.$tensors()),
            ("good.baseline", $learned.good_baseline.$tensors()),
        ]
    };
}

impl<S: Scorer> Parameters for Learned<S> {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        parts!(self, tensors).into_iter().flat_map(|(name, tensors)| prefixed(name, tensors)).collect()
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        parts!(self, tensors_mut)
            .into_iter()
            .flat_map(|(name, tensors)| prefixed_mut(name, tensors))
            .collect()
    }
}
