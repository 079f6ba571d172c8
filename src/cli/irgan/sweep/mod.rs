//! `irgan sweep`: many trainings, one for each of the settings to try and each seed; validation data choose.

mod held_out;
mod picture;
mod results;
mod space;
mod trial;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use self::results::Results;
use self::space::{Grid, Point, Range, Space, grid, range, shown};
use self::trial::Trial;
use super::train::TrainArgs;
use crate::cli::args::settings::{DataKind, print_config};
use crate::cli::console;
use crate::cli::console::print;
use crate::error::{Error, Result};
use crate::evaluation::Format;
use crate::files::toml_file;
use crate::ranking::TrainConfig;
use crate::runs::RunDir;

/// More trainings are a slip of the keyboard.
const MOST_RUNS: usize = 100_000;

/// Try settings: train with each of them and each seed, and choose on the validation data
///
/// Takes what `irgan train` takes, and settings that vary, by the names that --print-config shows: every combination
/// of the values of --grid, or with --random as many draws from --grid and --range. The settings with the best mean
/// of the choosing measure over the seeds are chosen. Only then, and once, --test is ranked by their trainings.
///
/// Trainings run side by side on the given threads, each in a folder of its own. The same command again goes on
/// where an interrupted one ended: what is finished is kept. Unless --baselines or --controls ask for them, none are
/// trained beside.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  irgan sweep --grid generator.entropy=0.1,0.3,1 scorer.hidden=[],[46] --seeds 3 --out sweeps/entropy
  irgan sweep --method lambdarank --train train.txt --valid vali.txt --test test.txt --random 20 \
--range fit.optimizer.learning-rate=1e-4..1e-2:log --out sweeps/lambdarank
  irgan sweep --pointwise --ratings u.data --grid interactions.rank=8,16,32 --test test.tsv --out sweeps/rank")]
pub struct SweepArgs {
    /// A setting and the values to try; may be repeated
    #[arg(long, value_name = "KEY=V1,V2…", num_args = 1.., value_parser = grid, help_heading = "Sweep")]
    grid: Vec<Grid>,
    /// Draw this many points instead of every combination
    #[arg(long, value_name = "N", help_heading = "Sweep")]
    random: Option<usize>,
    /// A setting and the range to draw it from; may be repeated
    #[arg(long, value_name = "KEY=LOW..HIGH[:log]", num_args = 1.., value_parser = range, requires = "random", help_heading = "Sweep")]
    range: Vec<Range>,
    /// Seeds of every point, counted up from --seed
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000), help_heading = "Sweep")]
    seeds: u64,
    /// Test data, ranked once by the chosen point: as the training data; with --index queries, judged by --qrels
    #[arg(long, value_name = "FILE", help_heading = "Sweep")]
    test: Option<PathBuf>,
    /// How to print the table; json prints it alone, and test.toml holds what the test data said
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    train: TrainArgs,
}

/// The file of the [`Plan`].
const PLAN: &str = "sweep.toml";

/// What a sweep is: a folder holds one.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Plan {
    keys: Vec<String>,
    seeds: Vec<u64>,
    /// A check sum of all flags of the trainings: of other data, it is another sweep.
    flags: u32,
    test: Option<PathBuf>,
    /// The values of every point, in the order of `keys`.
    points: Vec<Vec<toml::Value>>,
    /// All settings, before any varies.
    settings: TrainConfig,
}

