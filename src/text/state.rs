//! State of a game between a generator of sentences and its judge.

use std::path::Path;

use super::config::AdversarialConfig;
use super::critic::Critic;
use crate::error::Result;
use crate::game::Replay;
use crate::nn::{Learner, Notes, Parameters, Tensor, TensorMut, impl_parameters, load_checked, save_checked};
use crate::policy_gradient::BaselineState;

/// Everything that a game changes: both players with their optimisers, the rollout policy, the memory of the reward baseline,
/// a critic, the judge's target network, and sentences drawn in earlier rounds.
#[derive(Clone, Debug)]
pub(super) struct GameState<M, J> {
    pub generator: Learner<M>,
    pub judge: J,
    pub rollout: M, // β
    pub baseline: BaselineState,
    pub critic: Option<Critic<M>>, // where it credits the tokens
    pub target: Option<Target<J>>, // where a copy of the judge rewards
    pub replay: Option<Replay>,    // where the judge is shown earlier draws
}

impl_parameters!(M: Parameters, J: Parameters, GameState<M, J> {
    "generator": generator,
    "judge": judge,
    "rollout": rollout,
    "baseline": baseline,
    "critic": critic,
    "target": target,
    "replay": replay,
});

/// Copy of a judge that follows it slowly. Its [`Parameters`] are those of the networks, without their optimisers.
#[derive(Clone, Debug)]
pub(super) struct Target<J>(J);

impl<J: Parameters> Parameters for Target<J> {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        self.0.tensors().into_iter().filter(|tensor| is_of_network(&tensor.name)).collect()
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        self.0.tensors_mut().into_iter().filter(|tensor| is_of_network(&tensor.name)).collect()
    }
}

/// Returns false for a tensor of an optimiser.
fn is_of_network(name: &str) -> bool {
    !name.contains("optimizer.")
}

/// Returns true for a tensor of the players, and not of what is empty, or a copy, before the first round.
fn is_of_start(name: &str) -> bool {
    !name.starts_with("target.") && !name.starts_with("replay.")
}

impl<M: Parameters, J: Parameters> GameState<M, J> {
    /// Returns the state before the first round, with the optimiser of the generator at its start: sentences of at most
    /// `steps` tokens, and states of `width` values for a critic.
    pub fn new(rules: &AdversarialConfig, generator: M, judge: J, steps: usize, width: usize) -> Self {
        let has_target = rules.target_rate > 0.0 && rules.judge.learns();
        Self {
            rollout: generator.clone(),
            target: has_target.then(|| Target(judge.clone())),
            generator: Learner::new(generator, rules.optimizer),
            judge,
            critic: None,
            replay: None,
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

    /// Returns the judge that rewards: the target network, where there is one.
    pub fn rewarding(&self) -> &J {
        self.target.as_ref().map_or(&self.judge, |Target(judge)| judge)
    }

    /// Moves the target network towards the judge, `D′ ← rate · D′ + (1 − rate) · D`.
    pub fn follow_judge(&mut self, rate: f32) {
        let Some(target) = &mut self.target else { return };
        let judge = self.judge.tensors().into_iter().filter(|tensor| is_of_network(&tensor.name));
        for (mut mine, theirs) in target.tensors_mut().into_iter().zip(judge) {
            // Sentences that a judge compares with are no weights.
            let rate = if mine.name.ends_with("reference") { 0.0 } else { rate };
            mine.values.zip_mut_with(&theirs.values, |a, &b| *a = rate * *a + (1.0 - rate) * b);
        }
    }

    /// Writes the state before the first round to `path`.
    pub fn save_start(&self, path: &Path) -> Result<()> {
        let tensors = self.tensors().into_iter().filter(|tensor| is_of_start(&tensor.name));
        save_checked(path, tensors.collect(), Notes::new())
    }

    /// Reads a state before the first round that was saved under the same settings of all networks.
    pub fn load_start(&mut self, path: &Path) -> Result<()> {
        let tensors = self.tensors_mut().into_iter().filter(|tensor| is_of_start(&tensor.name));
        load_checked(path, tensors.collect())?;
        self.target = self.target.take().map(|_| Target(self.judge.clone()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Linear, OptimizerConfig};

    fn scalar(weight: f32) -> Linear {
        Linear::from_parts(ndarray::array![[weight]], ndarray::array![0.0])
    }

    #[test]
    fn a_target_network_follows_the_judge_slowly_without_its_optimiser() {
        let rules = AdversarialConfig { target_rate: 0.75, ..AdversarialConfig::default() };
        let judge = Learner::new(scalar(1.0), OptimizerConfig::default());
        let mut state = GameState::new(&rules, scalar(0.0), judge, 1, 1);
        *state.judge.model_mut() = scalar(5.0);
        state.follow_judge(rules.target_rate);
        state.follow_judge(rules.target_rate);
        // 0.75 · 1 + 0.25 · 5 = 2, then 0.75 · 2 + 0.25 · 5
        assert_eq!(*state.rewarding().model(), scalar(2.75));
        let names = state.target.as_ref().expect("the rules ask for it").tensors();
        assert_eq!(names.iter().map(|t| &*t.name).collect::<Vec<_>>(), ["model.weight", "model.bias"]);
        let none = GameState::new(&AdversarialConfig::default(), scalar(0.0), state.judge.clone(), 1, 1);
        assert_eq!(*none.rewarding().model(), scalar(5.0), "the judge itself");
    }
}
