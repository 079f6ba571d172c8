//! State of a game between a generator of sentences and its judge.

use std::path::Path;

use super::judges::Judge;
use super::models::RecurrentModel;
use super::{TextConfig, TextData};
use crate::error::Result;
use crate::nn::{Learner, Notes, Parameters as _, impl_parameters, load_checked, save_checked};
use crate::policy_gradient::BaselineState;

/// Everything that a game changes: both players with their optimisers, the rollout policy, and the memory of the reward
/// baseline.
#[derive(Clone, Debug)]
pub(super) struct GameState {
    pub generator: Learner<RecurrentModel>,
    pub judge: Judge,
    pub rollout: RecurrentModel, // β
    pub baseline: BaselineState,
}

impl_parameters!(GameState {
    "generator": generator,
    "judge": judge,
    "rollout": rollout,
    "baseline": baseline,
});

impl GameState {
    /// Returns the state before the first round, with the optimisers of the game at their start.
    pub fn new(config: &TextConfig, data: &TextData, generator: RecurrentModel, mut judge: Judge) -> Self {
        judge.begin_game(config);
        let hidden = config.generator.hidden;
        Self {
            rollout: generator.clone(),
            generator: Learner::new(generator, config.adversarial.optimizer),
            judge,
            baseline: BaselineState::for_episodes(config.adversarial.baseline, data.steps, hidden),
        }
    }

    /// Sets the learning rates of both players to those of the settings times `rate`.
    pub fn scale_learning_rates(&mut self, config: &TextConfig, rate: f32) {
        self.generator.set_learning_rate(rate * config.adversarial.optimizer.learning_rate);
        self.judge.set_game_optimizer(config, rate);
    }

    /// Writes the state to `path`.
    pub fn save(&self, path: &Path) -> Result<()> {
        save_checked(path, self.tensors(), Notes::new())
    }

    /// Reads a state that was saved under the same settings of all networks.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        load_checked(path, self.tensors_mut()).map(|_| ())
    }
}
