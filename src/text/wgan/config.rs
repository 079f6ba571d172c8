//! Settings of a training of lines.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, require};
use crate::game::OnCollapse;
use crate::nn::{OptimizerConfig, Rule};
use crate::pathwise::Lipschitz;

/// Objective of critic and generator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Wasserstein distance: the critic minimises `E D(drawn) − E D(real)` (Arjovsky et al., ICML 2017).
    #[default]
    Wgan,
    /// Logistic loss, and a generator that minimises `−log σ(D(drawn))` (Goodfellow et al., NIPS 2014).
    Gan,
}

impl Objective {
    /// Returns the name of the method with this objective.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wgan => "wgan",
            Self::Gan => "gan",
        }
    }
}

/// Normalisation before every convolution of the generator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum NormalizationKind {
    /// None, as in the paper's generator of text.
    #[default]
    None,
    /// Over the channels of each position (Ba et al., 2016).
    Layer,
    /// Of each channel over a batch (Ioffe and Szegedy, 2015).
    Batch,
}

/// Named sizes of both networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WganSize {
    /// 96 channels, 3 blocks: less than an hour on two cores.
    #[default]
    Small,
    /// 256 channels, 5 blocks: hours.
    Medium,
    /// 512 channels, 5 blocks, 10 critic steps: the paper's, days.
    Large,
}

/// Generator of lines.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LineGeneratorConfig {
    /// Channels of its blocks.
    pub channels: usize,
    /// Number of residual blocks.
    pub blocks: usize,
    /// Number of normal random numbers that a line is made of.
    pub noise: usize,
    /// Normalisation before every convolution.
    pub normalization: NormalizationKind,
    /// Optimiser.
    pub optimizer: OptimizerConfig,
}

/// Critic of lines.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CriticConfig {
    /// Channels of its blocks.
    pub channels: usize,
    /// Number of residual blocks.
    pub blocks: usize,
    /// Critic steps before each step of the generator.
    pub steps: usize,
    /// Bound on its slopes.
    pub lipschitz: Lipschitz,
    /// Weight λ of the gradient penalty.
    pub penalty: f32,
    /// Optimiser; its weight clip is the bound of [`Lipschitz::Clip`].
    pub optimizer: OptimizerConfig,
}

/// Settings of a training of lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WganConfig {
    /// Seed of every random stream.
    pub seed: u64,
    /// Objective of both networks.
    pub objective: Objective,
    /// Tokens of a line: longer ones are cut, shorter ones padded.
    pub length: usize,
    /// Generator.
    pub generator: LineGeneratorConfig,
    /// Critic.
    pub critic: CriticConfig,
    /// Lines of a step, of each kind.
    pub batch: usize,
    /// Number of rounds, each of which ends with an evaluation.
    pub rounds: usize,
    /// Steps of the generator in a round.
    pub generator_steps: usize,
    /// Reaction to a collapse.
    pub on_collapse: OnCollapse,
    /// Lines drawn for an evaluation.
    pub evaluate_on: usize,
}

/// Adam without momentum, as in the paper: β₁ 0, β₂ 0.9.
fn adam(learning_rate: f32) -> OptimizerConfig {
    OptimizerConfig { rule: Rule::Adam, learning_rate, betas: [0.0, 0.9], ..OptimizerConfig::default() }
}

impl Default for LineGeneratorConfig {
    fn default() -> Self {
        let normalization = NormalizationKind::None;
        Self { channels: 96, blocks: 3, noise: 128, normalization, optimizer: adam(3e-4) }
    }
}

impl Default for CriticConfig {
    fn default() -> Self {
        let lipschitz = Lipschitz::Penalty;
        Self { channels: 96, blocks: 3, steps: 5, lipschitz, penalty: 10.0, optimizer: adam(3e-4) }
    }
}

impl Default for WganConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            objective: Objective::Wgan,
            length: 32,
            generator: LineGeneratorConfig::default(),
            critic: CriticConfig::default(),
            batch: 64,
            rounds: 20,
            generator_steps: 150,
            on_collapse: OnCollapse::Ignore,
            evaluate_on: 1000,
        }
    }
}

impl WganConfig {
    /// Returns the settings of an objective at a size. The ordinary objective bounds no slopes.
    pub fn preset(objective: Objective, size: WganSize) -> Self {
        let mut config = Self { objective, ..Self::default() };
        if objective == Objective::Gan {
            config.critic.lipschitz = Lipschitz::None;
        }
        let (channels, blocks, rate, steps) = match size {
            WganSize::Small => return config,
            WganSize::Medium => (256, 5, 2e-4, 5),
            WganSize::Large => (512, 5, 1e-4, 10),
        };
        (config.generator.channels, config.generator.blocks) = (channels, blocks);
        (config.critic.channels, config.critic.blocks, config.critic.steps) = (channels, blocks, steps);
        config.generator.optimizer.learning_rate = rate;
        config.critic.optimizer.learning_rate = rate;
        config.rounds = 100;
        config
    }

    /// Checks every setting that needs no data.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        let Self { generator, critic, .. } = self;
        for (name, value, most) in [
            ("length", self.length, 4096),
            ("generator.channels", generator.channels, 4096),
            ("generator.blocks", generator.blocks, 100),
            ("generator.noise", generator.noise, 1 << 16),
            ("critic.channels", critic.channels, 4096),
            ("critic.blocks", critic.blocks, 100),
            ("critic.steps", critic.steps, 1000),
            ("batch", self.batch, 1 << 16),
            ("generator-steps", self.generator_steps, 1 << 30),
            ("evaluate-on", self.evaluate_on, 1 << 22),
        ] {
            require((1..=most).contains(&value), || format!("`{name}` {value}: expected 1 to {most}"))?;
        }
        let batch_normalised = generator.normalization == NormalizationKind::Batch;
        require(!batch_normalised || self.batch > 1, || {
            "`generator.normalization` batch of a `batch` of 1: one line has no spread; expected a batch of 2 or more"
                .into()
        })?;
        let is_plain = critic.lipschitz == Lipschitz::None;
        require(self.objective == Objective::Gan || !is_plain, || {
            "`critic.lipschitz` none: the Wasserstein distance needs a critic of bounded slopes; expected penalty, clip or \
             spectral"
                .into()
        })?;
        require(critic.penalty.is_finite() && critic.penalty >= 0.0, || {
            format!("`critic.penalty` {}: expected 0 or more", critic.penalty)
        })?;
        let bound = critic.optimizer.weight_clip;
        let clips = critic.lipschitz == Lipschitz::Clip;
        require(bound.is_finite() && (!clips || bound > 0.0), || {
            format!("`critic.optimizer.weight-clip` {bound}: expected above 0")
        })?;
        let of = |name: &str, optimizer: &OptimizerConfig| {
            optimizer.validate().map_err(|cause| Error::Config(format!("{name}: {cause}")))
        };
        of("generator", &generator.optimizer)?;
        of("critic", &critic.optimizer)
    }
}
