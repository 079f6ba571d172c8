//! Guard against collapse: a game that has lost its variety or its signal is stopped, or rolled back.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Share of its first entropy below which a policy has collapsed.
pub const LEAST_ENTROPY: f64 = 0.01;

/// Number of rounds after which a mean reward that has not changed by one bit counts as frozen.
pub const FROZEN_ROUNDS: usize = 5;

/// Number of times that a game is rolled back before it is stopped.
pub const MOST_ROLLBACKS: usize = 3;

/// Reaction to a collapse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum OnCollapse {
    /// End the phase with the last good state.
    #[default]
    Stop,
    /// Play on from the last good state with both learning rates halved, three times at most; then stop.
    Rollback,
    /// Warn, and play on.
    Ignore,
}

/// Signs of a generator's health after a round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signs {
    /// Mean entropy of the policy in nats; `None` where nothing was drawn.
    pub entropy: Option<f64>,
    /// Mean reward, where it ought to change.
    pub reward: Option<f64>,
    /// Number of distinct tokens in generated sentences, now and before the game.
    pub diversity: Option<(f64, f64)>,
    /// Negative log-likelihood under the oracle of generated sentences, and of the oracle's own.
    pub floor: Option<(f64, f64)>,
}

/// A sign of collapse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Collapse {
    /// Entropy now and after the first round.
    Entropy(f64, f64),
    /// A mean reward that does not change.
    FrozenReward(f64),
    /// Number of distinct tokens now and before the game.
    Diversity(f64, f64),
    /// Negative log-likelihood below the floor.
    BelowFloor(f64, f64),
}

impl fmt::Display for Collapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entropy(now, first) => {
                write!(f, "the generator's entropy fell from {first:.4} to {now:.4} nats")
            }
            Self::FrozenReward(reward) => {
                write!(f, "the mean reward has been exactly {reward} for {FROZEN_ROUNDS} rounds")
            }
            Self::Diversity(now, first) => {
                write!(f, "the distinct tokens of its sentences fell from {first:.0} to {now:.0}")
            }
            Self::BelowFloor(nll, floor) => {
                write!(f, "its sentences' NLL {nll:.4} fell below the oracle's own floor {floor:.4}")
            }
        }
    }
}

/// Decision after a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Play on; the state is a good one.
    PlayOn,
    /// Roll back to the last good state, and play on with the learning rates times [`Guard::rate`].
    RollBack,
    /// Roll back to the last good state, and end the game.
    Stop,
}

/// Guard of one game, with its memory of the rounds; part of a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Guard {
    first_entropy: Option<f64>,
    last_reward: Option<f64>,
    unchanged: usize, // rounds that the reward has stood still
    rollbacks: usize,
    found: Vec<String>,
}

impl Guard {
    /// Signs of collapse that were seen, with the reaction to each and advice.
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// Factor of the learning rates: a half for every roll-back.
    pub fn rate(&self) -> f32 {
        0.5f32.powi(self.rollbacks as i32)
    }

    /// Decides what to do after a `round` with these signs, under the settings' `policy`.
    pub fn judge(&mut self, round: usize, signs: &Signs, policy: OnCollapse) -> Verdict {
        let Some(collapse) = self.observe(signs) else { return Verdict::PlayOn };
        let advice = "Lower the learning rates, or raise the weight of the entropy or the teacher";
        let (verdict, done) = match policy {
            OnCollapse::Ignore if !self.found.is_empty() => return Verdict::PlayOn, // reported once
            OnCollapse::Ignore => (Verdict::PlayOn, format!("the game goes on. {advice}")),
            OnCollapse::Rollback if self.rollbacks < MOST_ROLLBACKS => {
                self.rollbacks += 1;
                (self.last_reward, self.unchanged) = (None, 0);
                let rate = self.rate();
                (Verdict::RollBack, format!("taken back to the last good state, learning rates times {rate}"))
            }
            OnCollapse::Rollback | OnCollapse::Stop => {
                (Verdict::Stop, format!("the game ends with the last good state. {advice}"))
            }
        };
        self.found.push(format!("collapse, round {round}: {collapse}; {done}"));
        verdict
    }

