//! A run's folder, read for its report.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::files::{json_file, toml_file};
use crate::report::results::{RankingResults, TextResults, Timing};
use crate::runs::read_rows;

/// What is there of a run.
pub(super) struct Run {
    /// The folder, as it was named.
    pub name: String,
    /// Every setting by its dotted name, as `config.toml` spells it.
    pub settings: Vec<(String, String)>,
    /// Time and threads, when it has finished.
    pub timing: Option<Timing>,
    pub outcome: Outcome,
    phases: Vec<String>,
    curves: BTreeMap<(String, String), Vec<(f64, f64)>>,
}

/// What a run ended with; nothing while it goes on, or when it was interrupted.
pub(super) enum Outcome {
    Ranking(Option<Box<RankingResults>>),
    Text(Option<Box<TextResults>>),
}

impl Run {
    /// Reads `folder`; refuses one that no training made.
    pub fn read(folder: &Path) -> Result<Self> {
        for name in ["config.toml", "metrics.csv"] {
            if !folder.join(name).is_file() {
                return Err(Error::data(
                    folder,
                    format!(
                        "not the folder of a training run: {name} is missing; name one that `train` made"
                    ),
                ));
            }
        }
        // JSON has room for every seed; a TOML value has not.
        let config: Map<String, Value> = toml_file::read(&folder.join("config.toml"))?;
        let outcome = match config.contains_key("method") {
            true => Outcome::Ranking(finished(&folder.join("results.json"))?),
            false => Outcome::Text(finished(&folder.join("report.json"))?),
        };
        let mut run = Self {
            name: folder.display().to_string(),
            settings: vec![],
            timing: finished(&folder.join("timing.json"))?.map(|timing| *timing),
            outcome,
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

    /// The phases in the order they began.
    pub fn phases(&self) -> &[String] {
        &self.phases
    }

    /// How many steps of a phase were logged.
    pub fn last_step(&self, phase: &str) -> usize {
        let of_phase = self.curves.iter().filter(|((known, _), _)| known == phase);
        let steps = of_phase.flat_map(|(_, points)| points.last()).map(|point| point.0 as usize);
        steps.max().unwrap_or(0)
    }

    /// The values of a metric in a phase, (step, value); empty when it was not measured.
    pub fn curve(&self, phase: &str, metric: &str) -> &[(f64, f64)] {
        self.curves.get(&(phase.to_owned(), metric.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// A setting by its dotted name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it has not finished.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome, Outcome::Ranking(None) | Outcome::Text(None))
    }
}

/// A file that is written when a run ends.
fn finished<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<Box<T>>> {
    if path.is_file() { Ok(Some(Box::new(json_file::read(path)?))) } else { Ok(None) }
}

/// Settings of nested tables by dotted names.
fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
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
