//! Settings for the features of texts.

use crate::data::normalize::Normalization;
use crate::ranking::{Method, Preset, TrainConfig};

/// The settings of `preset` for `method` over the features of texts.
///
/// Their scales have long tails, and a pool's worst documents are far from the rest: deviations within the query
/// chose better than its extremes on validation queries of both collections in docs/results.md.
pub fn preset(preset: Preset, method: Method) -> TrainConfig {
    TrainConfig { normalization: Normalization::QueryZscore, ..TrainConfig::preset(preset, method) }
}
