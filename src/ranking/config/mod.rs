//! Everything that a training depends on, with the defaults of our own preset.

mod authors;
mod choice;
mod discriminator;
mod fit;
mod generator;
mod generator_reward;
mod method;
mod metric;
mod preset;
mod scorer;
mod training;
mod trees;

pub use choice::{ChoiceConfig, ChoiceRule};
pub use discriminator::DiscriminatorConfig;
pub use fit::{FitConfig, Solver};
pub use generator::GeneratorConfig;
pub use generator_reward::GeneratorReward;
pub use method::{Init, Method};
pub use metric::MetricConfig;
pub use preset::Preset;
pub use scorer::ScorerConfig;
pub(super) use training::MOST_MODELS;
pub use training::TrainConfig;
pub use trees::TreesConfig;
