//! Flags of the choice among models.

use clap::Args;

use super::set::set;
use crate::ranking::{ChoiceRule, TrainConfig};

/// By which queries models are chosen, from which strengths, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Choice")]
pub(super) struct ChoiceFlags {
    /// Parts of an inner cross-validation over the judged queries of an index, which choose so and all train, 0 holding a share out; on ratings, splits that choose the weights of both players
    #[arg(long)]
    inner_folds: Option<usize>,
    /// Weight decays to choose from
    #[arg(long, value_delimiter = ',')]
    decays: Option<Vec<f32>>,
    /// Feature that networks correct, by number or name, or `none`; over an index the better of BM25 and feedback is the default
    #[arg(long)]
    prior: Option<String>,
    /// Weights of the prior to choose from
    #[arg(long, value_delimiter = ',')]
    prior_weights: Option<Vec<f32>>,
    /// Rule of the choice of rounds and player
    #[arg(long)]
    choose: Option<ChoiceRule>,
}

impl ChoiceFlags {
    /// Writes the flags into `config`.
    pub(super) fn apply(&self, config: &mut TrainConfig) {
        let choice = &mut config.choice;
        set(&mut choice.folds, self.inner_folds);
        set(&mut choice.decays, self.decays.clone());
        set(&mut choice.prior_weights, self.prior_weights.clone());
        set(&mut choice.rule, self.choose);
        choice.prior = self.prior.clone().or(choice.prior.take());
    }
}
