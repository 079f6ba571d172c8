//! Everything a training of SeqGAN depends on, with the defaults of our own preset.

use serde::{Deserialize, Serialize};

use super::Credit;
use super::judges::CnnShape;
use crate::error::{Error, Result};
use crate::game::{OnCollapse, RewardControl, Schedule};
use crate::nn::{CellKind, Clip, Filters, OptimizerConfig, Rule};
use crate::policy_gradient::{Baseline, Reduction};

/// Named settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum TextPreset {
    /// Our own.
    #[default]
    Ours,
    /// The published code's: 120 epochs of maximum likelihood, 50 draws for the discriminator, 200 rounds.
    Authors,
}

/// Who judges a sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum JudgeKind {
    /// The discriminator.
    #[default]
    Discriminator,
    /// BLEU against the training sentences (PG-BLEU).
    Bleu,
    /// A second language model, the rival: trained on the real sentences from other initial weights, then as a
    /// discriminator whose logit is the log-ratio of its likelihood to the generator's.
    Rival,
}

/// The generator's network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GeneratorConfig {
    /// The recurrent layer.
    pub cell: CellKind,
    /// Values of a token's vector.
    pub embedding: usize,
    /// Values of the recurrent state.
    pub hidden: usize,
    /// Standard deviation of the initial weights.
    pub deviation: f32,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self { cell: CellKind::Lstm, embedding: 32, hidden: 32, deviation: 0.1 }
    }
}

/// Maximum likelihood, the first phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MleConfig {
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// Sentences in a mini-batch.
    pub batch: usize,
    /// Most epochs.
    pub epochs: usize,
    /// Epochs without a better likelihood of the validation sentences before stopping; the best epoch is
    /// kept. 0: all epochs, and the last one is kept.
    pub patience: usize,
    /// Share of the recurrent layer's inputs and outputs dropped.
    pub dropout: f32,
}

impl Default for MleConfig {
    fn default() -> Self {
        let optimizer = OptimizerConfig {
            rule: Rule::Adam,
            learning_rate: 0.01,
            weight_decay: 0.0,
            clip: Clip::Norm(5.0),
        };
        Self { optimizer, batch: 64, epochs: 60, patience: 3, dropout: 0.3 }
    }
}

/// The discriminator and its pre-training, the second phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DiscriminatorConfig {
    /// The network.
    pub network: CnnShape,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// The optimiser of a rival's logistic loss.
    pub rival: OptimizerConfig,
    /// Sentences in a mini-batch.
    pub batch: usize,
    /// Draws from the generator in the second phase.
    pub pretrain_draws: usize,
    /// Epochs over real and drawn sentences after each draw of the second phase.
    pub epochs: usize,
    /// Sentences drawn at a time, and as many real ones beside them; 0 for as many as are real.
    pub sentences: usize,
}

impl Default for DiscriminatorConfig {
    fn default() -> Self {
        let filter = |(width, count)| Filters { width, count };
        let filters = [(1, 32), (2, 64), (3, 64), (4, 32), (5, 32)].map(filter).to_vec();
        Self {
            network: CnnShape { embedding: 32, filters, highway: true, dropout: 0.25, l2: 0.2 },
            optimizer: OptimizerConfig { rule: Rule::Adam, learning_rate: 1e-3, ..Default::default() },
            rival: OptimizerConfig { rule: Rule::Adam, learning_rate: 1e-4, ..Default::default() },
            batch: 64,
            pretrain_draws: 5,
            epochs: 1,
            sentences: 0,
        }
    }
}

/// The adversarial phase, the third.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AdversarialConfig {
    /// Rounds, and how often each player moves in one.
    pub schedule: Schedule,
    /// The generator's optimiser.
    pub optimizer: OptimizerConfig,
    /// Sentences of a generator step.
    pub batch: usize,
    /// Who judges.
    pub judge: JudgeKind,
    /// How the judgement is shared out over the tokens.
    pub credit: Credit,
    /// Monte Carlo rollouts from each prefix.
    pub rollouts: usize,
    /// Share of the old rollout policy kept after a generator step: β ← rate · β + (1 − rate) · θ, embeddings
    /// copied. 0: the rollout policy is the generator.
    pub rollout_rate: f32,
    /// What is subtracted from a reward.
    pub baseline: Baseline,
    /// Sum or mean over the sentences.
    pub reduction: Reduction,
    /// The judge's reward, or a control.
    pub reward: RewardControl,
    /// Weight of the likelihood of real sentences beside the policy gradient, per token (teacher forcing).
    pub teacher: f32,
    /// Rounds between two evaluations.
    pub evaluate_every: usize,
    /// What is done when the game collapses.
    pub on_collapse: OnCollapse,
}

impl Default for AdversarialConfig {
    fn default() -> Self {
        let optimizer = OptimizerConfig {
            rule: Rule::Adam,
            learning_rate: 1e-3,
            weight_decay: 0.0,
            clip: Clip::Norm(5.0),
        };
        Self {
            schedule: Schedule { rounds: 8, d_epochs: 1, redraw_every: 1, g_epochs: 40, d_first: false },
            optimizer,
            batch: 64,
            judge: JudgeKind::Rival,
            credit: Credit::Token,
            rollouts: 4,
            rollout_rate: 0.0,
            baseline: Baseline::LeaveOneOut,
            reduction: Reduction::Mean,
            reward: RewardControl::Discriminator,
            teacher: 0.0,
            evaluate_every: 4,
            on_collapse: OnCollapse::default(),
        }
    }
}

