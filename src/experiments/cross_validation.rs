//! Cross-validation: every fold trains, chooses and tests, with every seed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::kept::Kept;
use super::refuse_unfinished;
use crate::error::{Error, Result};
use crate::evaluation::table::Cell;
use crate::evaluation::{Measure, Table};
use crate::event::Listener;
use crate::files::no_follow::replace_atomically;
use crate::game::{Checkpoints, Interrupt};
use crate::ranking::{Extras, Fold, Folds, Method, TestQueries, Tested, TrainConfig, write_queries};
use crate::runs::Part;

/// Cross-validation of a method and its baselines.
///
/// ```
/// use irgan::data::features::letor;
/// use irgan::data::features::planted::{Planted, PlantedConfig};
/// use irgan::event::Silent;
/// use irgan::experiments::CrossValidation;
/// use irgan::ranking::features::FeatureTask;
/// use irgan::ranking::{FoldPlan, Method, Preset, Task as _, TrainConfig};
///
/// let data = Planted::generate(&PlantedConfig { queries: 6, documents: 20, ..Default::default() })?;
/// let place = tempfile::tempdir().expect("a temporary folder");
/// let fold = place.path().join("Fold1");
/// std::fs::create_dir(&fold).expect("a writable folder");
/// for (name, set) in [("train.txt", &data.train), ("vali.txt", &data.valid), ("test.txt", &data.test)] {
///     letor::write(&fold.join(name), set)?;
/// }
///
/// let seeds = vec![1, 2];
/// let plan = FoldPlan { folds: place.path().to_owned(), seeds: seeds.clone(), observed: None };
/// let config = TrainConfig::preset(Preset::Ours, Method::Listnet);
/// let folds = FeatureTask::default().folds(&plan, &config, &mut Silent)?;
/// let measures = vec!["nDCG@10".parse()?];
/// let interrupt = Default::default();
/// let validation = CrossValidation { config, seeds, baselines: vec![], measures, interrupt };
/// let table = validation.run(&folds, &mut Silent)?.table();
/// assert_eq!(table.len(), 1, "a row for the method: means over folds, then over seeds");
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CrossValidation {
    /// Settings; the seed is replaced.
    pub config: TrainConfig,
    /// Seeds of the trainings.
    pub seeds: Vec<u64>,
    /// Baselines trained beside.
    pub baselines: Vec<Method>,
    /// Measures of the test data.
    pub measures: Vec<Measure>,
    /// Request to stop.
    pub interrupt: Interrupt,
}

/// Rankings of all test queries by every ranker and seed.
pub struct CrossValidated<'a> {
    first: [String; 2], // header of the first columns
    measures: Vec<String>,
    folds: usize,
    tested: Vec<Row<'a>>,
}

/// Test queries of one fold, ranked by a ranker that was trained with one seed.
struct Row<'a> {
    tested: Tested,
    seed: u64,
    queries: &'a dyn TestQueries,
    values: Vec<f64>, // the choosing measure on the validation data, then one a test measure
}

