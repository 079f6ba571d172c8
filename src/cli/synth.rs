//! `irgan synth`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::atomic::write_atomically;
use crate::data::interactions::planted::{PlantedInteractions, lines};
use crate::data::letor;
use crate::data::planted::{Planted, PlantedConfig};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::training::RunDir;

/// Write a benchmark with a planted optimum as LETOR files
///
/// OUT receives train.txt, vali.txt, test.txt and optimum.toml: the settings, and what the hidden
/// teacher itself scores on the validation and test data. With --interactions it receives train.tsv and
/// test.tsv, ratings by hidden preferences, and settings.toml.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan synth --out planted --queries 784 --documents 1000 --features 46
  irgan synth --interactions --out liked --users 1000 --items 2000 --liked 30")]
pub struct SynthArgs {
    /// Folder to write into
    #[arg(long)]
    out: PathBuf,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Training queries; validation and test data have half as many each
    #[arg(long, default_value_t = PlantedConfig::default().queries)]
    queries: usize,
    /// Documents of every query
    #[arg(long, default_value_t = PlantedConfig::default().documents)]
    documents: usize,
    /// Features of every document
    #[arg(long, default_value_t = PlantedConfig::default().features)]
    features: usize,
    /// Hidden units of the teacher
    #[arg(long, default_value_t = PlantedConfig::default().hidden)]
    hidden: usize,
    /// Deviation of the noise, in deviations of the teacher's scores
    #[arg(long, default_value_t = PlantedConfig::default().noise)]
    noise: f32,
    /// Share of the training positives that is observed
    #[arg(long, default_value_t = PlantedConfig::default().observed)]
    observed: f64,
    /// Seed of the teacher, the documents and the noise
    #[arg(long, default_value_t = PlantedConfig::default().seed)]
    seed: u64,
    /// Make ratings of users and items
    #[arg(long)]
    interactions: bool,
    /// Users
    #[arg(long, default_value_t = PlantedInteractions::default().users, help_heading = "Interactions")]
    users: usize,
    /// Items
    #[arg(long, default_value_t = PlantedInteractions::default().items, help_heading = "Interactions")]
    items: usize,
    /// Mean number of items that a user likes
    #[arg(long, default_value_t = PlantedInteractions::default().liked, help_heading = "Interactions")]
    liked: usize,
    /// Rank of the hidden factors
    #[arg(long, default_value_t = PlantedInteractions::default().rank, help_heading = "Interactions")]
    rank: usize,
}

/// Runs the command.
pub fn run(args: &SynthArgs) -> Result<()> {
    if args.interactions { interactions(args) } else { features(args) }
}

fn interactions(args: &SynthArgs) -> Result<()> {
    let config = PlantedInteractions {
        users: args.users,
        items: args.items,
        liked: args.liked,
        rank: args.rank,
        seed: args.seed,
        ..PlantedInteractions::default()
    };
    let (train, test) = config.generate()?;
    let folder = RunDir::create(&args.out, args.force)?;
    for (name, ratings) in [("train.tsv", &train), ("test.tsv", &test)] {
        folder.save_text(name, &lines(ratings))?;
        eprintln!("{name}: {} ratings", ratings.len());
    }
    folder.save_toml("settings.toml", &config)
}

fn features(args: &SynthArgs) -> Result<()> {
    let config = PlantedConfig {
        queries: args.queries,
        documents: args.documents,
        features: args.features,
        hidden: args.hidden,
        noise: args.noise,
        observed: args.observed,
        seed: args.seed,
    };
    let planted = Planted::generate(&config)?;
    let folder = RunDir::create(&args.out, args.force)?;
    for (name, set) in
        [("train.txt", &planted.train), ("vali.txt", &planted.valid), ("test.txt", &planted.test)]
    {
        letor::write(&folder.path().join(name), set)?;
        eprintln!("{name}: {}", set.summary());
    }
    let mut text = toml::to_string(&config).map_err(|cause| Error::Config(cause.to_string()))?;
    for (name, optimum) in [("vali", Planted::optimum as Optimum), ("test", Planted::optimum_test)] {
        let _ = writeln!(text, "\n[{name}]");
        for measure in ["nDCG@10", "P@5", "AP"] {
            let value = optimum(&planted, &measure.parse()?);
            let _ = writeln!(text, "\"{measure}\" = {value:.4}");
        }
    }
    write_atomically(&folder.path().join("optimum.toml"), |writer| writer.write_all(text.as_bytes()))
}

/// What the teacher scores on one part of the data.
type Optimum = fn(&Planted, &Measure) -> f64;
