//! `irgan rank`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::ratings::KnownArgs;
use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};
use crate::evaluation::write_run;
use crate::ranking::interactions::{ItemPools, RecommenderModel, has_npy};
use crate::ranking::{Model, Player, Ranker, kind_of};

/// Rank the documents of a file by a trained model; writes a TREC run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan rank --model runs/pair --data Fold1/test.txt --out pair.run
  irgan rank --model runs/mf -k 100 --out mf.run")]
pub struct RankArgs {
    /// Folder of a trained model
    #[arg(long)]
    model: PathBuf,
    /// What to rank: LETOR / SVMlight, also .gz and .zst. A recommender ranks items for every user instead
    #[arg(long)]
    data: Option<PathBuf>,
    /// Items ranked for every user, those left out that the user is known to like
    #[arg(short, default_value_t = 100, help_heading = "Interactions")]
    k: usize,
    #[command(flatten)]
    known: KnownArgs,
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
    if has_npy(&args.model) {
        return items(args);
    }
    match kind_of(&args.model)?.as_str() {
        Model::KIND => features(args),
        RecommenderModel::KIND => items(args),
        other => Err(Error::data(&args.model, format!("a model of {other} is unknown to this version"))),
    }
}

/// Ranks feature vectors.
fn features(args: &RankArgs) -> Result<()> {
    let Some(data) = &args.data else {
        return Err(Error::Config("this model ranks feature vectors: it needs --data".into()));
    };
    let model = Model::load(&args.model)?;
    let set = letor::read(data, &LetorOptions::default())?;
    let player = args.player.unwrap_or(model.chosen());
    let tag = args.tag.clone().unwrap_or_else(|| format!("{}-{player}", model.method()));
    let scores = model.score(set.clone(), player).map_err(|error| error.in_file(data))?;
    write_ranking(&args.out, &[(&set, &scores)], &tag)?;
    eprintln!("{}: {} queries, {} documents", args.out.display(), set.queries().len(), set.documents());
    Ok(())
}

/// Ranks items for every user.
fn items(args: &RankArgs) -> Result<()> {
    if args.data.is_some() {
        let message = "this model ranks items for its users: it takes no --data (see --ratings and -k)";
        return Err(Error::Config(message.into()));
    }
    let model = super::recommend::load(&args.model, &args.known)?;
    let player = args.player.unwrap_or(model.chosen());
    let tag = args.tag.clone().unwrap_or_else(|| format!("{}-{player}", model.method()));
    let known = model.known();
    let users = known.users();
    let pools = ItemPools::unseen(known, (0..users.len() as u32).collect());
    let best = model.top(&pools, player, args.k)?;
    let mut run = Vec::new();
    for (user, items) in users.names().iter().zip(&best) {
        let documents: Vec<_> =
            items.iter().map(|&(item, score)| (known.items().name(item), score)).collect();
        write_run(&mut run, user, &documents, &tag)?;
    }
    write_atomically(&args.out, |writer| writer.write_all(&run))?;
    eprintln!("{}: {} users, at most {} items each", args.out.display(), users.len(), args.k);
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
