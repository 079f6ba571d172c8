//! The one look at the test data: the chosen point's trainings rank them, after everything is chosen.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::results::Spread;
use super::trial::{Quiet, Shared};
use crate::error::Result;
use crate::evaluation::{Measure, Options, Qrels, evaluate_runs};
use crate::event::Listener;
use crate::files::no_follow::replace_atomically;
use crate::files::toml_file;
use crate::ranking::{Task, TrainConfig, reported, write_queries};

/// File of [`Tested`].
pub(super) const TESTED: &str = "test.toml";

/// Measures of the test data by the trainings of the chosen point, kept so that the data are not ranked again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tested {
    measures: Vec<String>,
    /// Values of every seed, one a measure.
    values: Vec<Vec<f64>>,
}

impl Tested {
    /// Returns every measure with its spread over the seeds.
    pub fn spreads(&self) -> Vec<(&str, Spread)> {
        let values = |column: usize| self.values.iter().map(|row| row[column]).collect::<Vec<f64>>();
        let measures = self.measures.iter().enumerate();
        measures.map(|(column, measure)| (measure.as_str(), Spread::of(&values(column)))).collect()
    }
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.values.len() == 1 { "its training" } else { "each of its trainings" };
        write!(f, "test data, ranked once, after choosing, by {times}:")?;
        for (measure, spread) in self.spreads() {
            write!(f, "  {measure} {spread}")?;
        }
        Ok(())
    }
}

/// Ranks `test` by `models`, one a seed, into `folder` and measures the rankings; when that was done before, returns what
/// was found then.
pub(super) fn measured(
    task: &dyn Task,
    config: &TrainConfig,
    test: &Path,
    models: &[(u64, &Path)],
    folder: &Path,
    listener: &mut (dyn Listener + Send),
) -> Result<Tested> {
    let known = folder.join(TESTED);
    if known.exists() {
        return toml_file::read(&known);
    }
    let shared = Mutex::new(Shared::new(listener));
    let listener = &mut Quiet::new(&shared);
    let judgements = folder.join("test.qrels");
    let text = task.judgements(test, listener)?;
    replace_atomically(&judgements, |writer| writer.write_all(text.as_bytes()))?;
    let mut runs: Vec<PathBuf> = vec![];
    for &(seed, model) in models {
        let run = folder.join(format!("test-{seed}.run"));
        let ranking = task.rank(model, test, listener)?;
        write_queries(&run, &ranking.queries, &ranking.name())?;
        runs.push(run);
    }
    let mut measures = vec![config.measure()?];
    measures.extend(reported(task, config)?);
    let evaluations = evaluate_runs(&Qrels::read(&judgements)?, &runs, &measures, &Options::default())?;
    let values = evaluations.iter().map(|one| (0..measures.len()).map(|m| one.mean(m)).collect()).collect();
    let tested = Tested { measures: measures.iter().map(Measure::to_string).collect(), values };
    toml_file::write(&known, &tested)?;
    Ok(tested)
}