    fn observe(&mut self, signs: &Signs) -> Option<Collapse> {
        let frozen = signs.reward.filter(|&reward| self.last_reward == Some(reward));
        self.unchanged = if frozen.is_some() { self.unchanged + 1 } else { 0 };
        self.last_reward = signs.reward;
        if let Some(entropy) = signs.entropy {
            let first = *self.first_entropy.get_or_insert(entropy);
            if entropy < LEAST_ENTROPY * first {
                return Some(Collapse::Entropy(entropy, first));
            }
        }
        if let Some(reward) = frozen.filter(|_| self.unchanged + 1 >= FROZEN_ROUNDS) {
            return Some(Collapse::FrozenReward(reward));
        }
        let diversity = signs.diversity.filter(|(now, first)| 2.0 * now < *first);
        let floor = signs.floor.filter(|(nll, floor)| nll < floor);
        diversity
            .map(|(now, first)| Collapse::Diversity(now, first))
            .or(floor.map(|(nll, floor)| Collapse::BelowFloor(nll, floor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entropy(entropy: f64) -> Signs {
        Signs { entropy: Some(entropy), ..Default::default() }
    }

    #[test]
    fn entropy_collapses_below_a_hundredth_of_its_start() {
        let mut guard = Guard::default();
        for (round, value) in [2.0, 1.0, 0.5, 0.02].into_iter().enumerate() {
            assert_eq!(guard.judge(round + 1, &entropy(value), OnCollapse::Stop), Verdict::PlayOn);
        }
        assert_eq!(guard.observe(&entropy(0.0199)), Some(Collapse::Entropy(0.0199, 2.0)));
        assert_eq!(guard.judge(5, &entropy(0.0), OnCollapse::Stop), Verdict::Stop);
        assert!(guard.found()[0].contains("round 5"), "{:?}", guard.found());
    }

    #[test]
    fn a_reward_is_frozen_after_five_equal_rounds() {
        let mut guard = Guard::default();
        let mut observe = |reward: f64| guard.observe(&Signs { reward: Some(reward), ..Default::default() });
        for reward in [0.1, 0.3, 0.3, 0.3, 0.3] {
            assert_eq!(observe(reward), None);
        }
        assert_eq!(observe(0.3), Some(Collapse::FrozenReward(0.3)));
        assert_eq!(observe(0.4), None);
    }

    #[test]
    fn text_collapses_below_half_of_its_tokens_or_below_the_floor() {
        let mut guard = Guard::default();
        let signs = |tokens, nll| Signs {
            diversity: Some((tokens, 100.0)),
            floor: Some((nll, 5.0)),
            ..Default::default()
        };
        assert_eq!(guard.observe(&signs(50.0, 5.0)), None);
        assert_eq!(guard.observe(&signs(49.0, 5.0)), Some(Collapse::Diversity(49.0, 100.0)));
        assert_eq!(guard.observe(&signs(50.0, 4.9)), Some(Collapse::BelowFloor(4.9, 5.0)));
    }

    #[test]
    fn a_game_is_rolled_back_three_times_with_half_the_rates_and_then_stopped() {
        let mut guard = Guard::default();
        guard.judge(1, &entropy(1.0), OnCollapse::Rollback);
        for rate in [0.5, 0.25, 0.125] {
            assert_eq!(guard.judge(2, &entropy(0.0), OnCollapse::Rollback), Verdict::RollBack);
            assert_eq!(guard.rate(), rate);
        }
        assert_eq!(guard.judge(3, &entropy(0.0), OnCollapse::Rollback), Verdict::Stop);
        // An ignored collapse is reported once.
        let mut guard = Guard::default();
        guard.judge(1, &entropy(1.0), OnCollapse::Ignore);
        for round in 2..4 {
            assert_eq!(guard.judge(round, &entropy(0.0), OnCollapse::Ignore), Verdict::PlayOn);
        }
        assert_eq!((guard.found().len(), guard.rate()), (1, 1.0));
    }
}
