//! `irgan rank`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::topics::{TopicArgs, warn};
use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::collection::Topic;
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};
use crate::evaluation::write_run;
use crate::ranking::rerank::Reranker;
use crate::ranking::{Model, Player, Ranker, kind_of};
use crate::retrieval::TextIndex;

/// Rank the documents of a file by a trained model; writes a TREC run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan rank --model runs/pair --data Fold1/test.txt --out pair.run
  irgan rank --model runs/text --index idx --queries test.tsv --out irgan.run")]
pub struct RankArgs {
    /// Folder of a trained model
    #[arg(long)]
    model: PathBuf,
    /// What to rank: LETOR / SVMlight, also .gz and .zst
    #[arg(long, conflicts_with = "index", required_unless_present = "index")]
    data: Option<PathBuf>,
    #[command(flatten)]
    topics: TopicArgs,
    /// Which player ranks [default: the one chosen on the validation data]
    #[arg(long)]
    player: Option<Player>,
    /// The run file to write
    #[arg(long)]
    out: PathBuf,
    /// Last column of the run [default: METHOD-PLAYER]
    #[arg(long)]
    tag: Option<String>,
}

/// Runs the command.
pub fn run(args: &RankArgs) -> Result<()> {
    match kind_of(&args.model)?.as_str() {
        Model::KIND => match (args.topics.open()?, &args.data) {
            (Some((index, topics)), _) => texts(args, &index, &topics),
            (None, Some(data)) => features(args, data),
            (None, None) => Err(Error::Config("expected --data, or --index with --queries".into())),
        },
        other => Err(Error::data(&args.model, format!("a model of {other} is unknown to this version"))),
    }
}

/// Ranks feature vectors.
fn features(args: &RankArgs, data: &Path) -> Result<()> {
    let model = Model::load(&args.model)?;
    let set = letor::read(data, &LetorOptions::default())?;
    let player = args.player.unwrap_or(model.chosen());
    let scores = model.score(set.clone(), player).map_err(|error| error.in_file(data))?;
    finish(args, &model, player, &set, &scores)
}

/// Ranks what an index finds.
fn texts(args: &RankArgs, index: &TextIndex, topics: &[Topic]) -> Result<()> {
    let ranker = Reranker::load(&args.model)?;
    let topics: Vec<&Topic> = topics.iter().collect();
    let (set, skipped) = ranker.candidates(index, &topics)?;
    warn("queries", &skipped);
    let player = args.player.unwrap_or(ranker.chosen());
    let scores = ranker.score(set.clone(), player).map_err(|error| error.in_file(index.folder()))?;
    finish(args, &ranker, player, &set, &scores)
}

fn finish(
    args: &RankArgs,
    ranker: &impl Ranker,
    player: Player,
    set: &RankingSet,
    scores: &[f32],
) -> Result<()> {
    let tag = args.tag.clone().unwrap_or_else(|| format!("{}-{player}", ranker.method()));
    write_ranking(&args.out, &[(set, scores)], &tag)?;
    eprintln!("{}: {} queries, {} documents", args.out.display(), set.queries().len(), set.documents());
    Ok(())
}

/// Writes the ranking of each set by its scores, `[D]`, as one TREC run.
pub(super) fn write_ranking(path: &Path, parts: &[(&RankingSet, &[f32])], tag: &str) -> Result<()> {
    let mut run = Vec::new();
    for (set, scores) in parts {
        for query in set.queries() {
            let documents: Vec<_> = query.rows.clone().map(|row| (set.document(row), scores[row])).collect();
            write_run(&mut run, &query.id, &documents, tag)?;
        }
    }
    write_atomically(path, |writer| writer.write_all(&run))
}
