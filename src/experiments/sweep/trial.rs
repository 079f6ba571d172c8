//! One training of a sweep, and many side by side.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Point;
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::experiments::{Training, train_in};
use crate::files::toml_file;
use crate::ranking::TrainConfig;
use crate::report::results::RankingResults;
use crate::runs::{RunOptions, RunRecord};
use crate::team::Team;

/// File whose presence says that a training is finished.
const OUTCOME: &str = "outcome.toml";

/// One point with one seed.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// Number of the point, from 0.
    pub(super) point: usize,
    /// Seed.
    pub(super) seed: u64,
    config: TrainConfig,
    path: PathBuf,
}

/// Setup that all trainings of a sweep share.
pub(super) struct Setup<'a> {
    /// Training before any setting varies.
    pub(super) training: &'a Training<'a>,
    /// Files and folders to record with each.
    pub(super) inputs: &'a [PathBuf],
    /// Time between two checkpoints.
    pub(super) checkpoint_every: Duration,
}

/// Outcome of one training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outcome {
    /// Choosing measure on the validation data; NaN where there is none.
    pub value: f64,
    /// Why the training did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Trial {
    /// `point`, which has this number, with `seed`; its folder lies in `folder`.
    pub(super) fn new(number: usize, seed: u64, point: &Point, folder: &Path) -> Self {
        let config = TrainConfig { seed, ..point.config.clone() };
        Self { point: number, seed, config, path: folder.join(format!("seed-{seed}")) }
    }

    /// Folder of the training.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns true when the training was begun, and not refused before anything was trained.
    pub(super) fn has_begun(&self) -> bool {
        self.path.join("run.toml").exists()
    }

    /// Returns true when the training came to an end, in this process or an earlier one.
    pub(super) fn is_finished(&self) -> bool {
        self.path.join(OUTCOME).exists()
    }

    /// Returns the outcome of an earlier process, or trains.
    pub(super) fn outcome(&self, setup: &Setup<'_>, listener: &mut dyn Listener) -> Result<Outcome> {
        let known = self.path.join(OUTCOME);
        if known.exists() {
            return toml_file::read(&known);
        }
        let outcome = match self.train(setup, listener) {
            Ok(results) => {
                let value = results.winner().map_or(f64::NAN, |row| row.values[0]);
                Outcome { value, failure: results.failure }
            }
            // Some settings do not fit the data or break down; others may.
            Err(Error::Config(failure) | Error::NonFinite(failure)) => {
                Outcome { value: f64::NAN, failure: Some(failure) }
            }
            Err(other) => return Err(other),
        };
        // A training that was refused at once has made no folder.
        std::fs::create_dir_all(&self.path)
            .map_err(|cause| Error::io(&self.path, "create the folder", cause))?;
        toml_file::write(&known, &outcome)?;
        Ok(outcome)
    }

    fn train(&self, setup: &Setup<'_>, listener: &mut dyn Listener) -> Result<RankingResults> {
        let training = Training { config: self.config.clone(), ..setup.training.clone() };
        let data = training.task.load(&training.config, listener)?;
        let options = RunOptions {
            out: Some(self.path.clone()),
            force: true, // what cannot be resumed is begun anew
            resume: RunRecord::is_resumable(&self.path).then(|| self.path.clone()),
            checkpoint_every: setup.checkpoint_every,
            team: Team::ALONE,
        };
        let mut run = options.begin(&self.config.method.to_string(), setup.inputs)?;
        let results = train_in(&mut run, &training, data, listener);
        let (run, results) = run.unless_refused(results)?;
        run.finish()?;
        Ok(results)
    }
}

/// Listener of a sweep, shared by its trainings: of all they say, every warning is passed on once.
pub(super) struct Shared<'a> {
    listener: &'a mut (dyn Listener + Send),
    warned: HashSet<String>,
}

impl<'a> Shared<'a> {
    /// Shares `listener`.
    pub(super) fn new(listener: &'a mut (dyn Listener + Send)) -> Self {
        Self { listener, warned: HashSet::new() }
    }
}

/// Listener of one training among many.
pub(super) struct Quiet<'a, 'b>(&'a Mutex<Shared<'b>>);

impl<'a, 'b> Quiet<'a, 'b> {
    /// Passes warnings on to `shared`.
    pub(super) fn new(shared: &'a Mutex<Shared<'b>>) -> Self {
        Self(shared)
    }
}

impl Listener for Quiet<'_, '_> {
    fn event(&mut self, _: &Event<'_>) {}

    fn warning(&mut self, message: &str) {
        let mut shared = locked(self.0);
        if shared.warned.insert(message.to_owned()) {
            shared.listener.warning(message);
        }
    }
}

/// Progress of all trainings.
struct Progress {
    done: usize,
    failed: u32,
    best: f64,
}

/// Returns the outcomes of `trials` in their order. As many run side by side as there are threads; the threads that are
/// left over are shared out. After an error no further trial begins, and the error of the first that has one is returned.
pub(super) fn run_all(
    trials: &[Trial],
    one: impl Fn(&Trial, &mut dyn Listener) -> Result<Outcome> + Sync,
    listener: &mut (dyn Listener + Send),
) -> Result<Vec<Outcome>> {
    let threads = rayon::current_num_threads();
    let workers = threads.min(trials.len()).max(1);
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let shared = Mutex::new(Shared::new(listener));
    let progress = Mutex::new(Progress { done: 0, failed: 0, best: f64::NEG_INFINITY });
    let count = |outcome: &Outcome| {
        let mut progress = locked(&progress);
        progress.done += 1;
        progress.failed += u32::from(outcome.failure.is_some());
        progress.best = progress.best.max(outcome.value);
        let Progress { done, failed, best } = *progress;
        let metrics = [("valid", outcome.value), ("best", best), ("failed", f64::from(failed))];
        let event = Event { phase: "sweep", step: done, of: trials.len(), metrics: &metrics };
        locked(&shared).listener.event(&event);
    };
    let work = |share: usize| -> Result<Vec<(usize, Result<Outcome>)>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(share).build();
        let pool =
            pool.map_err(|cause| Error::Config(format!("{threads} threads, `run.threads`: {cause}")))?;
        let mut found = vec![];
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(trial) = trials.get(number) else { break };
            let outcome = pool.install(|| one(trial, &mut Quiet::new(&shared)));
            match &outcome {
                Ok(outcome) => count(outcome),
                Err(_) => stop.store(true, Ordering::Relaxed),
            }
            found.push((number, outcome));
        }
        Ok(found)
    };
    let found: Vec<Result<Vec<_>>> = std::thread::scope(|scope| {
        let work = &work;
        let started: Vec<_> =
            (0..workers).map(|worker| scope.spawn(move || work((threads + worker) / workers))).collect();
        started.into_iter().map(|thread| thread.join().expect("trainings return errors")).collect()
    });
    let mut outcomes: Vec<_> = found.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    outcomes.sort_unstable_by_key(|&(number, _)| number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
