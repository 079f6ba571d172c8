//! History of a game: its state now, at the last good round, and the best rounds.

use serde::{Deserialize, Serialize};

use super::guard::Guard;
use super::names::metric;
use super::players::JudgeStatistics;
use super::schedule::{Position, Schedule};
use crate::nn::{Named, Parameters, Tensor, TensorMut};
use crate::policy_gradient::Diagnostics;

/// States of a game that a checkpoint holds.
#[derive(Clone, Debug)]
pub(super) struct History<S, B> {
    /// State now.
    pub now: S,
    /// State after the last round in which all was well.
    pub good: S,
    /// Models of the best rounds.
    pub best: B,
}

impl<S: Parameters, B: Parameters> Parameters for History<S, B> {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut all = vec![];
        self.now.list("last".into(), &mut all);
        self.good.list("good".into(), &mut all);
        self.best.list("best".into(), &mut all);
        all
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        let mut all = vec![];
        self.now.list_mut("last".into(), &mut all);
        self.good.list_mut("good".into(), &mut all);
        self.best.list_mut("best".into(), &mut all);
        all
    }
}

/// Round in which a candidate was best, and its value then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BestRound {
    /// The round, 0 being the start.
    pub round: usize,
    /// Value of the candidate after that round.
    pub value: f64,
}

/// Epochs in which a player stood still, because the other was too weak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Frozen {
    pub discriminator: usize,
    pub generator: usize,
}

impl Frozen {
    /// Returns the metrics of a schedule that freezes a player.
    pub fn metrics(self, schedule: &Schedule) -> Vec<(&'static str, f64)> {
        let of_d = schedule.freeze_d.map(|_| (metric::D_FROZEN, self.discriminator as f64));
        let of_g = schedule.freeze_g.map(|_| (metric::G_FROZEN, self.generator as f64));
        of_d.into_iter().chain(of_g).collect()
    }
}

/// Position of a game and what its rounds have shown: the notes of a checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Record {
    pub over: bool,
    pub failure: Option<String>,
    pub start: Vec<f64>,
    pub next: Position,                 // the epoch counts those of both players
    pub generator: Diagnostics,         // of the last epoch
    pub judge: Option<JudgeStatistics>, // of the last epoch
    pub best: Vec<BestRound>,           // one a candidate
    pub guard: Guard,
    #[serde(default)]
    pub frozen: Frozen, // epochs so far
}

impl Record {
    /// Record of a game that has not begun, from the value of each candidate at the start.
    pub fn new(start: Vec<f64>) -> Self {
        Self {
            over: false,
            failure: None,
            best: start.iter().map(|&value| BestRound { round: 0, value }).collect(),
            start,
            next: Position::START,
            generator: Diagnostics::default(),
            judge: None,
            guard: Guard::default(),
            frozen: Frozen::default(),
        }
    }
}
