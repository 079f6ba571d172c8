//! Folder of a run, read for its report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::files::{json_file, model_folder, toml_file};
use crate::report::results::{
    FILE, LineResults, OLD_TEXT_FILE, PairResults, RankingResults, TextResults, Timing,
};
use crate::runs::{FolderKind, read_rows};

/// Files of a run as far as they are there.
pub(super) struct Run {
    /// Folder as it was named.
    pub name: String,
    /// Every setting by its dotted name, as `config.toml` spells it.
    pub settings: Vec<(String, String)>,
    /// Time and threads; none before the end.
    pub timing: Option<Timing>,
    pub outcome: Outcome,
    /// Lines of every round of a training of lines, as `samples.tsv` keeps them.
    pub samples: String,
    phases: Vec<String>,
    curves: BTreeMap<(String, String), Vec<(f64, f64)>>,
}

/// Results of a run; none while it is training, or when it was interrupted.
pub(super) enum Outcome {
    Ranking(Option<Box<RankingResults>>),
    Text(Option<Box<TextResults>>),
    Pairs(Option<Box<PairResults>>),
    Lines(Option<Box<LineResults>>),
}

impl Run {
    /// Reads `folder`; refuses one that no training made.
    pub fn read(folder: &Path) -> Result<Self> {
        for name in ["config.toml", "metrics.csv"] {
            if !folder.join(name).is_file() {
                return Err(not_a_run(folder, name));
            }
        }
        // JSON has room for every seed; a TOML value has not.
        let config: Map<String, Value> = toml_file::read(&folder.join("config.toml"))?;
        let outcome = match config.contains_key("method") {
            true => Outcome::Ranking(finished(&folder.join(FILE), RankingResults::read)?),
            false if config.contains_key("critic") => {
                Outcome::Lines(finished(&folder.join(FILE), LineResults::read)?)
            }
            false if config.contains_key("systems") => {
                Outcome::Pairs(finished(&folder.join(FILE), PairResults::read)?)
            }
            false => Outcome::Text(finished(&text_results(folder), TextResults::read)?),
        };
        let mut run = Self {
            name: folder.display().to_string(),
            settings: vec![],
            timing: finished(&folder.join("timing.json"), json_file::read::<Timing>)?.map(|timing| *timing),
            outcome,
            samples: std::fs::read_to_string(folder.join("samples.tsv")).unwrap_or_default(),
            phases: vec![],
            curves: BTreeMap::new(),
        };
        flatten("", &Value::Object(config), &mut run.settings);
        for row in read_rows(&folder.join("metrics.csv"), !run.is_open())? {
            if !run.phases.contains(&row.phase) {
                run.phases.push(row.phase.clone());
            }
            run.curves.entry((row.phase, row.metric)).or_default().push((row.step as f64, row.value));
        }
        Ok(run)
    }

    /// Returns the phases in the order they began.
    pub fn phases(&self) -> &[String] {
        &self.phases
    }

    /// Returns the number of steps of a phase that were logged.
    pub fn last_step(&self, phase: &str) -> usize {
        let of_phase = self.curves.iter().filter(|((known, _), _)| known == phase);
        let steps = of_phase.flat_map(|(_, points)| points.last()).map(|point| point.0 as usize);
        steps.max().unwrap_or(0)
    }

    /// Returns the values of a metric in a phase, (step, value); empty when it was not measured.
    pub fn curve(&self, phase: &str, metric: &str) -> &[(f64, f64)] {
        self.curves.get(&(phase.to_owned(), metric.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Returns a setting by its dotted name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the results of a ranking run that has finished.
    pub fn ranking(&self) -> Option<&RankingResults> {
        match &self.outcome {
            Outcome::Ranking(results) => results.as_deref(),
            _ => None,
        }
    }

    /// Returns the results of a text run that has finished.
    pub fn text(&self) -> Option<&TextResults> {
        match &self.outcome {
            Outcome::Text(results) => results.as_deref(),
            _ => None,
        }
    }

    /// Returns the results of a run on pairs that has finished.
    pub fn pairs(&self) -> Option<&PairResults> {
        match &self.outcome {
            Outcome::Pairs(results) => results.as_deref(),
            _ => None,
        }
    }

    /// Returns the results of a run on lines that has finished.
    pub fn lines(&self) -> Option<&LineResults> {
        match &self.outcome {
            Outcome::Lines(results) => results.as_deref(),
            _ => None,
        }
    }

    /// Returns true for a run that has not finished.
    pub fn is_open(&self) -> bool {
        matches!(
            self.outcome,
            Outcome::Ranking(None) | Outcome::Text(None) | Outcome::Pairs(None) | Outcome::Lines(None)
        )
    }
}

/// Tells what is there in the place of the folder of a training, in which the file `missing` is expected.
fn not_a_run(folder: &Path, missing: &str) -> Error {
    let training = || {
        let trainings = model_folder::models_below(folder);
        trainings.first().map_or(String::new(), |one| format!("; of its trainings {} is one", one.display()))
    };
    Error::data(
        folder,
        if !folder.exists() {
            "there is no such folder".to_owned()
        } else if !folder.is_dir() {
            "a file, not the folder of a training".to_owned()
        } else if FolderKind::SWEEP.made(folder) {
            let when = "a sweep that has not ended; the command that began it resumes it";
            format!("{when}, and its page is made then{}", training())
        } else if FolderKind::CROSS_VALIDATION.made(folder) {
            "a cross-validation, which has a page of its own, and neither a picture nor others beside it"
                .to_owned()
        } else {
            let what = "not the folder of a training run";
            format!("{what}: {missing} is missing; name one that `train` made{}", training())
        },
    )
}

/// Returns the finished rankings among `runs` with their results.
pub(super) fn rankings(runs: &[Run]) -> impl Iterator<Item = (&Run, &RankingResults)> {
    runs.iter().filter_map(|run| Some((run, run.ranking()?)))
}

/// Returns the finished runs on pairs among `runs` with their results.
pub(super) fn on_pairs(runs: &[Run]) -> impl Iterator<Item = (&Run, &PairResults)> {
    runs.iter().filter_map(|run| Some((run, run.pairs()?)))
}

/// Returns the finished runs on lines among `runs` with their results.
pub(super) fn on_lines(runs: &[Run]) -> impl Iterator<Item = (&Run, &LineResults)> {
    runs.iter().filter_map(|run| Some((run, run.lines()?)))
}

/// Returns the finished text runs among `runs` with their results.
pub(super) fn texts(runs: &[Run]) -> impl Iterator<Item = (&Run, &TextResults)> {
    runs.iter().filter_map(|run| Some((run, run.text()?)))
}

/// Returns the results of a text run: the file of an older version where it is the only one.
fn text_results(folder: &Path) -> PathBuf {
    let (path, old) = (folder.join(FILE), folder.join(OLD_TEXT_FILE));
    if !path.is_file() && old.is_file() { old } else { path }
}

/// Reads a file that is written when a run ends.
fn finished<T>(path: &Path, read: impl Fn(&Path) -> Result<T>) -> Result<Option<Box<T>>> {
    if path.is_file() { Ok(Some(Box::new(read(path)?))) } else { Ok(None) }
}

/// Adds the settings of nested tables by dotted names.
pub(super) fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(&name, value, into);
            }
        }
        Value::String(text) => into.push((name.to_owned(), text.clone())),
        other => into.push((name.to_owned(), other.to_string())),
    }
}
