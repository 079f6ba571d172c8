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
        config.schedule.rounds = 10;
        config.fit.epochs = 40;
        config.scorer.hidden = vec![];
        config.fit.optimizer.learning_rate = 0.03;
        config.generator.optimizer.learning_rate = 0.005;
        config.discriminator.optimizer.learning_rate = 0.005;
        config.choice.decays = vec![0.03, 0.1, 0.3, 1.0, 3.0];
        config.choice.prior_weights = vec![0.0, 0.5, 1.0];
    }
    config
}
