//! Settings for the features of texts.

use crate::data::normalize::Normalization;
use crate::ranking::{Method, Preset, TrainConfig};

/// The settings of `preset` for `method` over the features of texts.
///
/// Their scales have long tails: deviations within the query did better than its extremes on the validation queries
/// of NFCorpus, and as well on those of Cranfield.
pub fn preset(preset: Preset, method: Method) -> TrainConfig {
    TrainConfig { normalization: Normalization::QueryZscore, ..TrainConfig::preset(preset, method) }
}
