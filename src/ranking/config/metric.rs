//! Settings of a measure as the generator's reward.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};
use crate::ranking::ranking_policy::RankCredit;

/// Settings of a measure as the generator's reward.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MetricConfig {
    /// Rankings N that are drawn of every pool.
    pub rankings: usize,
    /// Part of a ranking's worth that each of its ranks is credited with.
    pub credit: RankCredit,
    /// Weight λ of the discriminator's reward of the drawn documents; with 0 there is no discriminator.
    pub mix: f32,
}

impl Default for MetricConfig {
    fn default() -> Self {
        Self { rankings: 16, credit: RankCredit::default(), mix: 0.0 }
    }
}

impl MetricConfig {
    /// Refuses settings that are out of range.
    pub(super) fn validate(&self) -> Result<()> {
        require((1..=MOST_RANKINGS).contains(&self.rankings), || {
            format!("`generator.metric.rankings` must lie between 1 and {MOST_RANKINGS}")
        })?;
        require(self.mix >= 0.0 && self.mix.is_finite(), || {
            "`generator.metric.mix`, the weight of the discriminator's reward, must not be negative".into()
        })
    }
}

/// More rankings of one pool only cost time.
const MOST_RANKINGS: usize = 1 << 12;
