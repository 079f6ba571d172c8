//! Sweeps: many trainings, one for each of the settings to try and each seed; validation data choose, and only then, and
//! once, test data are ranked by the chosen trainings.

mod held_out;
mod picture;
mod results;
mod space;
mod trial;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::held_out::Tested;
pub use self::results::{Spread, SweepResults};
pub use self::space::{Grid, Point, Range, shown};
pub use self::trial::Outcome;

use self::space::{MOST_RUNS, Space};
use self::trial::{Setup, Trial};
use super::{Training, refuse_unfinished};
use crate::error::{Error, Result};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::event::Listener;
use crate::files::toml_file;
use crate::ranking::TrainConfig;
use crate::runs::{FolderKind, Part, RunDir};
use crate::seed::number::SeedNumber;

/// File of the [`SweepPlan`].
const PLAN: &str = "sweep.toml";

/// Settings to try, and where.
#[derive(Clone, Debug)]
pub struct Sweep<'a> {
    /// Training before any setting varies.
    pub training: Training<'a>,
    /// Files and folders that a training reads, to be recorded with it.
    pub inputs: Vec<PathBuf>,
    /// Settings with the values to try.
    pub grids: Vec<Grid>,
    /// Settings with the range to draw them from.
    pub ranges: Vec<Range>,
    /// Number of points to draw, in the place of every combination of the grids.
    pub random: Option<usize>,
    /// Number of seeds of every point, counted up from that of the training.
    pub seeds: u64,
    /// Test data, ranked once by the chosen point.
    pub test: Option<PathBuf>,
    /// Folder of the sweep: a new one, or that of the same sweep, which is then resumed.
    pub folder: PathBuf,
    /// Begins anew in a folder that holds another sweep.
    pub force: bool,
    /// Part of the trainings that alone is made; `None` for all.
    pub part: Option<Part>,
    /// Time between two checkpoints of a training.
    pub checkpoint_every: Duration,
}

/// Finished sweep.
#[derive(Debug)]
pub struct Swept {
    /// Outcomes of every point and seed.
    pub results: SweepResults,
    /// Number of the chosen point, from 0.
    pub chosen: usize,
    /// Measures of the test data, when there are any.
    pub tested: Option<Tested>,
}

impl Swept {
    /// Returns one row a point, best first, with the test values of the chosen point, the first, beside it.
    pub fn table(&self) -> Table {
        let points = self.results.table();
        let Some(tested) = &self.tested else { return points };
        let spreads = tested.spreads();
        let names = spreads.iter().map(|(measure, _)| format!("test {measure}"));
        let mut table = Table::new(points.header().iter().cloned().chain(names));
        for (place, row) in points.rows().iter().enumerate() {
            let values = spreads.iter().map(|(_, spread)| match place {
                0 => spread.cell(),
                _ => Cell::Number(f64::NAN, 4), // no other point has seen the test data
            });
            table.row(row.iter().cloned().chain(values));
        }
        table
    }
}

/// Content of `sweep.toml`, by which a folder is known to hold this sweep and no other.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SweepPlan {
    keys: Vec<String>,
    seeds: Vec<SeedNumber>,
    /// A check sum of the task and of what is trained beside: of other data, it is another sweep.
    flags: u32,
    test: Option<PathBuf>,
    /// The values of every point, in the order of `keys`.
    points: Vec<Vec<toml::Value>>,
    /// All settings, before any varies.
    settings: TrainConfig,
}

