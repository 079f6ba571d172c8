//! One training of a sweep, and many side by side.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Point, console};
use crate::cli::args::settings::DataKind;
use crate::cli::irgan::train::TrainArgs;
use crate::error::{Error, Result};
use crate::event::{Event, Listener as _};
use crate::files::toml_file;
use crate::ranking::TrainConfig;

/// The file whose presence says that a training is finished.
const OUTCOME: &str = "outcome.toml";

/// One point with one seed.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// The number of the point, from 0.
    pub(super) point: usize,
    /// The seed.
    pub(super) seed: u64,
    config: TrainConfig,
    path: PathBuf,
}

/// What a training came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Outcome {
    /// The choosing measure on the validation data; NaN where there is none.
    pub(super) value: f64,
    /// Why it did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
}

impl Trial {
    /// `point`, which has this number, with `seed`; its folder lies in `folder`.
    pub(super) fn new(number: usize, seed: u64, point: &Point, folder: &Path) -> Self {
        let config = TrainConfig { seed, ..point.config.clone() };
        Self { point: number, seed, config, path: folder.join(format!("seed-{seed}")) }
    }

    /// The folder of the training.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The outcome of an earlier process, or that of the training now.
    pub(super) fn outcome(&self, args: &TrainArgs, data: DataKind) -> Result<Outcome> {
        let known = self.path.join(OUTCOME);
        if known.exists() {
            return toml_file::read(&known);
        }
        let outcome = match args.at(&self.path).train(data, &self.config) {
            Ok(finished) => {
                let outcome = Outcome { value: finished.value, failure: finished.failure.clone() };
                finished.close()?;
                outcome
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
}

/// The outcomes of `trials` in their order, as many side by side as there are threads; the threads that are left over
/// are shared out. After an error no further trial begins, and the error of the first that has one is returned.
pub(super) fn run_all(
    trials: &[Trial],
    one: impl Fn(&Trial) -> Result<Outcome> + Sync,
) -> Result<Vec<Outcome>> {
    let threads = rayon::current_num_threads();
    let workers = threads.min(trials.len()).max(1);
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let progress = Mutex::new((console::progress(), 0, 0, f64::NEG_INFINITY));
    let tell = |outcome: &Outcome| {
        let mut told = progress.lock().unwrap_or_else(PoisonError::into_inner);
        let (progress, done, failed, best) = &mut *told;
        *done += 1;
        *failed += u32::from(outcome.failure.is_some());
        *best = best.max(outcome.value);
        let metrics = [("valid", outcome.value), ("best", *best), ("failed", f64::from(*failed))];
        progress.event(&Event { phase: "sweep", step: *done, of: trials.len(), metrics: &metrics });
    };
    let work = |share: usize| -> Result<Vec<(usize, Result<Outcome>)>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(share).build();
        let pool = pool.map_err(|cause| Error::Config(format!("--threads {threads}: {cause}")))?;
        let mut found = vec![];
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(trial) = trials.get(number) else { break };
            let outcome = pool.install(|| one(trial));
            match &outcome {
                Ok(outcome) => tell(outcome),
                Err(_) => stop.store(true, Ordering::Relaxed),
            }
            found.push((number, outcome));
        }
        Ok(found)
    };
    let found: Vec<Result<Vec<_>>> = console::hushed(|| {
        std::thread::scope(|scope| {
            let work = &work;
            let started: Vec<_> =
                (0..workers).map(|worker| scope.spawn(move || work((threads + worker) / workers))).collect();
            started.into_iter().map(|thread| thread.join().expect("trainings return errors")).collect()
        })
    });
    let mut outcomes: Vec<_> = found.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    outcomes.sort_unstable_by_key(|&(number, _)| number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
