//! Feature vectors as a task: LETOR files, or the built-in benchmark.

use std::path::{Path, PathBuf};

use super::reader::read_vectors;
use super::train::{held_out, train_held_out};
use super::{FeatureRanker, folds};
use crate::data::features::planted::{Planted, PlantedConfig};
use crate::data::features::{RankingSet, qrels};
use crate::data::{DataSummary, described};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::event::Listener;
use crate::files::count::counted;
use crate::ranking::{
    Extras, FoldPlan, Folds, Method, Player, Preset, Rank as _, Ranker, Ranking, Reference, Task,
    TrainConfig, Trained, TrainingData, VALID_SHARE, train,
};
use crate::team::Team;

/// Training and validation files of feature vectors; without them, the benchmark whose optimum is planted.
#[derive(Clone, Debug)]
pub struct FeatureTask {
    /// Training file; without one, the benchmark is trained on.
    pub train: Option<PathBuf>,
    /// Validation file; without one, part of the training queries is held out.
    pub valid: Option<PathBuf>,
    /// Share of the training queries that is held out.
    pub valid_share: f64,
    /// Processes that train together.
    pub team: Team,
}

impl Default for FeatureTask {
    fn default() -> Self {
        Self { train: None, valid: None, valid_share: VALID_SHARE, team: Team::ALONE }
    }
}

impl Task for FeatureTask {
    fn preset(&self, preset: Preset, method: Method) -> TrainConfig {
        TrainConfig::preset(preset, method)
    }

    fn has(&self, method: Method) -> bool {
        !method.is_closed_form()
    }

    fn load(&self, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Box<dyn TrainingData + '_>> {
        let data = match (&self.train, &self.valid) {
            (Some(file), valid) => {
                let training = learnable(file, read_vectors(file, config.zero_based, None, listener)?)?;
                let all = (valid.is_none() && config.bag > 1).then(|| training.clone());
                let (train, valid) = match valid {
                    Some(valid) => {
                        let known = Some((training.feature_count(), training.feature_names()));
                        let validation = read_vectors(valid, config.zero_based, known, listener)?;
                        (training, learnable(valid, validation)?)
                    }
                    None => self.held_out(file, &training, config.seed, listener)?,
                };
                FeatureData { task: self, train, valid, optimum: None, all }
            }
            (None, _) => {
                listener.note("no training data given: using the built-in planted benchmark");
                let planted =
                    Planted::generate(&PlantedConfig { seed: config.seed, ..PlantedConfig::default() })?;
                let Planted { train, valid, valid_teacher, .. } = planted;
                FeatureData { task: self, train, valid, optimum: Some(valid_teacher), all: None }
            }
        };
        for (what, set) in [("training", &data.train), ("validation", &data.valid)] {
            self.team.agree(&format!("set of {what} documents"), set.check_sum().into())?;
        }
        listener.note(&format!("training   {}", data.train.summary()));
        listener.note(&format!("validation {}", data.valid.summary()));
        Ok(Box::new(data))
    }

    fn rank(&self, folder: &Path, test: &Path, listener: &mut dyn Listener) -> Result<Ranking> {
        rank(folder, test, None, listener)
    }

    fn judgements(&self, test: &Path, listener: &mut dyn Listener) -> Result<String> {
        judgements(test, listener)
    }

