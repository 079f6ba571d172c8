//! Reward of the generator as the settings name it: the discriminator's, a measure's, or a placebo of either.

use std::fmt;
use std::str::FromStr;

use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::files::serde_as_text;
use crate::game::RewardSource;

/// Reward of the generator: `discriminator`, a measure such as `nDCG@10`, or a placebo: `shuffled`, `shuffled:nDCG@10`.
///
/// ```
/// use irgan::game::RewardSource;
/// use irgan::ranking::GeneratorReward;
///
/// let reward: GeneratorReward = "shuffled:ndcg_cut_10".parse()?;
/// assert_eq!(reward.source, RewardSource::Shuffled);
/// assert_eq!(reward.to_string(), "shuffled:nDCG@10");
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GeneratorReward {
    /// Measure of the rankings that the generator draws; `None` where the discriminator rewards single documents.
    pub measure: Option<Measure>,
    /// The placebo in the place of this reward; [`RewardSource::Discriminator`] is none.
    pub source: RewardSource,
}

impl fmt::Display for GeneratorReward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.measure, self.source) {
            (None, source) => source.fmt(f),
            (Some(measure), RewardSource::Discriminator) => measure.fmt(f),
            (Some(measure), placebo) => write!(f, "{placebo}:{measure}"),
        }
    }
}

impl FromStr for GeneratorReward {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(source) = source(text) {
            return Ok(source.into());
        }
        let (source, name) = match text.split_once(':') {
            Some((placebo, name)) => (source(placebo), name),
            None => (Some(RewardSource::Discriminator), text),
        };
        let refuse = |reason: String| {
            Error::Config(format!(
                "`generator.reward` {text}: expected discriminator, constant, random, shuffled, a measure such as nDCG@10, or a placebo of one \
                 such as shuffled:nDCG@10 ({reason})"
            ))
        };
        let Some(source) = source else { return Err(refuse("no such placebo".into())) };
        let measure = name.parse::<Measure>().map_err(|cause| refuse(cause.to_string()))?;
        if !measure.depends_on_order() {
            return Err(Error::Config(format!(
                "`generator.reward` {text}: {measure} is the same for every order of a pool's documents, and teaches nothing; choose a measure \
                 of the order, such as nDCG@10, P@5 or AP"
            )));
        }
        Ok(Self { measure: Some(measure), source })
    }
}

/// Returns the discriminator or the placebo of this name.
fn source(name: &str) -> Option<RewardSource> {
    let source: Result<RewardSource, serde::de::value::Error> =
        RewardSource::deserialize(name.into_deserializer());
    source.ok()
}

impl From<RewardSource> for GeneratorReward {
    fn from(source: RewardSource) -> Self {
        Self { measure: None, source }
    }
}

serde_as_text!(GeneratorReward);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewards_are_read_as_they_are_written() {
        for text in
            ["discriminator", "constant", "shuffled", "nDCG@10", "AP(rel=2)", "random:RR", "constant:P@5"]
        {
            let reward: GeneratorReward = text.parse().unwrap();
            assert_eq!(reward.to_string(), text);
        }
    }

    #[test]
    fn others_are_refused_with_what_is_wrong() {
        for (text, part) in [
            ("nDGC@10", "measure `nDGC@10`"),
            ("wild:AP", "no such placebo"),
            ("SetP", "the same for every order"),
            ("NumRel", "the same for every order"),
            ("discriminator:", "measure ``"),
        ] {
            let error = text.parse::<GeneratorReward>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