impl CrossValidation {
    /// Trains and tests on all `folds`, side by side. Notes tell how many are finished.
    ///
    /// # Errors
    /// When the data do not fit the settings, a number stops being finite, or somebody asked to stop.
    pub fn run<'a>(
        &self,
        folds: &'a Folds,
        listener: &mut (dyn Listener + Send),
    ) -> Result<CrossValidated<'a>> {
        self.run_jobs(folds, &self.jobs(folds), None, listener)
    }

    /// Trains and tests as [`run`](Self::run), and keeps what is finished in `folder`: what stands there already is not
    /// trained again. With a `part` its share alone is trained, and nothing is returned.
    ///
    /// # Errors
    /// As [`run`](Self::run), and when a file cannot be read or written.
    pub fn run_in<'a>(
        &self,
        folds: &'a Folds,
        folder: &Path,
        part: Option<Part>,
        listener: &mut (dyn Listener + Send),
    ) -> Result<Option<CrossValidated<'a>>> {
        let kept = Kept::create(folder)?;
        let mut jobs = self.jobs(folds);
        if let Some(part) = part {
            let mut number = 0..;
            jobs.retain(|_| part.has(number.next().unwrap_or_default()));
        }
        let found = self.run_jobs(folds, &jobs, Some(&kept), listener)?;
        Ok(part.is_none().then_some(found))
    }

    /// Refuses to go on while trainings that `parts` parts make are not kept in `folder`, and names them.
    ///
    /// # Errors
    /// When one is missing.
    pub fn refuse_missing(&self, folds: &Folds, folder: &Path, parts: usize) -> Result<()> {
        let kept = Kept::create(folder)?;
        let jobs = self.jobs(folds).into_iter().enumerate();
        let missing = jobs.filter(|&(_, job)| !kept.has(self.named(job)));
        let told = |(number, (s, fold))| {
            format!("seed {} fold {} (part {})", self.seeds[s], fold + 1, Part::of(number, parts))
        };
        refuse_unfinished(&missing.map(told).collect::<Vec<_>>(), folder)
    }

    /// Returns the trainings as (number of the seed, number of the fold).
    fn jobs(&self, folds: &Folds) -> Vec<(usize, usize)> {
        let count = folds.by_seed[0].len();
        (0..self.seeds.len()).flat_map(|s| (0..count).map(move |fold| (s, fold))).collect()
    }

    /// Returns seed and fold of a training, folds counted from 1.
    fn named(&self, (s, fold): (usize, usize)) -> (u64, usize) {
        (self.seeds[s], fold + 1)
    }

    fn run_jobs<'a>(
        &self,
        folds: &'a Folds,
        jobs: &[(usize, usize)],
        kept: Option<&Kept>,
        listener: &mut (dyn Listener + Send),
    ) -> Result<CrossValidated<'a>> {
        let of_seed = |s: usize| &folds.by_seed[s.min(folds.by_seed.len() - 1)];
        let progress = Mutex::new((listener, 0));
        let told = |job, what: &str| {
            let (seed, fold) = self.named(job);
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            let (listener, done) = &mut *progress;
            *done += 1;
            listener.note(&format!("{done}/{}  seed {seed} fold {fold} {what}", jobs.len()));
        };
        let train = |&(s, fold): &(usize, usize)| {
            let (job, here) = (self.named((s, fold)), &*of_seed(s)[fold]);
            if let Some(tested) = kept.map(|kept| kept.read(job)).transpose()?.flatten() {
                told((s, fold), "was finished before");
                return Ok(self.rows(tested, here, job.0));
            }
            let tested = self.train_and_test(here, job.0).map_err(|error| match error {
                Error::NonFinite(message) => {
                    Error::NonFinite(format!("seed {}, fold {}: {message}", job.0, job.1))
                }
                other => other,
            })?;
            kept.map(|kept| kept.write(job, &tested)).transpose()?;
            told((s, fold), "finished");
            Ok(self.rows(tested, here, job.0))
        };
        let tested = jobs.par_iter().map(train).collect::<Result<Vec<_>>>()?;
        Ok(CrossValidated {
            first: ["ranker".to_owned(), format!("validation {}", self.config.measure)],
            measures: self.measures.iter().map(Measure::to_string).collect(),
            folds: folds.by_seed[0].len(),
            tested: tested.into_iter().flatten().collect(),
        })
    }

    fn train_and_test(&self, fold: &dyn Fold, seed: u64) -> Result<Vec<Tested>> {
        let config = TrainConfig { seed, ..self.config.clone() };
        let checkpoints = Checkpoints::only_interrupted(self.interrupt.clone());
        let extras = Extras { baselines: self.baselines.clone(), checkpoints, ..Extras::default() };
        fold.test(&config, &extras)
    }

    /// Measures what was tested on a fold.
    fn rows<'a>(&self, tested: Vec<Tested>, fold: &'a dyn Fold, seed: u64) -> Vec<Row<'a>> {
        let queries = fold.queries();
        let row = |tested: Tested| {
            let measured = self.measures.iter().map(|measure| tested.measure(measure, queries));
            let values = std::iter::once(tested.validated).chain(measured).collect();
            Row { tested, seed, queries, values }
        };
        tested.into_iter().map(row).collect()
    }
}

impl CrossValidated<'_> {
    /// Writes one run for every ranker and seed over the test queries of all folds, and their `judgements`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path, judgements: &str) -> Result<()> {
        replace_atomically(&folder.join("qrels.txt"), |writer| writer.write_all(judgements.as_bytes()))?;
        let mut files: Vec<(&str, u64)> =
            self.tested.iter().map(|row| (row.tested.name.as_str(), row.seed)).collect();
        files.sort_unstable();
        files.dedup();
        for (name, seed) in files {
            let parts = self.tested.iter().filter(|row| row.tested.name == name && row.seed == seed);
            let queries: Vec<_> = parts.flat_map(|row| row.tested.named(row.queries)).collect();
            write_queries(&folder.join(format!("{name}-{seed}.run")), &queries, name)?;
        }
        Ok(())
    }

    /// Returns the means over folds, as mean and deviation over seeds.
    pub fn table(&self) -> Table {
        let mut table = Table::new(self.first.iter().chain(&self.measures).cloned());
        let mut names: Vec<&str> = vec![];
        for Row { tested, .. } in &self.tested {
            if !names.contains(&tested.name.as_str()) {
                names.push(&tested.name);
            }
        }
        for name in names {
            let mut cells = vec![Cell::from(name)];
            cells.extend((0..=self.measures.len()).map(|measure| self.cell(name, measure)));
            table.row(cells);
        }
        table
    }

    fn cell(&self, name: &str, measure: usize) -> Cell {
        let mut by_seed = std::collections::BTreeMap::new();
        for row in self.tested.iter().filter(|row| row.tested.name == name) {
            *by_seed.entry(row.seed).or_insert(0.0) += row.values[measure] / self.folds as f64;
        }
        let n = by_seed.len() as f64;
        let mean = by_seed.values().sum::<f64>() / n;
        let variance = by_seed.values().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        match by_seed.len() {
            1 => Cell::score(mean),
            _ => Cell::from(format!("{mean:.4} ± {:.4}", variance.sqrt())),
        }
    }
}
