//! `irgan rank`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::answers;
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};
use crate::evaluation::write_run;
use crate::ranking::answers::AnswerModel;
use crate::ranking::{Model, Player, Ranker, kind_of};

/// Rank the documents of a file by a trained model; writes a TREC run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan rank --model runs/pair --data Fold1/test.txt --out pair.run
  irgan rank --model runs/qa --data test.txt --out qa.run")]
pub struct RankArgs {
    /// Folder of a trained model
    #[arg(long)]
    model: PathBuf,
    /// What to rank, in the format of the model's training data, also .gz and .zst
    #[arg(long)]
    data: PathBuf,
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
        Model::KIND => features(args),
        AnswerModel::KIND => selected(args),
        other => Err(Error::data(&args.model, format!("a model of {other} is unknown to this version"))),
    }
}

/// Ranks feature vectors.
fn features(args: &RankArgs) -> Result<()> {
    let model = Model::load(&args.model)?;
    let set = letor::read(&args.data, &LetorOptions::default())?;
    let player = args.player.unwrap_or(model.chosen());
    let tag = args.tag.clone().unwrap_or_else(|| format!("{}-{player}", model.method()));
    let scores = model.score(set.clone(), player).map_err(|error| error.in_file(&args.data))?;
    write_ranking(&args.out, &[(&set, &scores)], &tag)?;
    eprintln!("{}: {} queries, {} documents", args.out.display(), set.queries().len(), set.documents());
    Ok(())
}

/// Ranks the answers of questions.
fn selected(args: &RankArgs) -> Result<()> {
    let model = AnswerModel::load(&args.model)?;
    let set = answers::read(&args.data)?;
    let player = args.player.unwrap_or(model.chosen());
    let tag = args.tag.clone().unwrap_or_else(|| format!("{}-{player}", model.method()));
    let mut run = Vec::new();
    for question in model.rank(&set, player)? {
        let answers: Vec<_> = question.answers.iter().map(|(id, score)| (id.as_str(), *score)).collect();
        write_run(&mut run, &question.id, &answers, &tag)?;
    }
    write_atomically(&args.out, |writer| writer.write_all(&run))?;
    eprintln!("{}: {}", args.out.display(), set.summary());
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
