//! Arguments of `irgan synth`.

use std::path::PathBuf;

use clap::Args;

use crate::data::documents::SyntheticCollectionConfig;
use crate::data::features::planted::PlantedConfig;
use crate::data::interactions::planted::PlantedInteractions;

/// Write generated data: feature vectors with a planted optimum, or another kind
///
/// OUT receives train.txt, vali.txt, test.txt in LETOR format and optimum.toml: the settings, and what the hidden
/// teacher itself scores on the validation and test data. With --collection it receives documents.jsonl,
/// topics.tsv and qrels.txt, the topics and qrels of train, valid and test apart, and collection.toml with the
/// settings. With --interactions it receives train.tsv and test.tsv, ratings by hidden preferences, and
/// settings.toml. With --qa the three files hold questions and answers, and answers.toml the settings.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan synth --out planted --queries 784 --documents 1000 --features 46
  irgan synth --collection --out texts
  irgan synth --interactions --out liked --users 1000 --items 2000 --liked 30
  irgan synth --qa --out answers")]
pub struct SynthArgs {
    /// Folder to write into
    #[arg(long)]
    pub(super) out: PathBuf,
    /// Write into --out even when it is not empty
    #[arg(long)]
    pub(super) force: bool,
    /// Seed of everything drawn
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    #[command(flatten)]
    pub(super) kind: Kind,
    /// Training queries (150); validation and test data have half as many each. Of a collection all queries (200):
    /// 60 % are for training, 20 % for validation, 20 % for tests. With --qa questions (80)
    #[arg(long)]
    pub(super) queries: Option<usize>,
    /// Documents of every query (60); of a collection all documents (2000); with --qa answers of every question (6)
    #[arg(long)]
    pub(super) documents: Option<usize>,
    #[command(flatten)]
    pub(super) features: FeatureFlags,
    #[command(flatten)]
    pub(super) collection: CollectionFlags,
    #[command(flatten)]
    pub(super) interactions: InteractionFlags,
}

/// Kind of data that is written in the place of feature vectors.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct Kind {
    /// Write a text collection with planted relevance
    #[arg(long)]
    pub(super) collection: bool,
    /// Write ratings of users and items
    #[arg(long)]
    pub(super) interactions: bool,
    /// Write questions with one right answer each
    #[arg(long)]
    pub(super) qa: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Feature vectors")]
pub(super) struct FeatureFlags {
    /// Features of every document
    #[arg(long, default_value_t = PlantedConfig::default().features, conflicts_with = "Kind")]
    pub(super) features: usize,
    /// Hidden units of the teacher
    #[arg(long, default_value_t = PlantedConfig::default().hidden, conflicts_with = "Kind")]
    pub(super) hidden: usize,
    /// Deviation of the noise, in deviations of the teacher's scores
    #[arg(long, default_value_t = PlantedConfig::default().noise, conflicts_with = "Kind")]
    pub(super) noise: f32,
    /// Share of the training positives that is observed
    #[arg(long, default_value_t = PlantedConfig::default().observed, conflicts_with = "Kind")]
    pub(super) observed: f64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Text collections")]
pub(super) struct CollectionFlags {
    /// Subjects that documents are about
    #[arg(long, default_value_t = SyntheticCollectionConfig::default().subjects, requires = "collection")]
    pub(super) subjects: usize,
    /// Different words
    #[arg(long, default_value_t = SyntheticCollectionConfig::default().vocabulary, requires = "collection")]
    pub(super) vocabulary: usize,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Interactions")]
pub(super) struct InteractionFlags {
    /// Users
    #[arg(long, default_value_t = PlantedInteractions::default().users, requires = "interactions")]
    pub(super) users: usize,
    /// Items
    #[arg(long, default_value_t = PlantedInteractions::default().items, requires = "interactions")]
    pub(super) items: usize,
    /// Mean number of items that a user likes
    #[arg(long, default_value_t = PlantedInteractions::default().liked, requires = "interactions")]
    pub(super) liked: usize,
    /// Rank of the hidden factors
    #[arg(long, default_value_t = PlantedInteractions::default().rank, requires = "interactions")]
    pub(super) rank: usize,
}
