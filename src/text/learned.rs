//! Everything that a training of SeqGAN learns: what a checkpoint holds.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::judges::Discriminator;
use super::judges::DiscriminatorLoss;
use super::models::Generator;
use super::{JudgeKind, TextConfig, TextData};
use crate::error::Result;
use crate::game::Guard;
use crate::nn::{
    Initializer, Notes, Optimizer, Parameters as _, impl_parameters, load_checked, save_checked,
};
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
    /// What the discriminator's last epoch saw, where there was one.
    pub d_seen: Option<DiscriminatorLoss>,
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

/// The networks, their optimisers and what baselines remember.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The generator.
    pub generator: Generator,
    /// The generator of the best epoch of maximum likelihood.
    pub likelihood: Generator,
    /// The optimiser of the first phase.
    pub mle_optimizer: Optimizer,
    /// The optimiser of the generator in the third phase.
    pub g_optimizer: Optimizer,
    /// The discriminator.
    pub discriminator: Discriminator,
    /// Its optimiser.
    pub d_optimizer: Optimizer,
    /// The rollout policy β.
    pub rollout: Generator,
    /// The baseline's memory.
    pub baseline: BaselineState,
    /// The rival, where it judges.
    pub rival: Option<Rival>,
}

/// A language model that judges the generator, and its optimisers.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    /// p_φ.
    pub model: Generator,
    /// Of maximum likelihood, in the second phase.
    pub mle_optimizer: Optimizer,
    /// Of the logistic loss, in the third.
    pub optimizer: Optimizer,
}

impl Learned {
    /// Nothing learnt yet.
    pub fn new(config: &TextConfig, data: &TextData) -> Self {
        let g = &config.generator;
        let shape = data.shape(g.cell, g.embedding, g.hidden);
        let root = Stream::new(config.seed);
        let mut rng = root.named("init generator").rng();
        let generator = Generator::new(&shape, Initializer::Normal(g.deviation), &mut rng);
        let mut rng = root.named("init discriminator").rng();
        let network = &config.discriminator.network;
        let discriminator = Discriminator::new(network, data.vocabulary_size, data.steps, &mut rng);
        let rival = (config.adversarial.judge == JudgeKind::Rival).then(|| {
            let mut rng = root.named("init rival").rng();
            let model = Generator::new(&shape, Initializer::Normal(g.deviation), &mut rng);
            let mle_optimizer = Optimizer::new(config.mle.optimizer, &model);
            let optimizer = Optimizer::new(config.discriminator.rival, &model);
            Rival { model, mle_optimizer, optimizer }
        });
        let baseline = BaselineState::for_episodes(config.adversarial.baseline, data.steps, g.hidden);
        Self {
            likelihood: generator.clone(),
            mle_optimizer: Optimizer::new(config.mle.optimizer, &generator),
            g_optimizer: Optimizer::new(config.adversarial.optimizer, &generator),
            d_optimizer: Optimizer::new(config.discriminator.optimizer, &discriminator),
            rollout: generator.clone(),
            generator,
            discriminator,
            baseline,
            rival,
        }
    }

    /// Writes everything to `path`.
    pub fn save(&self, path: &Path) -> Result<()> {
        save_checked(path, self.tensors(), Notes::new())
    }

    /// Reads what [`Learned::save`] wrote under the same settings.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        load_checked(path, self.tensors_mut()).map(|_| ())
    }

    /// Both players' learning rates in a game are those of `config` times `rate`.
    pub fn slow_down(&mut self, config: &TextConfig, rate: f32) {
        self.g_optimizer.set_learning_rate(rate * config.adversarial.optimizer.learning_rate);
        self.d_optimizer.set_learning_rate(rate * config.discriminator.optimizer.learning_rate);
        if let Some(rival) = &mut self.rival {
            rival.optimizer.set_learning_rate(rate * config.discriminator.rival.learning_rate);
        }
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
    "mle-optimizer": mle_optimizer,
    "g-optimizer": g_optimizer,
    "discriminator": discriminator,
    "d-optimizer": d_optimizer,
    "rollout": rollout,
    "baseline": baseline,
    "rival": rival,
});

impl_parameters!(Rival { "model": model, "mle-optimizer": mle_optimizer, "optimizer": optimizer });
