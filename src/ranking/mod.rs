//! IRGAN and the baselines it is measured against.
//!
//! A [`Scorer`] over [`Pools`] is all that differs between feature vectors and other data. Letters
//! in the docs: Q queries, D documents (D_q in the pool of q), F features, B batch.

pub mod answers;
mod batch;
mod comparison;
mod config;
mod converged;
mod discriminator;
#[cfg(feature = "retrieval")]
pub mod documents;
mod example_loss;
mod extras;
pub mod features;
mod fit;
mod fold;
mod foreign;
mod generator_gradient;
mod generator_step;
mod held_out;
pub mod interactions;
mod irgan;
mod live_reward;
mod metric_reward;
#[cfg(test)]
mod metric_tests;
mod negatives;
mod networks;
mod next_document;
mod objective;
mod pool_gradient;
mod pool_policy;
mod pools;
mod ranker;
mod ranking_policy;
mod refit;
mod reward;
mod scorer;
mod simplest;
mod source;
mod starts;
mod state;
mod task;
mod train;
mod trained;
mod training;
mod validation;

pub use comparison::{ComparisonRow, Origin, PlaceboOutcome, Reference, Snapshot};
pub use config::{
    ChoiceConfig, ChoiceRule, DiscriminatorConfig, FitConfig, GeneratorConfig, GeneratorReward, Init, Method,
    MetricConfig, Preset, ScorerConfig, Solver, TrainConfig, TreesConfig,
};
pub use discriminator::{DiscriminatorStats, Example, discriminator_epoch};
pub use example_loss::{ExampleLoss, Mode};
pub use extras::Extras;
pub use features::{FeaturePools, train};
pub use fit::{Fitted, fit, listwise_epoch};
pub use fold::{Fold, FoldPlan, Folds, ScoredCandidates, TestQueries, Tested};
pub use generator_gradient::{generator_gradient, ranking_gradient};
pub use held_out::{VALID_SHARE, split_queries};
pub use irgan::play;
pub use live_reward::LiveReward;
pub use metric_reward::{DocumentReward, MetricReward};
pub use negatives::{DrawFrom, NegativeSampler, draw_examples};
pub use networks::{Networks, Player, Roster, kind_of};
pub use objective::Objective;
pub use pool_policy::{PoolPolicy, PoolTrace, Sampling};
pub use pools::Pools;
pub use ranker::{Rank, Ranker, Ranking, ScoredQuery, write_queries};
pub use ranking_policy::{RankCredit, RankingPolicy};
pub use refit::refit_scorers;
pub use reward::{RewardShape, RewardTable};
pub use scorer::{Candidates, Scorer};
pub use source::Source;
pub use state::{Best, RankingGameResult};
pub use task::{Task, TrainingData, refuse_foreign, reported};
pub use train::train_scorers;
pub use trained::{RefitPlan, Trained};
pub use validation::Validation;
