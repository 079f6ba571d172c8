//! The one look at the test data: the chosen point's trainings rank them, after everything is chosen.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::results::Spread;
use super::{SweepArgs, console};
use crate::cli::args::ratings::KnownArgs;
use crate::cli::args::settings::DataKind;
use crate::cli::args::topics::TopicArgs;
use crate::cli::irgan::qrels;
use crate::cli::irgan::rank;
use crate::cli::irgan::rank::Source;
use crate::cli::irgan::train::reported;
use crate::error::Result;
use crate::evaluation::{Measure, Options, Qrels, evaluate_runs};
use crate::files::atomic::write_atomically;
use crate::files::toml_file;
use crate::ranking::TrainConfig;

/// The file of [`Tested`].
pub(super) const TESTED: &str = "test.toml";

/// What the test data said, kept so that they are not asked again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Tested {
    measures: Vec<String>,
    /// Of every seed: one value a measure.
    values: Vec<Vec<f64>>,
}

/// Ranks the file `test` by `models`, one a seed, into `folder`, measures the rankings and tells the result; when
/// that was done before, only tells it.
pub(super) fn measured(
    args: &SweepArgs,
    data: DataKind,
    config: &TrainConfig,
    test: &Path,
    models: &[(u64, &Path)],
    folder: &Path,
) -> Result<String> {
    let known = folder.join(TESTED);
    let tested = if known.exists() {
        toml_file::read(&known)?
    } else {
        let tested = console::hushed(|| rank_and_measure(args, data, config, test, models, folder))?;
        toml_file::write(&known, &tested)?;
        tested
    };
    let times = if models.len() == 1 { "its training" } else { "each of its trainings" };
    let mut text = format!("test data, ranked once, after choosing, by {times}:");
    for (column, measure) in tested.measures.iter().enumerate() {
        let values: Vec<f64> = tested.values.iter().map(|row| row[column]).collect();
        text += &format!("  {measure} {}", Spread::of(&values));
    }
    Ok(text + "\n")
}

fn rank_and_measure(
    args: &SweepArgs,
    data: DataKind,
    config: &TrainConfig,
    test: &Path,
    models: &[(u64, &Path)],
    folder: &Path,
) -> Result<Tested> {
    let judgements = folder.join("test.qrels");
    let text = match data {
        DataKind::Features => qrels::graded(test)?,
        DataKind::Answers => qrels::right_answers(test)?,
        DataKind::Interactions => qrels::liked(&args.train.ratings.format.read(test)?.1)?,
        DataKind::Texts => args.train.texts.judgements.read()?.to_trec()?,
    };
    write_atomically(&judgements, |writer| writer.write_all(text.as_bytes()))?;
    let mut runs: Vec<PathBuf> = vec![];
    for &(seed, model) in models {
        let run = folder.join(format!("test-{seed}.run"));
        rank::run(&rank::RankArgs::new(model.to_owned(), source(args, data, test), run.clone()))?;
        runs.push(run);
    }
    let measures: Vec<Measure> = std::iter::once(config.measure())
        .chain(reported(config)?.into_iter().map(Ok))
        .collect::<Result<_>>()?;
    let evaluations = evaluate_runs(&Qrels::read(&judgements)?, &runs, &measures, &Options::default())?;
    let values = evaluations.iter().map(|one| (0..measures.len()).map(|m| one.mean(m)).collect()).collect();
    Ok(Tested { measures: measures.iter().map(Measure::to_string).collect(), values })
}

/// What the models rank.
fn source(args: &SweepArgs, data: DataKind, test: &Path) -> Source {
    let (topics, test) = (args.train.texts.topics.clone(), test.to_owned());
    let known = KnownArgs { ratings: None, format: args.train.ratings.format.clone() };
    match data {
        DataKind::Features | DataKind::Answers => Source { data: Some(test), topics, known },
        DataKind::Texts => Source { data: None, topics: TopicArgs { queries: Some(test), ..topics }, known },
        DataKind::Interactions => Source { data: None, topics, known },
    }
}
