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
mod extras;
pub mod features;
mod fit;
mod fold;
mod generator_gradient;
mod held_out;
pub mod interactions;
mod irgan;
mod live_reward;
mod negatives;
mod networks;
mod objective;
mod pool_gradient;
mod pool_policy;
mod pools;
mod ranker;
mod refit;
mod reward;
mod scorer;
mod simplest;
mod source;
mod state;
mod task;
mod train;
mod trained;
mod training;
mod validation;

pub use comparison::{ComparisonRow, Origin, PlaceboOutcome, Reference, Snapshot};
pub use config::{
    ChoiceConfig, ChoiceRule, DiscriminatorConfig, FitConfig, GeneratorConfig, Init, Method, Preset,
    ScorerConfig, Solver, TrainConfig,
};
pub use discriminator::{DiscriminatorStats, Example, ExampleLoss, discriminator_epoch};
pub use extras::Extras;
pub use features::{FeaturePools, train};
pub use fit::{Fitted, fit};
pub use fold::{Fold, FoldPlan, Folds, ScoredCandidates, TestQueries, Tested};
pub use generator_gradient::generator_gradient;
pub use held_out::{VALID_SHARE, split_queries};
pub use irgan::play;
pub use live_reward::LiveReward;
pub use negatives::{DrawFrom, NegativeSampler, draw_examples};
pub use networks::{Networks, Player, Roster, kind_of};
pub use objective::Objective;
pub use pool_policy::{PoolPolicy, PoolTrace, Sampling};
pub use pools::Pools;
pub use ranker::{Rank, Ranker, Ranking, ScoredQuery, write_queries};
pub use refit::refit_scorers;
pub use reward::{Mode, RewardShape, RewardTable};
pub use scorer::{Candidates, Scorer};
pub use source::Source;
pub use state::{Best, RankingGameResult};
pub use task::{Task, TrainingData, reported};
pub use train::train_scorers;
pub use trained::{RefitPlan, Trained};
pub use validation::Validation;
