//! Settings of a training of SeqGAN, with the defaults of our own preset.

mod adversarial;
mod authors;
mod ensemble;
mod generator;
mod judge;
mod path;
mod ranker;
mod sizes;

pub use adversarial::{AdversarialConfig, TeacherReward};
pub use ensemble::EnsembleConfig;
pub(super) use ensemble::MOST_MEMBERS;
pub use generator::{EvaluationConfig, GeneratorConfig, MleConfig};
pub use judge::{DiscriminatorConfig, JudgeKind};
pub use path::{GeneratorGradient, GumbelConfig};
pub use ranker::RankerConfig;

use serde::{Deserialize, Serialize};

use super::credit::Credit;
use super::reward_form::RewardForm;
use crate::error::{Result, require};
use crate::game::Schedule;
use crate::nn::OptimizerConfig;

/// Name of settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum TextPreset {
    /// Settings of our own.
    #[default]
    Ours,
    /// Settings of the published code: 120 epochs of maximum likelihood, 50 draws for the discriminator, 200 rounds.
    Authors,
    /// Settings for texts of a few thousand words: vectors of 64 values.
    Small,
    /// Settings for texts of up to a million words: vectors of 128 values.
    Medium,
    /// Settings for larger texts: vectors of 256 values.
    Large,
}

/// Settings of a training of SeqGAN.
///
/// ```
/// use irgan::text::{TextConfig, TextPreset};
///
/// let mut config = TextConfig::preset(TextPreset::Authors);
/// assert_eq!((config.mle.epochs, config.adversarial.schedule.rounds), (120, 200));
/// config.mle.dropout = 1.0;
/// assert!(config.validate().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextConfig {
    /// Seed of every random stream.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
    /// Network of the generator.
    pub generator: GeneratorConfig,
    /// Maximum likelihood, the first phase.
    pub mle: MleConfig,
    /// Ensemble of maximum likelihood, the control of the game.
    pub ensemble: EnsembleConfig,
    /// Judge, and its pre-training, the second phase.
    pub discriminator: DiscriminatorConfig,
    /// Adversarial phase, the third.
    pub adversarial: AdversarialConfig,
    /// Measurements of the generator.
    pub evaluation: EvaluationConfig,
}

impl TextConfig {
    /// Returns the settings of this name.
    pub fn preset(preset: TextPreset) -> Self {
        match preset {
            TextPreset::Ours => Self::default(),
            TextPreset::Authors => Self::authors(),
            TextPreset::Small => Self::of_size(64, 0.3),
            TextPreset::Medium => Self::of_size(128, 0.35),
            TextPreset::Large => Self::of_size(256, 0.4),
        }
    }

