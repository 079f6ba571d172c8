//! Everything that a training of SeqGAN learns: what a checkpoint holds.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::judges::Judge;
use super::models::RecurrentModel;
use super::{TextConfig, TextData};
use crate::error::Result;
use crate::game::{Guard, JudgeStatistics};
use crate::nn::{Initializer, Learner, Notes, Parameters as _, impl_parameters, load_checked, save_checked};
use crate::policy_gradient::{BaselineState, Diagnostics};
use crate::seed::Stream;

/// The phases of a training, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Maximum likelihood of the generator.
    #[default]
    Mle,
    /// Pre-training of the discriminator.
    Discriminator,
    /// The rounds of both.
    Adversarial,
    /// The adversarial phase again with a control in the reward's place.
    Control,
}

impl Phase {
    /// Its name in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mle => "mle",
            Self::Discriminator => "discriminator",
            Self::Adversarial => "adversarial",
            Self::Control => "control",
        }
    }
}

/// How far a training has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The phase.
    pub phase: Phase,
    /// Which of the controls, in the last phase.
    pub control: usize,
    /// Epochs, draws or rounds done in the phase.
    pub done: usize,
    /// Epochs of either player in the round after them.
    pub epochs: usize,
    /// Whether the game of the phase has ended, perhaps before its last round.
    pub over: bool,
    /// The best negative log-likelihood of the validation sentences so far; `None` before the first.
    pub best: Option<f64>,
    /// The epoch it was seen at.
    pub best_at: usize,
    /// Distinct tokens of the sentences drawn before the adversarial phase.
    pub diversity: usize,
    /// What was seen of collapse in the games before this one.
    pub collapses: Vec<String>,
    /// Statistics of the judge's last epoch, where there was one.
    pub d_seen: Option<JudgeStatistics>,
    /// What the generator's last step saw.
    pub g_seen: Diagnostics,
    /// What the guard of this game remembers.
    pub guard: Guard,
}

impl Position {
    /// Whether nothing of the phase has been done.
    pub fn is_at_start(&self) -> bool {
        self.done == 0 && self.epochs == 0
    }
}

/// Networks of a training, their optimisers and the memory of the baseline.
#[derive(Clone, Debug)]
pub struct Learned {
    /// Generator: in the first phase with the optimiser of maximum likelihood, in the game with that of the game.
    pub generator: Learner<RecurrentModel>,
    /// Generator of the best epoch of maximum likelihood.
    pub likelihood: RecurrentModel,
    /// Judge in use.
    pub judge: Judge,
    /// Rollout policy β.
    pub rollout: RecurrentModel,
    /// Memory of the reward baseline.
    pub baseline: BaselineState,
}

impl Learned {
    /// Makes the networks of a training that has learnt nothing yet.
    pub fn new(config: &TextConfig, data: &TextData) -> Self {
        let g = &config.generator;
        let shape = data.shape(g.cell, g.embedding, g.hidden);
        let mut rng = Stream::new(config.seed).named("init generator").rng();
        let generator = RecurrentModel::new(&shape, Initializer::Normal(g.deviation), &mut rng);
        Self {
            likelihood: generator.clone(),
            judge: Judge::new(config, data),
            rollout: generator.clone(),
            baseline: BaselineState::for_episodes(config.adversarial.baseline, data.steps, g.hidden),
            generator: Learner::new(generator, config.mle.optimizer),
        }
    }

    /// Gives the players the optimisers of the game, at their start.
    pub fn begin_game(&mut self, config: &TextConfig) {
        self.rollout = self.generator.model().clone();
        self.generator = Learner::new(self.rollout.clone(), config.adversarial.optimizer);
        self.judge.begin_game(config);
    }

    /// Writes everything to `path`.
    pub fn save(&self, path: &Path) -> Result<()> {
        save_checked(path, self.tensors(), Notes::new())
    }

    /// Reads what [`Learned::save`] wrote under the same settings.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        load_checked(path, self.tensors_mut()).map(|_| ())
    }

    /// Sets the optimisers of both players to those of the game, with learning rates times `rate`; their states stay.
    pub fn set_game_optimizers(&mut self, config: &TextConfig, rate: f32) {
        self.generator.set_optimizer(config.adversarial.optimizer.scaled(rate));
        self.judge.set_game_optimizer(config, rate);
    }
}

/// What a checkpoint holds.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// Where the training stands.
    pub learned: Learned,
    /// What had been learnt when all was last seen to be well in a game.
    pub good: Learned,
}

impl_parameters!(Kept { "last": learned, "good": good });

impl_parameters!(Learned {
    "generator": generator,
    "likelihood": likelihood,
    "judge": judge,
    "rollout": rollout,
    "baseline": baseline,
});
