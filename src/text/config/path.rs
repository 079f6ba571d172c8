//! Settings of the gradient that a generator follows.

use serde::{Deserialize, Serialize};

use super::judge::JudgeKind;
use crate::error::{Result, require};
use crate::game::RewardSource;
use crate::pathwise::{Annealing, Relaxation};

/// Gradient of the judgement of drawn sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorGradient {
    /// Policy gradient, which looks at the reward alone.
    #[default]
    PolicyGradient,
    /// Pathwise gradient through tokens relaxed by Gumbel-softmax, and the judge's input.
    Gumbel,
}

/// Settings of the pathwise gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GumbelConfig {
    /// Value of a relaxed token where judge and generator read it.
    pub relaxation: Relaxation,
    /// Temperature of relaxed tokens, from the first generator step to the last.
    pub temperature: Annealing,
}

impl GeneratorGradient {
    /// Checks that a generator can follow this gradient against `judge`.
    ///
    /// # Errors
    /// When the judge has no gradient at its input, or the reward is a placebo.
    pub(super) fn check(self, gumbel: &GumbelConfig, judge: JudgeKind, reward: RewardSource) -> Result<()> {
        gumbel.temperature.validate()?;
        if self == Self::PolicyGradient {
            return Ok(());
        }
        require(judge == JudgeKind::Discriminator, || {
            "the gradient gumbel goes through the judge's input: `adversarial.judge` must be discriminator"
                .into()
        })?;
        require(reward == RewardSource::Discriminator, || {
            "the gradient gumbel of a placebo reward is 0: `adversarial.reward` must be discriminator".into()
        })
    }
}