    /// Returns the settings of the game whose judge is the ensemble.
    pub fn distillation(&self) -> Self {
        let (mut config, judge) = (self.clone(), JudgeKind::Ensemble);
        let AdversarialConfig { schedule, optimizer, .. } = self.adversarial;
        config.adversarial.gradient = GeneratorGradient::PolicyGradient;
        config.adversarial.judge = judge;
        config.adversarial.credit = judge.usual_credit();
        config.adversarial.reward_form = RewardForm::default();
        config.adversarial.schedule = Schedule { g_epochs: self.ensemble.distill_steps, ..schedule };
        config.adversarial.optimizer =
            OptimizerConfig { learning_rate: self.ensemble.distill_rate, ..optimizer };
        config
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// When one is out of range, or the judge cannot be credited in the way that is set.
    pub fn validate(&self) -> Result<()> {
        let Self { generator, mle, discriminator, adversarial, evaluation, .. } = self;
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
        mle.validate()?;
        adversarial.validate()?;
        discriminator.validate(adversarial.judge)?;
        adversarial.validate_form(discriminator.divergence)?;
        adversarial.validate_freezing()?;
        adversarial.validate_target()?;
        let comparing = discriminator.network.minibatch.is_some();
        require(!comparing || !adversarial.draws_softly(), || {
            "`discriminator.network.minibatch` does not apply to soft draws, which are mixtures of all tokens and are not kept to be \
             compared with: set `adversarial.gumbel.relaxation` to straight-through"
                .into()
        })?;
        let through_judge = adversarial.gradient == GeneratorGradient::Gumbel;
        require(!through_judge || discriminator.precision.is_single(), || {
            "`discriminator.precision` is that of rewards: the gradient gumbel has none; leave it f32".into()
        })?;
        let alone = through_judge && adversarial.batch == 1;
        require(!comparing || !alone, || {
            "`discriminator.network.minibatch` compares the sentences of a step: `adversarial.batch` of 1 has none to compare; set 2 or more"
                .into()
        })?;
        require(discriminator.replay == 0.0 || !adversarial.draws_softly(), || {
            "`discriminator.replay` does not apply to soft draws, which are mixtures of all tokens and are not kept: set \
             `adversarial.gumbel.relaxation` to straight-through"
                .into()
        })?;
        require(!adversarial.judge.is_of_pairs(), || {
            "this judge looks at the source of an answer: it needs pairs (`pairs.files`)".into()
        })?;
        require(
            adversarial.credit != Credit::Prefix || adversarial.judge == JudgeKind::Discriminator,
            || {
                "credit prefix needs the discriminator as judge: BLEU and the ranker judge whole sentences"
                    .into()
            },
        )?;
        let each_token = matches!(adversarial.credit, Credit::Token | Credit::Exact);
        require(!each_token || adversarial.judge.is_language_model(), || {
            "credit token and exact need the rival, the mediator or the ensemble as judge: the others judge whole sentences"
                .into()
        })?;
        let members = self.ensemble.members;
        require((1..=MOST_MEMBERS).contains(&members), || {
            format!("`ensemble.members` must lie in 1 to {MOST_MEMBERS}, found {members}")
        })?;
        require(adversarial.judge != JudgeKind::Ensemble || self.ensemble.members > 1, || {
            "the ensemble as judge needs `ensemble.members` of 2 or more".into()
        })?;
        let sensible = |t: &f32| t.is_finite() && (0.01..=100.0).contains(t);
        require(evaluation.temperatures.iter().all(sensible), || {
            "temperatures must lie in 0.01 to 100".into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::{Divergence, FDivergence};

    #[test]
    fn forms_of_the_reward_need_a_probability() {
        let with = |judge: JudgeKind, divergence| {
            let mut config = TextConfig::default();
            (config.adversarial.judge, config.adversarial.credit) = (judge, judge.usual_credit());
            config.adversarial.reward_form = RewardForm::Maligan;
            config.discriminator.divergence = divergence;
            config.validate()
        };
        with(JudgeKind::Discriminator, Divergence::LOGISTIC).expect("a logistic discriminator tells it");
        use JudgeKind::{Bleu, Ensemble, Mediator, Ranker, Rival};
        for judge in [Rival, Mediator, Ensemble, Bleu, Ranker] {
            let error = with(judge, Divergence::LOGISTIC).expect_err("no probability").to_string();
            assert!(error.contains("do not apply to the rival"), "{error}");
        }
        with(JudgeKind::Discriminator, Divergence::F(FDivergence::Kl)).expect_err("no probability");
    }

    #[test]
    fn layers_that_compare_sentences_need_a_batch_and_a_discriminator() {
        let with = |judge: JudgeKind, batch, batch_norm, minibatch: Option<&str>| {
            let mut config = TextConfig::default();
            (config.adversarial.judge, config.adversarial.credit) = (judge, judge.usual_credit());
            config.discriminator.batch = batch;
            let size = minibatch.map(|size| size.parse().expect("two numbers"));
            (config.discriminator.network.batch_norm, config.discriminator.network.minibatch) =
                (batch_norm, size);
            config.validate().map_err(|error| error.to_string())
        };
        for (batch_norm, minibatch) in [(true, None), (false, Some("16,8"))] {
            with(JudgeKind::Discriminator, 2, batch_norm, minibatch).expect("two are compared");
            let error = with(JudgeKind::Discriminator, 1, batch_norm, minibatch).expect_err("one alone");
            assert!(error.contains("`discriminator.batch` of 1") && error.contains("2 or more"), "{error}");
            let error = with(JudgeKind::Rival, 64, batch_norm, minibatch).expect_err("a language model");
            assert!(error.contains("do not apply to this judge"), "{error}");
        }
        with(JudgeKind::Discriminator, 1, false, None).expect("nothing is compared");
    }
}
