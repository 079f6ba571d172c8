//! Settings by their names: what Python calls those of an error, and choices that are given as words.

use irgan::files::overlaid;
use irgan::ranking::{Method, Preset, Task, TrainConfig, refuse_foreign};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use toml::Table;

use crate::error::checked;

/// Settings and options that are keyword arguments or calls of their own, each with its Python.
const KEYWORDS: &[(&str, &str)] = &[
    ("bag", "bag=…"),
    ("bm25.b", "b=…"),
    ("bm25.k1", "k1=…"),
    ("compare.alpha", "alpha=…"),
    ("corpus.max-len", "max_len=…"),
    ("corpus.min-count", "min_count=…"),
    ("corpus.validation", "valid=…"),
    ("draws.count", "n=…"),
    ("feedback.original", "feedback={'original': …}"),
    ("index.build", "irgan.Index.build(path, documents)"),
    ("index.folder", "path"),
    ("index.force", "force=True"),
    ("index.rebuild", "irgan.Index.build(…, force=True)"),
    ("interactions.ratings", "fit(ratings)"),
    ("lm-dirichlet.mu", "mu=…"),
    ("lm-jm.lambda", "lambda_=…"),
    ("model.folder", "load(folder)"),
    ("positives.least", "positive=…"),
    ("ratings.validation", "valid=…"),
    ("run.folder", "save(folder)"),
    ("run.force", "force=True"),
    ("search.field", "field=…"),
    ("split.order", "split=…"),
    ("split.share", "valid_share=…"),
    ("task.data", "predict(X)"),
    ("task.index", "irgan.Index"),
    ("trees.build", "MATURIN_PEP517_ARGS='--features trees' pip install ./bindings/python"),
];

/// Tables of settings that `settings` takes by their dotted names.
const TABLES: &[&str] = &[
    "adversarial",
    "answers",
    "choice",
    "discriminator",
    "ensemble",
    "evaluation",
    "fit",
    "generator",
    "interactions",
    "mle",
    "schedule",
    "scorer",
    "trees",
];

/// Returns what Python calls a setting that a message names.
pub(crate) fn keyword(setting: &str) -> Option<String> {
    if let Some((_, keyword)) = KEYWORDS.iter().find(|(name, _)| *name == setting) {
        return Some((*keyword).to_owned());
    }
    let (table, _) = setting.split_once('.')?;
    TABLES.contains(&table).then(|| format!("settings={{'{setting}': …}}"))
}

/// Returns the choice of this `word` for the keyword `name`.
pub(crate) fn chosen<T: DeserializeOwned>(name: &str, word: &str) -> PyResult<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|cause| PyValueError::new_err(format!("{name}: {cause}")))
}

/// Returns settings that Python wrote as JSON.
pub(crate) fn table(json: &str) -> PyResult<Table> {
    serde_json::from_str(json).map_err(|cause| PyValueError::new_err(format!("settings: {cause}")))
}

/// Method, preset and further settings of a training: the last as JSON.
#[derive(FromPyObject)]
pub(crate) struct Settings(String, String, String);

impl Settings {
    /// Returns the settings of a ranker's training by `task`: those of the preset for the method, with the further ones in their place.
    pub(crate) fn train_config(&self, py: Python<'_>, task: &dyn Task) -> PyResult<TrainConfig> {
        let Self(method, preset, settings) = self;
        let (method, preset) = (chosen::<Method>("method", method)?, chosen::<Preset>("preset", preset)?);
        let over = table(settings)?;
        let config = TrainConfig::changed(task.preset(preset, method), |preset| overlaid(&preset, &over));
        checked(py, config.and_then(|config| refuse_foreign(task, &config, &[]).map(|()| config)))
    }
}
