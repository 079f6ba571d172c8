//! Training on feature vectors: LETOR files, or the built-in benchmark.

use std::path::{Path, PathBuf};

use super::{Context, Finished, Job, TrainArgs, described, train_and_report};
use crate::cli::args::vectors::read_vectors;
use crate::data::features::RankingSet;
use crate::data::features::letor;
use crate::data::features::letor::LetorOptions;
use crate::data::features::planted::{Planted, PlantedConfig};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::ranking::{Beside, TrainConfig};
use crate::report::results::DataSummary;

/// Runs the training.
pub(super) fn run(job: &Job<'_>, beside: Beside) -> Result<Finished> {
    let Job { args, config, .. } = *job;
    let data = load(args, config, &beside.measures)?;
    let summary = data.summary(args);
    let references = data.optimum.map(|values| ("planted optimum".to_owned(), values));
    let context = Context {
        data: summary,
        references: references.into_iter().collect(),
        rank: "--data FILE --out FILE.run",
    };
    let (session, beside) = job.begin(beside)?;
    let beside = &beside;
    train_and_report(config, beside, &context, session, |listener| {
        crate::ranking::train(config, beside, data.train, data.valid, listener).map_err(|error| {
            match &args.valid {
                Some(valid) => error.in_file(valid), // the training data were checked when they were read
                None => error,
            }
        })
    })
}

struct Data {
    train: RankingSet,
    valid: RankingSet,
    /// The planted optimum's values of the choosing and the reported measures.
    optimum: Option<Vec<f64>>,
}

impl Data {
    fn summary(&self, args: &TrainArgs) -> DataSummary {
        let of = |path: &Option<PathBuf>, set: &RankingSet| {
            described(path.as_deref().unwrap_or(Path::new("built-in planted benchmark")), set.summary())
        };
        DataSummary {
            task: "feature vectors".into(),
            training: of(&args.train, &self.train),
            validation: of(&args.valid, &self.valid),
        }
    }
}

fn load(args: &TrainArgs, config: &TrainConfig, reported: &[Measure]) -> Result<Data> {
    let data = match (&args.train, &args.valid) {
        (Some(train), Some(valid)) => {
            let train = judged(train, letor::read(train, &LetorOptions::default())?)?;
            let valid = judged(valid, read_vectors(valid, train.feature_count())?)?;
            Data { train, valid, optimum: None }
        }
        _ => {
            note!("no --train given: using the built-in planted benchmark");
            let planted =
                Planted::generate(&PlantedConfig { seed: config.seed, ..PlantedConfig::default() })?;
            let chosen = config.measure()?;
            let measures = std::iter::once(&chosen).chain(reported);
            let optimum = measures.map(|measure| planted.optimum(measure)).collect();
            Data { train: planted.train, valid: planted.valid, optimum: Some(optimum) }
        }
    };
    note!("training   {}", data.train.summary());
    note!("validation {}", data.valid.summary());
    Ok(data)
}

/// Refuses a `set`, read from `path`, in which no query has a positive beside another document.
fn judged(path: &Path, set: RankingSet) -> Result<RankingSet> {
    let useful = |q: usize| {
        let grades = set.query_grades(q);
        grades.iter().any(|&grade| grade > 0) && grades.iter().any(|&grade| grade <= 0)
    };
    if !(0..set.queries().len()).any(useful) {
        let message =
            "no query has both a positive (grade 1 or more) and another document: nothing to learn from";
        return Err(Error::data(path, message));
    }
    Ok(set)
}
