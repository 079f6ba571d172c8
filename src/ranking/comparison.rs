//! Rows of the final comparison on the validation data, and what placebo rewards came to.

use serde::{Deserialize, Serialize};

use super::config::Method;
use super::networks::Player;
use crate::files::json_file;
use crate::game::RewardSource;

/// Row of the final comparison on the validation data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComparisonRow {
    /// The method.
    pub method: Method,
    /// The player.
    pub player: Player,
    /// Snapshot of the player.
    pub state: Snapshot,
    /// Best epoch or round by the choosing measure; of a start the best epoch of the baseline that it is.
    pub step: usize,
    /// Origin of a start; `None` for other rows, for both players together, and in results of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The choosing measure, then the others asked for.
    #[serde(deserialize_with = "json_file::numbers")]
    pub values: Vec<f64>,
    /// The choosing measure of every validation query, in the order of [`Trained::queries`](super::Trained::queries); none where it skips
    /// one.
    pub by_query: Vec<Option<f64>>,
    /// Scores of all validation documents, where the models of a bag are to be averaged; otherwise empty.
    #[serde(skip)]
    pub scores: Vec<f32>,
}

impl ComparisonRow {
    /// Returns true when `other`, of another training with the same settings, is of the same ranker. A placebo stands beside the
    /// player that its own training chose.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let player = self.player == other.player || matches!(self.state, Snapshot::Control(_));
        player && (self.method, self.state) == (other.method, other.state)
    }
}

/// Origin of a player before its first round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Random weights.
    Random,
    /// A model that was given.
    Given,
    /// A baseline, trained on the same data.
    Baseline(Method),
}

/// Ranking of the validation data that was not trained: BM25, a planted optimum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reference {
    /// Name of the row.
    pub name: String,
    /// The choosing measure, then the others asked for.
    #[serde(deserialize_with = "json_file::numbers")]
    pub values: Vec<f64>,
    /// The choosing measure of every validation query, as of a [`ComparisonRow`]; empty for what is no ranker to be compared
    /// with, such as an optimum, and in results of older versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_query: Vec<Option<f64>>,
    /// Settings that give this ranking, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<(String, String)>,
}

/// State of a ranker that a row of the comparison shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Snapshot {
    /// The best epoch or round.
    Best,
    /// A player before its first round.
    Start,
    /// The best round of the player in a game whose generator received a placebo instead of the discriminator's reward.
    Control(RewardSource),
}

/// Game with a placebo instead of the discriminator's reward, compared with the real game.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlaceboOutcome {
    /// The placebo reward.
    pub control: RewardSource,
    /// Mean of the real game's chosen player minus that of the same player in the placebo game, by the choosing measure,
    /// each at its best round.
    #[serde(deserialize_with = "json_file::number")]
    pub gain: f64,
    /// Two-sided Fisher randomisation test of that difference over the validation queries.
    #[serde(deserialize_with = "json_file::number")]
    pub p_value: f64,
    /// True when the placebo game ended early because a number stopped being finite.
    pub failed: bool,
}

impl PlaceboOutcome {
    /// Returns true when the discriminator's reward did better by more than chance (p < 0.05).
    pub fn is_beaten(&self) -> bool {
        !self.failed && self.gain > 0.0 && self.p_value < 0.05
    }
}
