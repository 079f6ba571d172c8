//! A finished training, and what is needed to train the same again on more data.

use std::collections::HashMap;

use super::comparison::{ComparisonRow, PlaceboOutcome, Snapshot};
use super::config::Method;
use super::features::FeatureRanker;
use super::networks::Player;
use super::ranker::Ranker;

/// A finished training.
#[derive(Debug)]
pub struct Trained<M = FeatureRanker> {
    /// The ranker.
    pub model: M,
    /// The baselines that were asked for.
    pub baselines: Vec<M>,
    /// Names of the validation queries.
    pub queries: Vec<String>,
    /// Players, controls and baselines side by side.
    pub contenders: Vec<ComparisonRow>,
    /// Comparisons with the placebo rewards that were asked for.
    pub controls: Vec<PlaceboOutcome>,
    /// Reason that training ended early, when a number stopped being finite; the model is the best before.
    pub failure: Option<String>,
    /// Warnings of every training that this one needed or was compared with.
    pub warnings: Vec<String>,
    /// Epochs, rounds and player that the validation data chose.
    pub plan: RefitPlan,
}

impl<M: Ranker> Trained<M> {
    /// Returns the choosing measure of the model's chosen player on the validation data.
    pub fn value(&self) -> f64 {
        let (method, player) = (self.model.method(), self.model.chosen());
        let same = |row: &&ComparisonRow| {
            row.state == Snapshot::Best && (row.method, row.player) == (method, player)
        };
        self.contenders.iter().find(same).map_or(f64::NAN, |row| row.values[0])
    }
}

impl<M> Trained<M> {
    /// Returns the training with its rankers turned into something else by `make`.
    pub fn map<N>(self, make: impl Fn(M) -> N) -> Trained<N> {
        let Self { model, baselines, queries, contenders, controls, failure, warnings, plan } = self;
        let (model, baselines) = (make(model), baselines.into_iter().map(&make).collect());
        Trained { model, baselines, queries, contenders, controls, failure, warnings, plan }
    }
}

/// Epochs, rounds and player that the validation data chose: enough to train the same again on more data without them.
#[derive(Clone, Debug, PartialEq)]
pub struct RefitPlan {
    /// Epochs of every baseline and start.
    pub epochs: HashMap<Method, usize>,
    /// Rounds of the game, the player that did best, and the weight of the discriminator when both rank.
    pub game: Option<(usize, (Player, f32))>,
}