    fn folds(&self, plan: &FoldPlan, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Folds> {
        match &self.train {
            Some(train) => folds::cut(plan, train, config, listener),
            None => folds::read(plan, config.zero_based, listener),
        }
    }
}

impl FeatureTask {
    /// Splits the queries of the training file into those to train on and those to choose by.
    fn held_out(
        &self,
        file: &Path,
        all: &RankingSet,
        seed: u64,
        listener: &mut dyn Listener,
    ) -> Result<(RankingSet, RankingSet)> {
        let (train, valid) = held_out(all, self.valid_share, seed).map_err(|error| error.in_file(file))?;
        listener.note(&format!(
            "{}: {} to train on, {} held out to choose by",
            file.display(),
            counted(train.queries().len(), "query"),
            valid.queries().len()
        ));
        Ok((train, valid))
    }
}

/// Ranks the documents of a LETOR file by the model in `folder`.
///
/// # Errors
/// When model or file cannot be read, or do not fit each other.
pub fn rank(
    folder: &Path,
    test: &Path,
    player: Option<Player>,
    listener: &mut dyn Listener,
) -> Result<Ranking> {
    let model = FeatureRanker::load(folder)?;
    let set = read_vectors(test, model.is_zero_based(), Some(model.known()), listener)?;
    model.rank(&set, player).map_err(|error| error.in_file(test))
}

/// Reads the model in `folder` and the judged documents of a LETOR file.
///
/// # Errors
/// When either cannot be read, they do not fit, or no document is judged.
pub fn judged(
    folder: &Path,
    data: &Path,
    listener: &mut dyn Listener,
) -> Result<(FeatureRanker, RankingSet)> {
    let model = FeatureRanker::load(folder)?;
    let set = read_vectors(data, model.is_zero_based(), Some(model.known()), listener)?;
    match set.grades().iter().any(|&grade| grade > 0) {
        true => Ok((model, set)),
        false => Err(Error::data(data, "no document has a grade above 0: no ranking is better than another")),
    }
}

/// Returns the judgements of a LETOR file; unlabelled documents have none.
///
/// # Errors
/// When the file cannot be read or holds no judged document.
pub fn judgements(path: &Path, listener: &mut dyn Listener) -> Result<String> {
    let text = qrels(&read_vectors(path, true, None, listener)?)?; // no matter what the features are called
    match text.is_empty() {
        true => Err(Error::data(path, "holds no judged document; every grade is -1")),
        false => Ok(text),
    }
}

/// Refuses a `set`, read from `path`, in which no query has a positive beside another document.
fn learnable(path: &Path, set: RankingSet) -> Result<RankingSet> {
    if !set.useful().contains(&true) {
        let message =
            "no query has both a positive (grade 1 or more) and another document: nothing to learn from";
        return Err(Error::data(path, message));
    }
    Ok(set)
}

struct FeatureData<'a> {
    task: &'a FeatureTask,
    train: RankingSet,
    valid: RankingSet,
    /// Scores of the validation documents by the planted teacher: the best ranking there is.
    optimum: Option<Vec<f32>>,
    /// All queries, of which each model of a bag holds others out.
    all: Option<RankingSet>,
}

impl TrainingData for FeatureData<'_> {
    fn summary(&self) -> DataSummary {
        let built_in = Path::new("built-in planted benchmark");
        let FeatureTask { train, valid, .. } = self.task;
        let validation = match (train, valid) {
            (Some(_), None) if self.all.is_some() => {
                format!("held-out queries, others for each model; of the first: {}", self.valid.summary())
            }
            (Some(_), None) => format!("held-out queries: {}", self.valid.summary()),
            _ => described(valid.as_deref().unwrap_or(built_in), self.valid.summary()),
        };
        DataSummary {
            task: "feature vectors".into(),
            training: described(train.as_deref().unwrap_or(built_in), self.train.summary()),
            validation,
        }
    }

    fn references(&self, measures: &[Measure]) -> Vec<Reference> {
        let optimum = |scores: &Vec<f32>| Reference {
            name: "planted optimum".into(),
            values: measures.iter().map(|measure| self.valid.measure(measure, scores)).collect(),
            by_query: vec![],
            settings: vec![],
        };
        self.optimum.iter().map(optimum).collect()
    }

    fn train(
        self: Box<Self>,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<Trained<Box<dyn Ranker>>> {
        let trained = match &self.all {
            Some(all) => train_held_out(config, extras, all, self.task.valid_share, listener),
            None => train(config, extras, self.train, self.valid, listener),
        };
        let FeatureTask { train, valid, .. } = self.task;
        let trained = trained.map_err(|error| match valid.as_ref().or(train.as_ref()) {
            Some(file) => error.in_file(file), // the training data were checked when they were read
            None => error,
        })?;
        Ok(trained.map(|model| Box::new(model) as Box<dyn Ranker>))
    }
}
