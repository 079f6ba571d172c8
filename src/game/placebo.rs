//! Placebo rewards: what a generator learns from when the discriminator is taken away.

use std::fmt;

use rand::Rng as _;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::names::phase;
use crate::seed::Stream;

/// Which reward the generator receives. Everything but `discriminator` is a control: when it does
/// as well, the discriminator has taught nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum RewardSource {
    /// The discriminator's own reward.
    #[default]
    Discriminator,
    /// 1 for every action.
    Constant,
    /// Uniform on [0, 1), independent of the action.
    Random,
    /// The discriminator's rewards, dealt to the actions of a context in random order.
    Shuffled,
}

impl fmt::Display for RewardSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discriminator => "discriminator",
            Self::Constant => "constant",
            Self::Random => "random",
            Self::Shuffled => "shuffled",
        })
    }
}

impl RewardSource {
    /// Returns the name in logs of a game with this reward.
    pub fn phase(self) -> String {
        match self {
            Self::Discriminator => phase::ADVERSARIAL.to_owned(),
            placebo => format!("{placebo}{}", phase::PLACEBO_SUFFIX),
        }
    }

    /// Replaces the rewards of one context's actions.
    pub fn apply(self, rewards: &mut [f32], stream: Stream) {
        match self {
            Self::Discriminator => {}
            Self::Constant => rewards.fill(1.0),
            Self::Random => {
                let mut rng = stream.rng();
                rewards.iter_mut().for_each(|reward| *reward = rng.random());
            }
            Self::Shuffled => rewards.shuffle(&mut stream.rng()),
        }
    }
}
