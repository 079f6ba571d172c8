//! `irgan features`.

use std::path::PathBuf;

use clap::Args;

use super::effects;
use crate::cli::args::output::tell_replaced;
use crate::cli::args::topics::{DepthArgs, JudgementArgs, TopicArgs};
use crate::cli::console;
use crate::data::documents::Topic;
use crate::data::features::letor;
use crate::error::Result;
use crate::evaluation::Measure;
use crate::ranking::documents::{CandidateConfig, Joined, OpenQueries, Retriever, tune};
use crate::seed::Stream;
use crate::team::Team;

/// Write the features of queries and documents of an index as a LETOR file
///
/// With --qrels the judged documents of a query stand beside those that BM25 finds, as for training, and queries
/// without a judgement are left out; a document that nobody judged has grade -1. Features are named in the file's
/// first lines. Those that `irgan train` learns from the judgements are not among them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan features --index idx --queries topics.tsv --qrels qrels.txt --depth 200 --out letor.txt")]
pub struct FeaturesArgs {
    #[command(flatten)]
    topics: TopicArgs,
    #[command(flatten)]
    judgements: JudgementArgs,
    #[command(flatten)]
    depth: DepthArgs,
    /// Choose the parameters of BM25 and of feedback by this measure on the judged queries
    #[arg(long, value_name = "MEASURE", requires = "qrels")]
    tune: Option<Measure>,
    /// Seed of the random documents
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// LETOR file to write
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &FeaturesArgs) -> Result<()> {
    effects::of_training_features(args.judgements.qrels.is_some());
    let OpenQueries { index, topics, run } = args.topics.open()?;
    let listener = &mut console::terminal();
    let mut config = CandidateConfig { run: run.is_some(), ..args.depth.resolve()? };
    let (set, skipped) = match &args.judgements.qrels {
        None => {
            let topics: Vec<&Topic> = topics.iter().collect();
            Retriever { index: &index, config: &config, run: run.as_ref(), team: Team::ALONE }
                .retrieved(&topics, None)?
        }
        Some(qrels) => {
            let judgements = args.judgements.read()?;
            let joined = Joined::new(&topics, &judgements).map_err(|error| error.in_file(qrels))?;
            joined.warn(listener);
            let topics = joined.judged;
            if let Some(measure) = &args.tune {
                config = CandidateConfig {
                    features: tune(&index, &topics, &judgements, measure, Team::ALONE)?.features,
                    ..config
                };
            }
            let stream = Stream::new(args.seed).named("candidates");
            let retriever =
                Retriever { index: &index, config: &config, run: run.as_ref(), team: Team::ALONE };
            retriever.judged(&topics, &judgements, stream)?
        }
    };
    skipped.warn("queries", listener);
    tell_replaced(&args.out);
    letor::write(&args.out, &set)?;
    note!("{}: {}", args.out.display(), set.summary());
    Ok(())
}
