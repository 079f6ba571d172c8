//! Settings of a training on pairs.

use serde::{Deserialize, Serialize};

use super::data::PairData;
use super::judges::HierarchicalShape;
use super::system::System;
use crate::error::{Result, require};
use crate::game::Schedule;
use crate::nn::{AttentionKind, CellKind, OptimizerConfig, Rule};
use crate::policy_gradient::Baseline;
use crate::text::hand_made::RewardTerms;
use crate::text::models::{EncoderDecoderShape, EncoderKind};
use crate::text::{
    AdversarialConfig, Credit, DiscriminatorConfig, GeneratorGradient, JudgeKind, MOST_WIDTH, MleConfig,
    TextPreset,
};

/// Settings of the encoder–decoder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EncoderDecoderConfig {
    /// Kind of the recurrent layers.
    pub cell: CellKind,
    /// Values of a token's vector, E.
    pub embedding: usize,
    /// Values of a recurrent state, H.
    pub hidden: usize,
    /// Standard deviation of the initial weights.
    pub deviation: f32,
    /// Kind of the encoder.
    pub encoder: EncoderKind,
    /// True for an encoder that reads in both directions.
    pub bidirectional: bool,
    /// Attention of the decoder to the source.
    pub attention: AttentionKind,
    /// True when the decoder reads what it attended to at the step before.
    pub input_feeding: bool,
    /// True when sources are read from their end.
    pub reverse_source: bool,
    /// True when sources and answers share the vectors of tokens.
    pub shared_embeddings: bool,
}

impl Default for EncoderDecoderConfig {
    fn default() -> Self {
        Self {
            cell: CellKind::Lstm,
            embedding: 64,
            hidden: 64,
            deviation: 0.1,
            encoder: EncoderKind::Flat,
            bidirectional: true,
            attention: AttentionKind::General,
            input_feeding: true,
            reverse_source: false,
            shared_embeddings: true,
        }
    }
}

/// Settings of hand-made rewards.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RewardConfig {
    /// Weights of the terms.
    pub terms: RewardTerms,
    /// Turns of a conversation of the policy with itself that are rewarded; 1 for the answer alone. The rounds of a game go
    /// from 2 turns up to these.
    pub self_play: usize,
    /// Discount of the reward of each later turn.
    pub discount: f32,
}

impl Default for RewardConfig {
    fn default() -> Self {
        Self { terms: RewardTerms::default(), self_play: 1, discount: 0.9 }
    }
}

impl RewardConfig {
    /// Returns the turns that are rewarded in round `round` (from 1) of `rounds`: the curriculum.
    ///
    /// ```
    /// use irgan::text::pairs::RewardConfig;
    ///
    /// let config = RewardConfig { self_play: 4, ..RewardConfig::default() };
    /// assert_eq!([1, 2, 3, 4, 5, 6].map(|round| config.turns_in(round, 6)), [2, 2, 3, 3, 4, 4]);
    /// ```
    pub fn turns_in(&self, round: usize, rounds: usize) -> usize {
        if self.self_play < 2 {
            return 1;
        }
        let steps = self.self_play - 1;
        2 + ((round.max(1) - 1) * steps / rounds.max(1)).min(steps - 1)
    }
}

/// Settings of the measurements of systems.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PairEvaluationConfig {
    /// Most validation sources that answers are drawn for.
    pub sources: usize,
    /// Width of the beam of the table of systems.
    pub beam: usize,
}

impl Default for PairEvaluationConfig {
    fn default() -> Self {
        Self { sources: 500, beam: 5 }
    }
}

/// Settings of a training on pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PairConfig {
    /// Seed of every random stream.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
    /// Systems to train, all from one start; maximum likelihood is always among them.
    pub systems: Vec<System>,
    /// Answers drawn for each source of a step.
    pub draws: usize,
    /// True for a model of sources given answers beside the systems, by which answers are sorted again; hand-made rewards
    /// train one in any case.
    pub reverse_model: bool,
    /// Encoder–decoder.
    pub generator: EncoderDecoderConfig,
    /// Maximum likelihood.
    pub mle: MleConfig,
    /// Hierarchical judge, which begins with the generator's vectors of tokens where they have its size.
    pub hierarchical: HierarchicalShape,
    /// Discriminator of pairs, and the pre-training of judges.
    pub discriminator: DiscriminatorConfig,
    /// Games.
    pub adversarial: AdversarialConfig,
    /// Hand-made rewards.
    pub reward: RewardConfig,
    /// Measurements.
    pub evaluation: PairEvaluationConfig,
}

impl Default for PairConfig {
    fn default() -> Self {
        let mle = MleConfig::default();
        let optimizer = OptimizerConfig { learning_rate: 3e-3, ..mle.optimizer };
        let game = AdversarialConfig::default();
        Self {
            seed: 0,
            systems: vec![System::Mle],
            draws: 4,
            reverse_model: false,
            generator: EncoderDecoderConfig::default(),
            mle: MleConfig { optimizer, patience: 3, anneal: 0.5, dropout: 0.3, ..mle },
            hierarchical: HierarchicalShape::default(),
            discriminator: DiscriminatorConfig {
                optimizer: OptimizerConfig { rule: Rule::Adam, learning_rate: 2e-3, ..Default::default() },
                pretrain_draws: 24,
                sentences: 4096,
                ..DiscriminatorConfig::default()
            },
            adversarial: AdversarialConfig {
                schedule: Schedule {
                    rounds: 8,
                    d_epochs: 1,
                    redraw_every: 1,
                    g_epochs: 20,
                    d_first: false,
                    freeze_d: None,
                    freeze_g: None,
                },
                optimizer: OptimizerConfig { learning_rate: 1e-4, ..game.optimizer },
                judge: JudgeKind::Hierarchical,
                credit: Credit::Rollouts,
                baseline: Baseline::LeaveOneOut,
                evaluate_every: 2,
                ..game
            },
            reward: RewardConfig::default(),
            evaluation: PairEvaluationConfig::default(),
        }
    }
}

