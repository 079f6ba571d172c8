//! Systems: trainings of one encoder–decoder that are compared with each other, line by line.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files::serde_as_text;
use crate::game::phase;
use crate::text::{Credit, JudgeKind};

/// One of the compared trainings. All begin with the model of maximum likelihood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum System {
    /// Maximum likelihood, the start of the others.
    Mle,
    /// REINFORCE: every token is rewarded with the judgement of the whole answer.
    Reinforce,
    /// Reward for every generation step by Monte Carlo rollouts (Li et al., 2017; Yu et al., 2017).
    RegsMc,
    /// Reward for every generation step by a judge of prefixes (Li et al., 2017).
    RegsPrefix,
    /// Rival: a second encoder–decoder, whose log-ratio rewards every token.
    Rival,
    /// Hand-made rewards (Li et al., 2016).
    Reward,
}

impl System {
    /// Every system, in the order of the tables.
    pub const ALL: [Self; 6] =
        [Self::Mle, Self::Reinforce, Self::RegsMc, Self::RegsPrefix, Self::Rival, Self::Reward];

    /// Returns the name in settings, files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mle => phase::MLE,
            Self::Reinforce => phase::REINFORCE,
            Self::RegsMc => phase::REGS_MC,
            Self::RegsPrefix => phase::REGS_PREFIX,
            Self::Rival => phase::RIVAL,
            Self::Reward => phase::REWARD,
        }
    }

    /// Returns the way in which a judgement is shared out over the tokens; `None` for maximum likelihood.
    pub fn credit(self) -> Option<Credit> {
        match self {
            Self::Mle => None,
            Self::Reinforce => Some(Credit::Sentence),
            Self::RegsMc => Some(Credit::Rollouts),
            Self::RegsPrefix => Some(Credit::Prefix),
            Self::Rival | Self::Reward => Some(Credit::Token),
        }
    }

    /// Returns the judge, where the discriminator is `discriminator`.
    pub fn judge(self, discriminator: JudgeKind) -> JudgeKind {
        match self {
            Self::Rival => JudgeKind::Rival,
            Self::Reward => JudgeKind::Reward,
            _ => discriminator,
        }
    }

    /// Returns the game of a judge and a credit.
    pub fn of(judge: JudgeKind, credit: Option<Credit>) -> Self {
        match (judge, credit) {
            (JudgeKind::Rival, _) => Self::Rival,
            (JudgeKind::Reward, _) => Self::Reward,
            (_, Some(Credit::Sentence)) => Self::Reinforce,
            (_, Some(Credit::Prefix)) => Self::RegsPrefix,
            _ => Self::RegsMc,
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for System {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|system| system.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::Config(format!("system `{text}`: expected one of {names}"))
        })
    }
}

serde_as_text!(System);