/// Runs the command.
pub fn run(args: &SweepArgs) -> Result<()> {
    let (data, base) = args.train.resolve()?;
    if args.train.print_config {
        return print_config(&base);
    }
    if args.test.is_some() && data == DataKind::Features && args.train.train.is_none() {
        return Err(Error::Config("--test needs --train: the built-in benchmark is not in a file".into()));
    }
    let space = Space::new(base.clone(), &args.grid, &args.range)?;
    let seeds: Vec<u64> = (0..args.seeds).map(|seed| base.seed.wrapping_add(seed)).collect();
    let points = args.points(&space)?;
    let folder = args.open(&base, &space, &points, &seeds)?;
    let train = args.train.of_a_sweep();
    let trials = points.iter().enumerate().flat_map(|(number, point)| {
        let path = folder.path().join("points").join((number + 1).to_string());
        seeds.iter().map(move |&seed| Trial::new(number, seed, point, &path))
    });
    let trials: Vec<Trial> = trials.collect();
    let outcomes = trial::run_all(&trials, |trial| trial.outcome(&train, data))?;
    let results = Results::new(&space, &base.measure, &points, &seeds, outcomes);
    folder.save_text("sweep.csv", &results.csv()?)?;
    let Some(chosen) = results.chosen() else {
        return Err(Error::NonFinite(format!("no point finished: {}", results.first_failure())));
    };
    folder.save_text("sweep.svg", &picture::draw(&results))?;
    let tested = args.test.as_ref().map(|test| {
        let models = trials.iter().filter(|trial| trial.point == chosen);
        let models: Vec<(u64, &Path)> = models.map(|trial| (trial.seed, trial.path())).collect();
        held_out::measured(args, data, &points[chosen].config, test, &models, folder.path())
    });
    let tested = tested.transpose()?.unwrap_or_default();
    let table = results.table().render(args.format);
    if args.format == Format::Json {
        return print(&table);
    }
    print(&format!(
        "{table}\nchosen on the validation data, by {}: point {} ({})\n{tested}\
         trainings, sweep.csv and sweep.svg: {}\n",
        base.measure,
        chosen + 1,
        points[chosen].named(&space),
        folder.path().display()
    ))
}

impl SweepArgs {
    /// What is tried, each with every seed.
    fn points(&self, space: &Space) -> Result<Vec<Point>> {
        if space.keys().is_empty() {
            return Err(Error::Config(
                "nothing varies: expected --grid KEY=VALUE,VALUE or --range with --random".into(),
            ));
        }
        let too_many = || {
            let message = format!("expected 1 to {MOST_RUNS} trainings; choose fewer points or --seeds");
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

    /// The folder of the sweep: a new one, or that of the same sweep to go on with.
    fn open(&self, base: &TrainConfig, space: &Space, points: &[Point], seeds: &[u64]) -> Result<RunDir> {
        let Some(path) = &self.train.run.out else {
            let message = "sweep needs --out DIR: the same command with the same folder goes on there";
            return Err(Error::Config(message.into()));
        };
        let plan = Plan {
            keys: space.keys().into_iter().map(ToOwned::to_owned).collect(),
            seeds: seeds.to_vec(),
            flags: crc32c::crc32c(self.train.of_a_sweep().described().as_bytes()),
            test: self.test.clone(),
            points: points.iter().map(|point| point.values.clone()).collect(),
            settings: base.clone(),
        };
        let known = path.join(PLAN);
        if known.exists() && !self.train.run.force {
            return match toml_file::read::<Plan>(&known)? == plan {
                true => RunDir::create(path, true),
                false => Err(Error::Config(format!(
                    "{}: this folder holds another sweep; choose another --out, or --force to begin anew",
                    path.display()
                ))),
            };
        }
        if known.exists() {
            forget(path)?;
        }
        let folder = RunDir::create(path, self.train.run.force)?;
        folder.save_toml(PLAN, &plan)?;
        Ok(folder)
    }
}

/// Takes an earlier sweep out of its folder; the plan goes last, so that an interruption leaves it known.
fn forget(path: &Path) -> Result<()> {
    let (points, test, plan) = (path.join("points"), path.join(held_out::TESTED), path.join(PLAN));
    let removed = [
        (&points, std::fs::remove_dir_all(&points)),
        (&test, std::fs::remove_file(&test)),
        (&plan, std::fs::remove_file(&plan)),
    ];
    for (part, removed) in removed {
        match removed {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io(part, "replace", cause));
            }
            _ => {}
        }
    }
    Ok(())
}
