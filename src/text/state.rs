//! State of a game between a generator of sentences and its judge.

use std::path::Path;

use super::config::AdversarialConfig;
use super::critic::Critic;
use crate::error::Result;
use crate::nn::{Learner, Notes, Parameters, impl_parameters, load_checked, save_checked};
use crate::policy_gradient::BaselineState;

/// Everything that a game changes: both players with their optimisers, the rollout policy, the memory of the reward baseline,
/// and a critic.
#[derive(Clone, Debug)]
pub(super) struct GameState<M, J> {
    pub generator: Learner<M>,
    pub judge: J,
    pub rollout: M, // β
    pub baseline: BaselineState,
    pub critic: Option<Critic<M>>, // where it credits the tokens
}

impl_parameters!(M: Parameters, J: Parameters, GameState<M, J> {
    "generator": generator,
    "judge": judge,
    "rollout": rollout,
    "baseline": baseline,
    "critic": critic,
});

impl<M: Parameters, J: Parameters> GameState<M, J> {
    /// Returns the state before the first round, with the optimiser of the generator at its start: sentences of at most
    /// `steps` tokens, and states of `width` values for a critic.
    pub fn new(rules: &AdversarialConfig, generator: M, judge: J, steps: usize, width: usize) -> Self {
        Self {
            rollout: generator.clone(),
            generator: Learner::new(generator, rules.optimizer),
            judge,
            critic: None,
            baseline: BaselineState::for_episodes(rules.baseline, steps, width),
        }
    }

    /// Moves the rollout policy towards the generator, `β ← rate · β + (1 − rate) · θ`, with the embeddings copied whole,
    /// as in the authors' code.
    pub fn follow_generator(&mut self, rate: f32) {
        for (mut mine, theirs) in self.rollout.tensors_mut().into_iter().zip(self.generator.model().tensors())
        {
            let rate = if mine.name.contains("embedding") { 0.0 } else { rate };
            mine.values.zip_mut_with(&theirs.values, |a, &b| *a = rate * *a + (1.0 - rate) * b);
        }
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
