//! `irgan synth`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::atomic::write_atomically;
use crate::data::collection::{
    Synthetic, SyntheticCollection, SyntheticPart, generate, write_jsonl, write_topics,
};
use crate::data::letor;
use crate::data::planted::{Planted, PlantedConfig};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::training::RunDir;

/// Write a benchmark with a planted optimum as LETOR files, or a generated text collection
///
/// OUT receives train.txt, vali.txt, test.txt and optimum.toml: the settings, and what the hidden
/// teacher itself scores on the validation and test data. With --collection it receives
/// documents.jsonl, topics.tsv and qrels.txt, the topics and qrels of train, valid and test apart, and
/// collection.toml with the settings.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan synth --out planted --queries 784 --documents 1000 --features 46
  irgan synth --collection --out texts")]
pub struct SynthArgs {
    /// Folder to write into
    #[arg(long)]
    out: PathBuf,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Write a text collection with planted relevance instead of feature vectors
    #[arg(long)]
    collection: bool,
    /// Training queries (150); validation and test data have half as many each. Of a collection all
    /// queries (200): 60 % are for training, 20 % for validation, 20 % for tests
    #[arg(long)]
    queries: Option<usize>,
    /// Documents of every query (60); of a collection all documents (2000)
    #[arg(long)]
    documents: Option<usize>,
    /// Features of every document
    #[arg(long, default_value_t = PlantedConfig::default().features, conflicts_with = "collection")]
    features: usize,
    /// Hidden units of the teacher
    #[arg(long, default_value_t = PlantedConfig::default().hidden, conflicts_with = "collection")]
    hidden: usize,
    /// Deviation of the noise, in deviations of the teacher's scores
    #[arg(long, default_value_t = PlantedConfig::default().noise, conflicts_with = "collection")]
    noise: f32,
    /// Share of the training positives that is observed
    #[arg(long, default_value_t = PlantedConfig::default().observed, conflicts_with = "collection")]
    observed: f64,
    /// Subjects that documents are about
    #[arg(long, default_value_t = SyntheticCollection::default().subjects, requires = "collection")]
    subjects: usize,
    /// Different words
    #[arg(long, default_value_t = SyntheticCollection::default().vocabulary, requires = "collection")]
    vocabulary: usize,
    /// Seed of everything drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the command.
pub fn run(args: &SynthArgs) -> Result<()> {
    if args.collection { collection(args) } else { planted(args) }
}

fn collection(args: &SynthArgs) -> Result<()> {
    let default = SyntheticCollection::default();
    let config = SyntheticCollection {
        documents: args.documents.unwrap_or(default.documents),
        queries: args.queries.unwrap_or(default.queries),
        subjects: args.subjects,
        vocabulary: args.vocabulary,
        seed: args.seed,
    };
    let Synthetic { documents, parts } = generate(&config)?;
    let folder = RunDir::create(&args.out, args.force)?;
    let path = |name: String| folder.path().join(name);
    write_jsonl(&path("documents.jsonl".into()), &documents)?;
    let (mut topics, mut qrels) = (vec![], String::new());
    for SyntheticPart { name, topics: of_part, judgements } in parts {
        write_topics(&path(format!("topics.{name}.tsv")), &of_part)?;
        judgements.write(&path(format!("qrels.{name}.txt")))?;
        topics.extend(of_part);
        qrels += &judgements.to_trec()?;
    }
    write_topics(&path("topics.tsv".into()), &topics)?;
    folder.save_text("qrels.txt", &qrels)?;
    folder.save_toml("collection.toml", &config)?;
    eprintln!(
        "documents.jsonl: {} documents; topics.tsv: {} queries; qrels.txt: {} judgements",
        documents.len(),
        topics.len(),
        qrels.lines().count()
    );
    Ok(())
}

fn planted(args: &SynthArgs) -> Result<()> {
    let default = PlantedConfig::default();
    let config = PlantedConfig {
        queries: args.queries.unwrap_or(default.queries),
        documents: args.documents.unwrap_or(default.documents),
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