impl Sweep<'_> {
    /// Trains every point with every seed (with a part its share alone, and `None` is returned), as many side by side as there are threads, each in a folder of its own; chooses
    /// by the mean of the validation measure over the seeds; then ranks the test data. What an earlier process has
    /// finished in the same folder is kept; nothing is of a sweep whose every training was refused at once.
    ///
    /// # Errors
    /// When a setting is unknown or does not fit, the folder holds another sweep, no point finishes, or a training is
    /// interrupted.
    pub fn run(&self, listener: &mut (dyn Listener + Send)) -> Result<Option<Swept>> {
        let base = &self.training.config;
        let space = Space::new(base.clone(), &self.grids, &self.ranges)?;
        let seeds: Vec<u64> = (0..self.seeds).map(|seed| base.seed.wrapping_add(seed)).collect();
        let points = self.points(&space)?;
        let is_begun = self.is_begun();
        let folder = self.open(&space, &points, &seeds)?;
        let trials = points.iter().enumerate().flat_map(|(number, point)| {
            let path = folder.path().join("points").join((number + 1).to_string());
            seeds.iter().map(move |&seed| Trial::new(number, seed, point, &path))
        });
        let trials: Vec<Trial> = trials.collect();
        if let Some(part) = self.part {
            let mine = (0..).zip(&trials).filter(|&(number, _)| part.has(number));
            let mine: Vec<Trial> = mine.map(|(_, trial)| trial.clone()).collect();
            return self.train(&mine, listener).map(|_| None);
        }
        if let Some(parts) = folder.parts()? {
            refuse_missing(&trials, parts, folder.path())?;
        }
        let swept = self.run_in(&folder, &space, points, seeds, &trials, listener);
        let is_kept = is_begun || trials.iter().any(Trial::has_begun);
        if !is_kept && swept.as_ref().is_err_and(|cause| !matches!(cause, Error::Interrupted { .. })) {
            let _ = folder.discard(&FolderKind::SWEEP); // what stays is in the way, and named then
        }
        swept.map(Some)
    }

    /// Makes the trainings that are not finished, as many side by side as there are threads.
    fn train(&self, trials: &[Trial], listener: &mut (dyn Listener + Send)) -> Result<Vec<Outcome>> {
        let Self { training, inputs, checkpoint_every, .. } = self;
        let setup = Setup { training, inputs, checkpoint_every: *checkpoint_every };
        trial::run_all(trials, |trial, listener| trial.outcome(&setup, listener), listener)
    }

    /// Trains the `trials`, chooses among them, and ranks the test data.
    fn run_in(
        &self,
        folder: &RunDir,
        space: &Space,
        points: Vec<Point>,
        seeds: Vec<u64>,
        trials: &[Trial],
        listener: &mut (dyn Listener + Send),
    ) -> Result<Swept> {
        let base = &self.training.config;
        let outcomes = self.train(trials, listener)?;
        let results = SweepResults::new(space, &base.measure, points, seeds, outcomes);
        folder.save_text("sweep.csv", &results.csv()?)?;
        let Some(chosen) = results.chosen() else {
            return Err(Error::NonFinite(format!("no point finished: {}", results.first_failure())));
        };
        folder.save_text("sweep.svg", &picture::draw(&results))?;
        let models = trials.iter().filter(|trial| trial.point == chosen);
        let models: Vec<(u64, &Path)> = models.map(|trial| (trial.seed, trial.path())).collect();
        let config = &results.points[chosen].config;
        let measured =
            |test| held_out::measured(self.training.task, config, test, &models, folder.path(), listener);
        let tested = self.test.as_deref().map(measured).transpose()?;
        Ok(Swept { results, chosen, tested })
    }

    /// Points to try, each with every seed.
    fn points(&self, space: &Space) -> Result<Vec<Point>> {
        if space.keys().is_empty() {
            return Err(Error::Config(
                "nothing varies: expected settings with values, `sweep.grid`, or with a range, `sweep.range`, to draw \
                 `sweep.random` points from"
                    .into(),
            ));
        }
        let too_many = || {
            let message =
                format!("expected 1 to {MOST_RUNS} trainings; choose fewer points or fewer `sweep.seeds`");
            Error::Config(message)
        };
        let points = match self.random {
            Some(count) if count > MOST_RUNS => return Err(too_many()),
            Some(count) => space.draw(count)?,
            None => space.product()?,
        };
        match points.len().saturating_mul(self.seeds as usize) {
            1..=MOST_RUNS => Ok(points),
            _ => Err(too_many()),
        }
    }

    /// Returns true when an earlier process began a sweep in the folder, which may go on.
    fn is_begun(&self) -> bool {
        self.folder.join(PLAN).exists() && !self.force
    }

    /// Opens the folder of the sweep: a new one, or that of the same sweep.
    fn open(&self, space: &Space, points: &[Point], seeds: &[u64]) -> Result<RunDir> {
        let path = &self.folder;
        let Training { task, config, baselines, controls, .. } = &self.training;
        let plan = SweepPlan {
            keys: space.keys().into_iter().map(ToOwned::to_owned).collect(),
            seeds: seeds.iter().copied().map(SeedNumber).collect(),
            flags: crc32c::crc32c(format!("{task:?} {baselines:?} {controls:?}").as_bytes()),
            test: self.test.clone(),
            points: points.iter().map(|point| point.values.clone()).collect(),
            settings: config.clone(),
        };
        let check = |path: &Path| match toml_file::read::<SweepPlan>(&path.join(PLAN))? == plan {
            true => Ok(()),
            false => Err(Error::Config(format!(
                "{}: this folder holds another sweep, or one that another version began; choose another \
                 `run.folder`, or `run.force` to begin anew",
                path.display()
            ))),
        };
        let begin = |folder: &RunDir| folder.save_toml(PLAN, &plan);
        RunDir::open_experiment(path, self.force, &FolderKind::SWEEP, self.part, begin, check)
    }
}

/// Refuses to choose while `trials`, which `parts` parts make, are not finished, and names them.
fn refuse_missing(trials: &[Trial], parts: usize, folder: &Path) -> Result<()> {
    let missing = trials.iter().enumerate().filter(|(_, trial)| !trial.is_finished());
    let missing: Vec<String> = missing
        .map(|(number, trial)| {
            format!("point {} seed {} (part {})", trial.point + 1, trial.seed, Part::of(number, parts))
        })
        .collect();
    refuse_unfinished(&missing, folder)
}