impl PairConfig {
    /// Returns the settings of this name.
    pub fn preset(preset: TextPreset) -> Self {
        let (size, dropout) = match preset {
            TextPreset::Ours | TextPreset::Small => (64, 0.3),
            TextPreset::Medium | TextPreset::Authors => (128, 0.35),
            TextPreset::Large => (256, 0.4),
        };
        let base = Self::default();
        Self {
            generator: EncoderDecoderConfig { embedding: size, hidden: size, ..base.generator },
            mle: MleConfig { dropout, ..base.mle },
            hierarchical: HierarchicalShape { embedding: size, hidden: size, ..base.hierarchical },
            ..base
        }
    }

    /// Returns the systems in the order of the tables, maximum likelihood first.
    pub fn all_systems(&self) -> Vec<System> {
        let is_asked = |system: &System| *system == System::Mle || self.systems.contains(system);
        System::ALL.into_iter().filter(is_asked).collect()
    }

    /// Returns the rules of the game of a system.
    pub fn rules(&self, system: System) -> AdversarialConfig {
        let credit = system.credit().unwrap_or_default();
        AdversarialConfig { judge: system.judge(self.adversarial.judge), credit, ..self.adversarial }
    }

    /// Returns the shape of an encoder–decoder of these pairs.
    pub fn shape(&self, data: &PairData) -> EncoderDecoderShape {
        let generator = self.generator;
        EncoderDecoderShape {
            vocabulary: data.vocabulary.len(),
            embedding: generator.embedding,
            hidden: generator.hidden,
            cell: generator.cell,
            encoder: generator.encoder,
            bidirectional: generator.bidirectional,
            attention: generator.attention,
            input_feeding: generator.input_feeding,
            reverse_source: generator.reverse_source,
            shared_embeddings: generator.shared_embeddings,
            source_steps: data.source_steps,
            steps: data.steps,
            start: crate::data::words::START,
            end: Some(crate::data::words::END),
            never: data.never(),
            turn_end: data.vocabulary.turn_end(),
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// When one is out of range, or the judge is none of pairs.
    pub fn validate(&self) -> Result<()> {
        let Self { generator, mle, discriminator, adversarial, evaluation, .. } = self;
        self.hierarchical.validate()?;
        let most = 1 << 20;
        let sizes = [
            ("mle.batch", mle.batch),
            ("discriminator.batch", discriminator.batch),
            ("adversarial.batch", adversarial.batch),
            ("adversarial.rollouts", adversarial.rollouts),
            ("adversarial.evaluate-every", adversarial.evaluate_every),
            ("evaluation.sources", evaluation.sources),
            ("generator.embedding", generator.embedding),
            ("generator.hidden", generator.hidden),
            ("pairs.draws", self.draws),
        ];
        for (name, size) in sizes {
            require((1..=most).contains(&size), || {
                format!("`{name}` must lie in 1 to {most}, found {size}")
            })?;
        }
        require((1..=MOST_WIDTH).contains(&evaluation.beam), || {
            format!("the beam must lie in 1 to {MOST_WIDTH}")
        })?;
        require(generator.deviation.is_finite() && generator.deviation > 0.0, || {
            "the deviation of the initial weights must be positive".into()
        })?;
        let RewardConfig { self_play, discount, .. } = self.reward;
        require((1..=100).contains(&self_play) && (0.0..=1.0).contains(&discount), || {
            "`reward.self-play` must lie in 1 to 100 turns, the discount in [0, 1]".into()
        })?;
        mle.validate()?;
        require(adversarial.gradient == GeneratorGradient::PolicyGradient, || {
            "the gradient gumbel is of sentences alone: on pairs `adversarial.gradient` must be policy-gradient".into()
        })?;
        adversarial.validate()?;
        for system in self.all_systems().into_iter().filter(|&system| system != System::Mle) {
            let rules = self.rules(system);
            discriminator.validate(rules.judge)?;
            rules.validate_form(discriminator.divergence)?;
            rules.validate_freezing()?;
            rules.validate_target()?;
        }
        require(!discriminator.network.compares(), || {
            "`discriminator.network.batch-norm` and `discriminator.network.minibatch` do not apply to pairs: an answer would be judged by \
             answers to other sources"
                .into()
        })?;
        for (setting, precision) in discriminator.precisions() {
            require(precision.is_single(), || format!("`{setting}` does not apply to pairs: leave it f32"))?;
        }
        require(discriminator.replay == 0.0, || {
            "`discriminator.replay` does not apply to pairs: a draw is an answer to the sources of its lesson alone"
                .into()
        })?;
        require(adversarial.credit != Credit::Critic, || {
            "`adversarial.credit` critic does not apply to pairs: its network reads no source; choose rollouts, prefix or sentence".into()
        })?;
        let judges = [JudgeKind::Hierarchical, JudgeKind::Discriminator, JudgeKind::Rival, JudgeKind::Reward];
        require(judges.contains(&adversarial.judge), || {
            "judges of pairs are the hierarchical one, the discriminator, the rival and hand-made rewards; BLEU, \
             the ensemble, the mediator and the ranker judge sentences alone"
                .into()
        })
    }
}
