//! SeqGAN and its relatives: language models, judges of sentences, credit assignment, the game, decoding and quality.
//!
//! A sentence is an episode of T steps over a vocabulary of V tokens. [`models::LanguageModel`] is what writes
//! sentences, [`judges::SentenceScorer`] what judges them, [`CreditedReward`] shares a judgement out over the tokens, and
//! [`policy_gradient`](crate::policy_gradient::policy_gradient) does the rest. [`train_text`] runs the phases of a whole
//! training.

mod beam;
#[cfg(test)]
mod conditional_tests;
mod config;
mod credit;
mod critic;
mod data;
mod decode;
mod exact;
mod fresh;
mod game;
mod generate;
mod grammatical;
pub mod hand_made;
pub mod judges;
mod likelihood;
mod likelihood_stage;
mod model;
pub mod models;
mod monitor;
pub mod pairs;
mod policy;
mod pretrain;
mod quality;
mod reverse_nll;
mod reward_form;
mod rollouts;
mod score;
mod sentences;
mod sizes;
mod state;
mod subject;
mod train;
pub mod wgan;
mod writer;

pub use beam::{Beam, Hypothesis, LengthNorm, MOST_WIDTH, beam_search, rerank, reverse_scores};
pub use config::{
    AdversarialConfig, DiscriminatorConfig, EnsembleConfig, EvaluationConfig, GeneratorConfig,
    GeneratorGradient, GumbelConfig, JudgeKind, MleConfig, RankerConfig, TeacherReward, TextConfig,
    TextPreset,
};
pub use credit::{Credit, CreditedReward};
pub use critic::{Critic, CriticConfig};
pub use data::{Oracle, TextData};
pub use decode::{Decoding, decode};
pub use exact::{ExactReward, Kl, Prefixes};
pub use generate::Draws;
pub use grammatical::Grammatical;
pub use likelihood::{BestEpoch, Examples, LikelihoodEpoch, likelihood_epoch};
pub use likelihood_stage::fit_likelihood;
#[cfg(feature = "report")]
pub(crate) use model::controls;
pub use model::{TextModel, Which};
pub use monitor::measure_generator;
pub use policy::{SentenceTrace, observe};
pub use quality::{Curve, Point, sweep};
pub use reverse_nll::reverse_nll;
pub use reward_form::RewardForm;
pub use score::log_likelihoods;
pub use train::{PRETRAINED, Phase, TextOptions, TrainedText, train_text};
pub use writer::SentenceWriter;
