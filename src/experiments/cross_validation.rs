//! Cross-validation: every fold trains, chooses and tests, with every seed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::evaluation::table::Cell;
use crate::evaluation::{Measure, Table};
use crate::event::{Listener, Silent};
use crate::files::no_follow::replace_atomically;
use crate::game::{Checkpoints, Interrupt};
use crate::ranking::features::{FeatureRanker, scored};
use crate::ranking::{
    ComparisonRow, Extras, Fold, Folds, Method, Player, Ranker as _, Snapshot, TrainConfig, Trained, train,
    write_queries,
};

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
#[derive(Debug)]
pub struct CrossValidated<'a> {
    first: [String; 2], // header of the first columns
    measures: Vec<String>,
    folds: usize,
    tested: Vec<Tested<'a>>,
}

/// Test queries of one fold, ranked by a ranker that was trained with one seed.
#[derive(Debug)]
struct Tested<'a> {
    name: String,
    seed: u64,
    test: &'a RankingSet,
    scores: Vec<f32>, // [D]
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
        let of_seed = |s: usize| &folds.by_seed[s.min(folds.by_seed.len() - 1)];
        let count = of_seed(0).len();
        let jobs: Vec<_> =
            (0..self.seeds.len()).flat_map(|s| (0..count).map(move |fold| (s, fold))).collect();
        let total = jobs.len();
        let progress = Mutex::new((listener, 0));
        let train = |(s, fold): (usize, usize)| {
            let seed = self.seeds[s];
            let tested = self.train_and_test(&*of_seed(s)[fold], seed).map_err(|error| match error {
                Error::NonFinite(message) => {
                    Error::NonFinite(format!("seed {seed}, fold {}: {message}", fold + 1))
                }
                other => other,
            })?;
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            let (listener, done) = &mut *progress;
            *done += 1;
            listener.note(&format!("{done}/{total}  seed {seed} fold {} finished", fold + 1));
            Ok(tested)
        };
        let tested = jobs.into_par_iter().map(train).collect::<Result<Vec<_>>>()?;
        Ok(CrossValidated {
            first: ["ranker".to_owned(), format!("validation {}", self.config.measure)],
            measures: self.measures.iter().map(Measure::to_string).collect(),
            folds: count,
            tested: tested.into_iter().flatten().collect(),
        })
    }

    fn train_and_test<'a>(&self, fold: &'a dyn Fold, seed: u64) -> Result<Vec<Tested<'a>>> {
        let config = TrainConfig { seed, ..self.config.clone() };
        let [training, valid, test] = fold.sets(&config)?;
        let checkpoints = Checkpoints::only_interrupted(self.interrupt.clone());
        let extras = Extras { baselines: self.baselines.clone(), checkpoints, ..Extras::default() };
        let trained = train(&config, &extras, training, valid, &mut Silent);
        let trained = trained.map_err(|error| fold.named(error))?;
        if let Some(message) = trained.failure {
            return Err(Error::NonFinite(message));
        }
        let (valid, as_read, references) = fold.references();
        let tested_by = |name: String, chosen_by: f64, scores: Vec<f32>| {
            let measured = self.measures.iter().map(|measure| as_read.measure(measure, &scores));
            let values = std::iter::once(chosen_by).chain(measured).collect();
            Tested { name, seed, test: as_read, scores, values }
        };
        let rank = |name: String, model: &FeatureRanker, player: Player| -> Result<Tested<'a>> {
            let scores = model.score(&test, player).map_err(|error| fold.named(error))?;
            Ok(tested_by(name, validated(&trained, model.method(), player), scores))
        };
        let model = &trained.model;
        let mut tested = vec![rank(model.method().to_string(), model, model.chosen())?];
        if model.chosen() != Player::Single {
            for player in [Player::G, Player::D, Player::Both] {
                tested.push(rank(format!("{}-{player}", model.method()), model, player)?);
            }
        }
        for baseline in &trained.baselines {
            tested.push(rank(baseline.method().to_string(), baseline, Player::Single)?);
        }
        for &(name, column) in references {
            let chosen_by = valid.measure(&config.measure()?, &valid.feature_scores(column));
            tested.push(tested_by(name.to_owned(), chosen_by, as_read.feature_scores(column)));
        }
        Ok(tested)
    }
}

/// The choosing measure of a player on the validation data.
fn validated<M>(trained: &Trained<M>, method: Method, player: Player) -> f64 {
    let same =
        |row: &&ComparisonRow| row.state == Snapshot::Best && row.method == method && row.player == player;
    trained.contenders.iter().find(same).map_or(f64::NAN, |row| row.values[0])
}

impl CrossValidated<'_> {
    /// Writes one run for every ranker and seed over the test queries of all folds, and their `judgements`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path, judgements: &str) -> Result<()> {
        replace_atomically(&folder.join("qrels.txt"), |writer| writer.write_all(judgements.as_bytes()))?;
        let mut files: Vec<(&str, u64)> =
            self.tested.iter().map(|one| (one.name.as_str(), one.seed)).collect();
        files.sort_unstable();
        files.dedup();
        for (name, seed) in files {
            let parts = self.tested.iter().filter(|one| one.name == name && one.seed == seed);
            let queries: Vec<_> = parts.flat_map(|one| scored(one.test, &one.scores)).collect();
            write_queries(&folder.join(format!("{name}-{seed}.run")), &queries, name)?;
        }
        Ok(())
    }

    /// Returns the means over folds, as mean and deviation over seeds.
    pub fn table(&self) -> Table {
        let mut table = Table::new(self.first.iter().chain(&self.measures).cloned());
        let mut names: Vec<&str> = vec![];
        for one in &self.tested {
            if !names.contains(&one.name.as_str()) {
                names.push(&one.name);
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
        for one in self.tested.iter().filter(|one| one.name == name) {
            *by_seed.entry(one.seed).or_insert(0.0) += one.values[measure] / self.folds as f64;
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
