//! Feature vectors as a task: LETOR files, or the built-in benchmark.

use std::path::{Path, PathBuf};

use super::reader::read_vectors;
use super::{FeatureRanker, folds};
use crate::data::features::planted::{Planted, PlantedConfig};
use crate::data::features::{RankingSet, qrels};
use crate::data::{DataSummary, described};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::event::Listener;
use crate::ranking::{
    Extras, FoldPlan, Folds, Method, Player, Preset, Rank as _, Ranker, Ranking, Reference, Task,
    TrainConfig, Trained, TrainingData, train,
};

/// Training and validation files of feature vectors; without them, the benchmark whose optimum is planted.
#[derive(Clone, Debug, Default)]
pub struct FeatureTask {
    /// Training and validation file in LETOR format.
    pub files: Option<(PathBuf, PathBuf)>,
}

impl Task for FeatureTask {
    fn preset(&self, preset: Preset, method: Method) -> TrainConfig {
        TrainConfig::preset(preset, method)
    }

    fn load(&self, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Box<dyn TrainingData + '_>> {
        let data = match &self.files {
            Some((train, valid)) => {
                let files = Some((train.as_path(), valid.as_path()));
                let training = learnable(train, read_vectors(train, config.zero_based, None, listener)?)?;
                let width = Some(training.feature_count());
                let validation = read_vectors(valid, config.zero_based, width, listener)?;
                let validation = learnable(valid, validation)?;
                FeatureData { files, train: training, valid: validation, optimum: None }
            }
            None => {
                listener.note("no training data given: using the built-in planted benchmark");
                let planted =
                    Planted::generate(&PlantedConfig { seed: config.seed, ..PlantedConfig::default() })?;
                let Planted { train, valid, valid_teacher, .. } = planted;
                FeatureData { files: None, train, valid, optimum: Some(valid_teacher) }
            }
        };
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
        folds::read(plan, config.zero_based, listener)
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
    let set = read_vectors(test, model.is_zero_based(), Some(model.feature_count()), listener)?;
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
    let set = read_vectors(data, model.is_zero_based(), Some(model.feature_count()), listener)?;
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

struct FeatureData<'a> {
    files: Option<(&'a Path, &'a Path)>,
    train: RankingSet,
    valid: RankingSet,
    /// Scores of the validation documents by the planted teacher: the best ranking there is.
    optimum: Option<Vec<f32>>,
}

impl TrainingData for FeatureData<'_> {
    fn summary(&self) -> DataSummary {
        let built_in = Path::new("built-in planted benchmark");
        let (train, valid) = self.files.unwrap_or((built_in, built_in));
        DataSummary {
            task: "feature vectors".into(),
            training: described(train, self.train.summary()),
            validation: described(valid, self.valid.summary()),
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
        let trained = train(config, extras, self.train, self.valid, listener);
        let trained = trained.map_err(|error| match self.files {
            Some((_, valid)) => error.in_file(valid), // the training data were checked when they were read
            None => error,
        })?;
        Ok(trained.map(|model| Box::new(model) as Box<dyn Ranker>))
    }
}
