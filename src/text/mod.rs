//! SeqGAN and its relatives: language models, judges of sentences, credit, the game, decoding and quality.
//!
//! A sentence is an episode of T steps over a vocabulary of V tokens.

mod config;
mod credit;
mod data;
mod decode;
mod game;
pub mod judges;
mod learned;
mod likelihood;
mod look;
mod model;
pub mod models;
mod quality;
mod train;

pub use config::{
    AdversarialConfig, DiscriminatorConfig, EvaluationConfig, GeneratorConfig, JudgeKind, MleConfig,
    TextConfig, TextPreset,
};
pub use credit::{Credit, CreditedReward};
pub use data::{Oracle, TextData};
pub use decode::Decoding;
pub use learned::{Learned, Phase, Position, Rival};
pub use likelihood::reverse_nll;
pub use look::look_at;
pub use model::{TextModel, Which};
pub use quality::{Curve, Point, sweep};
pub use train::{PRETRAINED, TextOptions, TrainedText, train_text};
