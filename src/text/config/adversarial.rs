//! Settings of the adversarial phase.

use serde::{Deserialize, Serialize};

use super::judge::JudgeKind;
use super::path::{GeneratorGradient, GumbelConfig};
use crate::error::{Result, require};
use crate::game::{Divergence, OnCollapse, RewardSource, Schedule};
use crate::nn::{Clip, OptimizerConfig, Rule};
use crate::pathwise::Relaxation;
use crate::policy_gradient::{Baseline, Reduction};
use crate::text::credit::Credit;
use crate::text::critic::CriticConfig;
use crate::text::exact::{Kl, Prefixes};
use crate::text::reward_form::RewardForm;

/// Reward of the real sentences of teacher forcing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum TeacherReward {
    /// 1.
    #[default]
    One,
    /// The judge's own, less the mean reward baseline of the drawn ones; nothing where it is smaller (Li et al., 2017).
    Judge,
}

/// Settings of the adversarial phase, the third.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AdversarialConfig {
    /// Number of rounds, and of moves of each player in one.
    pub schedule: Schedule,
    /// Optimiser of the generator.
    pub optimizer: OptimizerConfig,
    /// Sentences of a generator step.
    pub batch: usize,
    /// Gradient that the generator follows.
    pub gradient: GeneratorGradient,
    /// Settings of the pathwise gradient.
    pub gumbel: GumbelConfig,
    /// Judge of sentences.
    pub judge: JudgeKind,
    /// Way in which a judgement is shared out over the tokens.
    pub credit: Credit,
    /// Divergence to a judge that is a language model, where all tokens count ([`Credit::Exact`]).
    pub kl: Kl,
    /// Sentences in whose states all tokens count.
    pub prefixes: Prefixes,
    /// Monte Carlo rollouts from each prefix.
    pub rollouts: usize,
    /// Share of the old rollout policy kept after a generator step: β ← rate · β + (1 − rate) · θ, embeddings copied. With
    /// 0 the rollout policy is the generator.
    pub rollout_rate: f32,
    /// Share of the old target network of the judge that is kept after an epoch of the judge: D′ ← rate · D′ + (1 − rate) · D,
    /// and D′ rewards. With 0 the judge itself does.
    pub target_rate: f32,
    /// Critic, where it credits the tokens.
    pub critic: CriticConfig,
    /// Baseline subtracted from rewards.
    pub baseline: Baseline,
    /// Reduction of the sentences of a step: their sum or their mean.
    pub reduction: Reduction,
    /// Reward of the generator: the judge's, or a placebo.
    pub reward: RewardSource,
    /// Form of the reward that is made of the judgement of a discriminator.
    pub reward_form: RewardForm,
    /// Weight α of the policy's entropy in its objective: `E[R] + α H(π)`, of the entropies of the states that are visited.
    pub entropy: f32,
    /// Weight of teacher forcing: of the log-likelihood of a real token beside the policy gradient.
    pub teacher: f32,
    /// Reward of the real sentences of teacher forcing.
    pub teacher_reward: TeacherReward,
    /// Rounds between two evaluations.
    pub evaluate_every: usize,
    /// Reaction to a collapse of the game.
    pub on_collapse: OnCollapse,
}

