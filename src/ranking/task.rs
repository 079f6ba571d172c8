//! Tasks: the differences between the kinds of data that rankers learn from: feature vectors, documents, interactions, answers.
//!
//! A [`Task`] holds paths and options. It loads [`TrainingData`], which train a ranker; it ranks test data by a trained
//! one, and writes their judgements. Everything that is the same for all of them (run folders, cross-validation, sweeps)
//! is in [`experiments`](crate::experiments).

use std::fmt::Debug;
use std::path::Path;

use super::foreign;
use super::{Extras, FoldPlan, Folds, Method, Preset, Ranker, Ranking, Reference, TrainConfig, Trained};
use crate::data::DataSummary;
use crate::error::Result;
use crate::evaluation::Measure;
use crate::event::Listener;

/// Kind of data with its sources: how they are loaded, learned from, ranked and judged.
pub trait Task: Debug + Sync {
    /// Returns the settings of `preset` for `method`.
    fn preset(&self, preset: Preset, method: Method) -> TrainConfig;

    /// Returns the baselines that stand beside a training unless others are asked for.
    fn baselines(&self) -> Vec<Method> {
        vec![Method::Mle, Method::Lambdarank, Method::Dns]
    }

    /// Returns true for methods that data of this kind have: at least all that learn by epochs.
    fn has(&self, method: Method) -> bool {
        !method.is_closed_form() && !method.is_trees()
    }

    /// Returns the names of the measures that are reported beside the choosing one.
    fn measures(&self) -> [&'static str; 3] {
        ["nDCG@10", "P@5", "AP"]
    }

    /// Reads or draws training and validation data, and tells `listener` what was left out of them.
    ///
    /// # Errors
    /// When a file cannot be read, or nothing can be learned from it.
    fn load(&self, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Box<dyn TrainingData + '_>>;

    /// Ranks test data by the chosen player of the model in `folder`. What `test` holds depends on the task:
    /// feature vectors, queries over the index, or questions with answers; a recommender ranks all items for all
    /// users whatever it holds.
    ///
    /// # Errors
    /// When model or data cannot be read, or do not fit each other.
    fn rank(&self, folder: &Path, test: &Path, listener: &mut dyn Listener) -> Result<Ranking>;

    /// Returns the judgements of test data as lines of `query 0 document grade`.
    ///
    /// # Errors
    /// When a file cannot be read, or holds no judgement.
    fn judgements(&self, test: &Path, listener: &mut dyn Listener) -> Result<String>;

    /// Reads or cuts the folds of a cross-validation.
    ///
    /// # Errors
    /// When they cannot be read, or the data cannot be cut into so many.
    fn folds(&self, plan: &FoldPlan, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Folds>;
}

/// Returns the measures that are reported beside the choosing one of `config`.
///
/// # Errors
/// When the choosing measure has no such name.
pub fn reported(task: &dyn Task, config: &TrainConfig) -> Result<Vec<Measure>> {
    let chosen = config.measure()?;
    let all = task.measures().map(str::parse::<Measure>);
    all.into_iter().filter(|measure| measure.as_ref().map_or(true, |measure| *measure != chosen)).collect()
}

/// Refuses a method of `config`, a start of its players or one of the `baselines` that data of the `task` do not have, or that
/// this program is built without.
///
/// # Errors
/// When there is one; the message says what it needs.
pub fn refuse_foreign(task: &dyn Task, config: &TrainConfig, baselines: &[Method]) -> Result<()> {
    let extras = Extras { baselines: baselines.to_vec(), ..Extras::default() };
    foreign::refuse_foreign(config, &extras, |method| task.has(method))
}

/// Training and validation data of a task.
pub trait TrainingData {
    /// Makes what the data need before a ranker is trained on them, such as features that are learned or settings that
    /// are tuned, and returns the settings to train with. Stages are kept in the checkpoints of `beside`.
    ///
    /// # Errors
    /// When the training of a part fails or is interrupted.
    fn prepare(
        &mut self,
        config: &TrainConfig,
        _extras: &Extras,
        _listener: &mut dyn Listener,
    ) -> Result<TrainConfig> {
        Ok(config.clone())
    }

    /// Describes the data in words.
    fn summary(&self) -> DataSummary;

    /// Returns rankings that need no training, with their values of `measures`, of which the first chooses, on the validation
    /// data.
    fn references(&self, _measures: &[Measure]) -> Vec<Reference> {
        vec![]
    }

    /// Trains `config.method` and what stands `beside` it.
    ///
    /// # Errors
    /// When the data do not fit the settings, or the training is interrupted.
    fn train(
        self: Box<Self>,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<Trained<Box<dyn Ranker>>>;
}
