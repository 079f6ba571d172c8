//! Settings for the features of texts.

use crate::data::features::normalize::Normalization;
use crate::ranking::{Method, Preset, TrainConfig};

/// Weight of the likelihood of the observed positives in the generator's loss.
const TEACHER: f32 = 0.3;

/// The settings of `preset` for `method` over the features of texts.
///
/// Their scales have long tails: deviations within the query did better than its extremes on the validation queries
/// of NFCorpus, and as well on those of Cranfield.
///
/// In pools of a thousand documents the players of our own settings chase each other: the generator follows a
/// discriminator that has just learnt to reject what the generator liked, and its measure jumps by 0.2 from round to
/// round (NFCorpus). A little likelihood of what was observed holds it (0.01).
pub fn preset(preset: Preset, method: Method) -> TrainConfig {
    let mut config =
        TrainConfig { normalization: Normalization::QueryZscore, ..TrainConfig::preset(preset, method) };
    if preset == Preset::Ours {
        config.generator.teacher = TEACHER;
    }
    config
}