impl AdversarialConfig {
    /// Returns true where sentences for the judge are drawn as mixtures of tokens.
    pub(in crate::text) fn draws_softly(&self) -> bool {
        self.gradient == GeneratorGradient::Gumbel && self.gumbel.relaxation == Relaxation::Soft
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        require((0.0..=1.0).contains(&self.rollout_rate), || "the rollout rate must lie in [0, 1]".into())?;
        require((0.0..1.0).contains(&self.target_rate), || {
            format!(
                "`adversarial.target-rate` must lie from 0 to below 1, where the target would never move, found {}",
                self.target_rate
            )
        })?;
        require((0.0..=1e6).contains(&self.teacher), || "the teacher's weight must lie in [0, 1e6]".into())?;
        require((0.0..=1e6).contains(&self.entropy), || {
            format!("`adversarial.entropy` must lie in [0, 1e6], found {}", self.entropy)
        })?;
        let is_plain = self.reward_form == RewardForm::Judgement && self.entropy == 0.0;
        require(is_plain || self.gradient == GeneratorGradient::PolicyGradient, || {
            "`adversarial.reward-form` and `adversarial.entropy` are of rewards: they do not apply to the gradient gumbel, which goes \
             through the judge's input"
                .into()
        })?;
        require(self.baseline != Baseline::Expected, || {
            "`adversarial.baseline` expected needs an action set that is scored whole: choose mean, leave-one-out, moving, \
             constant, critic or none"
                .into()
        })?;
        self.gradient.check(&self.gumbel, self.judge, self.reward)?;
        self.critic.validate()?;
        require(self.credit != Credit::Critic || self.reward_form == RewardForm::Judgement, || {
            "`adversarial.reward-form` does not apply to the credit critic, which learns the expected judgement itself; choose the \
             credit rollouts, prefix or sentence"
                .into()
        })?;
        self.schedule.validate()?;
        self.optimizer.validate()
    }

    /// Checks that the judge learns, where its accuracy freezes a player.
    ///
    /// # Errors
    /// When it does not.
    pub(in crate::text) fn validate_freezing(&self) -> Result<()> {
        let freezes = self.schedule.freeze_d.or(self.schedule.freeze_g).is_some();
        require(!freezes || self.judge.learns(), || {
            "`schedule.freeze-d` and `schedule.freeze-g` do not apply to BLEU, the ensemble and hand-made rewards: they stand still, and \
             have no accuracy"
                .into()
        })
    }

    /// Checks that the judge learns, where a copy follows it.
    ///
    /// # Errors
    /// When it does not.
    pub(in crate::text) fn validate_target(&self) -> Result<()> {
        require(self.target_rate == 0.0 || self.judge.learns(), || {
            "`adversarial.target-rate` does not apply to BLEU, the ensemble and hand-made rewards: they stand still, and so would a copy"
                .into()
        })
    }

    /// Checks that the judge gives what the form of the reward is made of: a probability of being real.
    ///
    /// # Errors
    /// When it does not; the message says which judges do.
    pub(in crate::text) fn validate_form(&self, divergence: Divergence) -> Result<()> {
        let is_probability = self.judge.is_discriminator() && divergence.is_logistic();
        require(self.reward_form == RewardForm::Judgement || is_probability, || {
            "`adversarial.reward-form` maligan and sentigan are made of the probability that a sentence is real: they do not apply to the \
             rival, the mediator, the ensemble, the ranker, BLEU and hand-made rewards, nor to other divergences than js; choose the judge \
             discriminator or, of pairs, hierarchical"
                .into()
        })
    }
}

impl Default for AdversarialConfig {
    fn default() -> Self {
        let optimizer = OptimizerConfig {
            rule: Rule::Adam,
            learning_rate: 1e-3,
            weight_decay: 0.0,
            clip: Clip::Norm(5.0),
            ..OptimizerConfig::default()
        };
        Self {
            schedule: Schedule {
                rounds: 8,
                d_epochs: 1,
                redraw_every: 1,
                g_epochs: 40,
                d_first: false,
                freeze_d: None,
                freeze_g: None,
            },
            optimizer,
            batch: 64,
            gradient: GeneratorGradient::default(),
            gumbel: GumbelConfig::default(),
            judge: JudgeKind::Rival,
            credit: Credit::Token,
            kl: Kl::default(),
            prefixes: Prefixes::default(),
            rollouts: 4,
            rollout_rate: 0.0,
            target_rate: 0.0,
            critic: CriticConfig::default(),
            baseline: Baseline::LeaveOneOut,
            reduction: Reduction::Mean,
            reward: RewardSource::Discriminator,
            reward_form: RewardForm::default(),
            entropy: 0.0,
            teacher: 0.0,
            teacher_reward: TeacherReward::One,
            evaluate_every: 4,
            on_collapse: OnCollapse::default(),
        }
    }
}