/// How much is drawn to look at a generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EvaluationConfig {
    /// Sentences drawn for each evaluation and each point of the temperature sweep.
    pub sentences: usize,
    /// Temperatures of the final sweep.
    pub temperatures: Vec<f32>,
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self { sentences: 4000, temperatures: vec![0.7, 0.8, 0.9, 1.0, 1.1, 1.2] }
    }
}

/// A training of SeqGAN.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextConfig {
    /// Seed of every random stream.
    pub seed: u64,
    /// The generator's network.
    pub generator: GeneratorConfig,
    /// The first phase.
    pub mle: MleConfig,
    /// The discriminator and the second phase.
    pub discriminator: DiscriminatorConfig,
    /// The third phase.
    pub adversarial: AdversarialConfig,
    /// What is looked at.
    pub evaluation: EvaluationConfig,
}

impl TextConfig {
    /// Named settings.
    pub fn preset(preset: TextPreset) -> Self {
        match preset {
            TextPreset::Ours => Self::default(),
            TextPreset::Authors => Self::authors(),
        }
    }

    /// The settings of the published code (SeqGAN, AAAI 2017).
    fn authors() -> Self {
        let counts = [100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160];
        let widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20];
        let filters = widths.into_iter().zip(counts).map(|(width, count)| Filters { width, count }).collect();
        let clipped = OptimizerConfig {
            rule: Rule::Adam,
            learning_rate: 0.01,
            weight_decay: 0.0,
            clip: Clip::Norm(5.0),
        };
        Self {
            seed: 0,
            generator: GeneratorConfig::default(),
            mle: MleConfig { optimizer: clipped, batch: 64, epochs: 120, patience: 0, dropout: 0.0 },
            discriminator: DiscriminatorConfig {
                network: CnnShape { embedding: 64, filters, highway: true, dropout: 0.25, l2: 0.2 },
                optimizer: OptimizerConfig { learning_rate: 1e-4, ..Default::default() },
                rival: OptimizerConfig { learning_rate: 1e-4, ..Default::default() },
                batch: 64,
                pretrain_draws: 50,
                epochs: 3,
                sentences: 0,
            },
            adversarial: AdversarialConfig {
                schedule: Schedule {
                    rounds: 200,
                    d_epochs: 15,
                    redraw_every: 3,
                    g_epochs: 1,
                    d_first: false,
                },
                optimizer: clipped,
                batch: 64,
                judge: JudgeKind::Discriminator,
                credit: Credit::Rollouts,
                rollouts: 16,
                rollout_rate: 0.8,
                baseline: Baseline::None,
                reduction: Reduction::Sum,
                reward: RewardControl::Discriminator,
                teacher: 0.0,
                evaluate_every: 5,
                on_collapse: OnCollapse::default(),
            },
            evaluation: EvaluationConfig::default(),
        }
    }

    /// Checks every setting once.
    pub fn validate(&self) -> Result<()> {
        let Self { generator, mle, discriminator, adversarial, evaluation, .. } = self;
        discriminator.network.validate()?;
        let most = 1 << 20;
        let sizes = [
            ("mle batch", mle.batch),
            ("discriminator batch", discriminator.batch),
            ("adversarial batch", adversarial.batch),
            ("rollouts", adversarial.rollouts),
            ("evaluate-every", adversarial.evaluate_every),
            ("evaluation sentences", evaluation.sentences),
            ("embedding", generator.embedding),
            ("hidden", generator.hidden),
        ];
        for (name, size) in sizes {
            require((1..=most).contains(&size), || format!("{name} must lie in 1 to {most}, found {size}"))?;
        }
        require(generator.deviation.is_finite() && generator.deviation > 0.0, || {
            "the deviation of the initial weights must be positive".into()
        })?;
        require((0.0..0.9).contains(&mle.dropout), || "dropout must lie in [0, 0.9)".into())?;
        require((0.0..=1.0).contains(&adversarial.rollout_rate), || {
            "the rollout rate must lie in [0, 1]".into()
        })?;
        require((0.0..=1e6).contains(&adversarial.teacher), || {
            "the teacher's weight must lie in [0, 1e6]".into()
        })?;
        for optimizer in
            [&mle.optimizer, &discriminator.optimizer, &discriminator.rival, &adversarial.optimizer]
        {
            let rate = optimizer.learning_rate;
            require(rate.is_finite() && rate > 0.0, || format!("learning rate {rate}: expected above 0"))?;
        }
        require(adversarial.baseline != Baseline::Expected, || {
            "baseline expected needs an action set that is scored whole: choose mean, leave-one-out, moving, \
             constant, critic or none"
                .into()
        })?;
        require(
            adversarial.credit != Credit::Prefix || adversarial.judge == JudgeKind::Discriminator,
            || "credit prefix needs the discriminator as judge: BLEU judges whole sentences".into(),
        )?;
        let sensible = |t: &f32| t.is_finite() && (0.01..=100.0).contains(t);
        require(evaluation.temperatures.iter().all(sensible), || {
            "temperatures must lie in 0.01 to 100".into()
        })
    }
}

fn require(holds: bool, message: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Config(message())) }
}
