//! One training in a run's folder: models, baselines, metrics, results and report.

use std::time::Instant;

use crate::error::Result;
use crate::event::Listener;
use crate::files::no_follow::create_folder;
use crate::game::RewardSource;
use crate::ranking::{Extras, Method, Ranker as _, Task, TrainConfig, TrainingData, reported};
use crate::report;
use crate::report::results::{self, RankingResults, Timing};
use crate::runs::{ActiveRun, Listeners, TensorBoardLog};

/// Training of a task: its settings, and the baselines and placebo rewards beside it.
#[derive(Clone, Debug)]
pub struct Training<'a> {
    /// Kind of data with its sources.
    pub task: &'a dyn Task,
    /// Settings.
    pub config: TrainConfig,
    /// Baselines trained on the same data.
    pub baselines: Vec<Method>,
    /// True when nobody asked for the baselines: one that the data do not allow is left out.
    pub optional: bool,
    /// Placebo rewards that the game is played again with.
    pub controls: Vec<RewardSource>,
}

/// Trains on `data`, which the task has loaded, in the folder of `run`: saves models, baselines, settings, metrics and
/// the report there, and returns the results. A run that was interrupted before is resumed from its checkpoints.
///
/// # Errors
/// When the data do not fit the settings, the training is interrupted, or a file cannot be written.
pub fn train_in(
    run: &mut ActiveRun,
    training: &Training<'_>,
    mut data: Box<dyn TrainingData + '_>,
    listener: &mut dyn Listener,
) -> Result<RankingResults> {
    let extras = Extras {
        baselines: training.baselines.clone(),
        optional: training.optional,
        controls: training.controls.clone(),
        measures: reported(training.task, &training.config)?,
        checkpoints: run.checkpoints.clone(),
    };
    let config = data.prepare(&training.config, &extras, listener)?;
    run.folder.save_config(&config)?;
    let mut board = TensorBoardLog::create(run.folder.path())?;
    let started = Instant::now();
    let mut measures = vec![config.measure()?];
    measures.extend(extras.measures.iter().cloned());
    let (summary, references) = (data.summary(), data.references(&measures));
    let trained = {
        let mut listeners = Listeners(vec![&mut run.log, &mut board, listener]);
        data.train(&config, &extras, &mut listeners)?
    };
    let folder = &run.folder;
    trained.model.save(folder.path())?;
    let baselines = folder.path().join("baselines");
    if !trained.baselines.is_empty() {
        create_folder(&baselines)?;
    }
    for model in &trained.baselines {
        let folder = baselines.join(model.method().to_string());
        create_folder(&folder)?;
        model.save(&folder)?;
    }
    board.finish()?;
    let results = RankingResults::new(&config, &extras.measures, &trained, references, summary);
    folder.save_json(results::FILE, &results)?;
    folder.save_json("timing.json", &Timing::since(started))?;
    report::write(folder.path())?;
    Ok(results)
}
