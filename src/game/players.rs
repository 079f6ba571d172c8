//! Interface between a game and its two players.

use serde::{Deserialize, Serialize};

use super::names::metric;
use super::schedule::Position;
use crate::error::Result;
use crate::nn::Parameters;
use crate::policy_gradient::Diagnostics;

/// Two players of an adversarial game: their turns, and how they are measured after a round.
///
/// The game owns the state, its history on disk and the order of the moves; players change the state in their turns.
/// A player whose numbers stop being finite returns [`Error::NonFinite`](crate::error::Error::NonFinite), which ends the
/// game.
pub trait Players {
    /// Everything that the game changes: models and optimisers of both players, and what baselines remember.
    type State: Parameters;

    /// Models kept of the best rounds; `()` for a game that keeps its last round.
    type Best: Parameters;

    /// Returns the values of the start by which candidates for the best are compared, larger being better; as many as
    /// [`Examination::values`] will have.
    fn start(&mut self, state: &Self::State) -> Vec<f64>;

    /// Draws fresh examples from the generator for the discriminator.
    fn redraw(&mut self, state: &Self::State, at: Position) -> Result<()>;

    /// Makes one pass of the discriminator over real and drawn examples; `None` where it does not learn.
    fn discriminator_epoch(
        &mut self,
        state: &mut Self::State,
        at: Position,
    ) -> Result<Option<JudgeStatistics>>;

    /// Takes the examples of the last draw into the state, when the discriminator has made all its epochs over them.
    fn end_lesson(&mut self, _state: &mut Self::State) {}

    /// Prepares the reward for a turn of the generator.
    fn prepare_reward(&mut self, state: &Self::State, at: Position) -> Result<()>;

    /// Makes one pass of the generator.
    fn generator_epoch(&mut self, state: &mut Self::State, at: Position) -> Result<Diagnostics>;

    /// Measures the players after a round.
    fn examine(&mut self, state: &Self::State, round: &Round) -> Examination;

    /// Copies the models of `candidate`, an index into [`Examination::values`], from `state` to `best`.
    fn keep_best(&self, candidate: usize, state: &Self::State, best: &mut Self::Best);

    /// Sets the learning rates of both players to those of their settings times `rate`.
    fn scale_learning_rates(&self, state: &mut Self::State, rate: f32);
}

/// A round that was played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// Number of the round, from 1.
    pub number: usize,
    /// True in the last round of the schedule.
    pub is_last: bool,
    /// Diagnostics of the generator's last epoch.
    pub generator: Diagnostics,
    /// Statistics of the discriminator's last epoch, where it learns.
    pub judge: Option<JudgeStatistics>,
}

/// Measurements of both players after a round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examination {
    /// Value of each candidate for the best; a better one than before is kept.
    pub values: Vec<f64>,
    /// Names and values for the log, in their order.
    pub metrics: Vec<(&'static str, f64)>,
    /// True when everything was measured that could show a collapse: the round may become the last good one.
    pub is_complete: bool,
    /// Number of distinct tokens in generated sentences, now and before the game.
    pub diversity: Option<(f64, f64)>,
    /// Negative log-likelihood under the oracle of generated sentences, and of the oracle's own.
    pub floor: Option<(f64, f64)>,
}

/// Statistics of one epoch of a judge: means over its examples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JudgeStatistics {
    /// Share of examples that are judged rightly.
    pub accuracy: f64,
    /// Loss of an example; `None` for a judge of which only the gradient is computed.
    #[serde(default)]
    pub loss: Option<f64>,
    /// Predicted label minus the share that it should be, 0 being calibrated; `None` as for the loss.
    #[serde(default)]
    pub calibration: Option<f64>,
}

/// Returns the metrics of the generator's last epoch, in the order of the log.
pub fn generator_metrics(diagnostics: &Diagnostics) -> [(&'static str, f64); 5] {
    [
        (metric::REWARD, diagnostics.reward),
        (metric::BASELINE, diagnostics.baseline),
        (metric::GRADIENT_VARIANCE, diagnostics.gradient_variance),
        (metric::EFFECTIVE_SAMPLE, diagnostics.effective_sample),
        (metric::ENTROPY, diagnostics.entropy),
    ]
}
