//! Description of a trained ranker from its folder: kind, players, data, features, settings.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::results::{self, RankingResults};
use crate::error::{Error, Result};
use crate::files::{model_folder, toml_file};
use crate::ranking::kind_of;
use crate::runs::RunRecord;

/// Properties of the model in `folder`, each with its name; the values are texts, numbers, lists and, for settings,
/// tables. What a folder does not tell, such as the data of a baseline inside a run, is left out.
///
/// # Errors
/// When there is no ranker, or a file of its folder is damaged.
pub fn inspect(folder: &Path) -> Result<Map<String, Value>> {
    let kind = kind_of(folder)?;
    let path = folder.join(model_folder::DESCRIPTION);
    let description: toml::Table = toml_file::read_written(&path)?;
    let mut found = Map::new();
    let retrieval = folder.join("retrieval.toml");
    found.insert("model".into(), json!(folder.display().to_string()));
    found.insert("kind".into(), json!(spelt(&kind, retrieval.is_file())));
    players(&description, folder, &mut found)?;
    training(folder, &mut found)?;
    results(folder, &mut found)?;
    sizes(&description, &mut found);
    for (name, file) in [("retrieval", "retrieval.toml"), ("settings", "config.toml")] {
        let path = folder.join(file);
        if path.is_file() {
            let table: toml::Table = toml_file::read_written(&path)?;
            found.insert(name.into(), json!(table));
        }
    }
    Ok(found)
}

/// Returns the kind of data in words.
fn spelt(kind: &str, has_retrieval: bool) -> &str {
    match kind {
        "features" if has_retrieval => "re-ranker of the texts of an index",
        "features" => "ranker of feature vectors",
        "interactions" => "recommender of items to users",
        "answers" => "ranker of the answers to a question",
        other => other,
    }
}

/// Adds method, players and networks.
fn players(description: &toml::Table, folder: &Path, found: &mut Map<String, Value>) -> Result<()> {
    let Some(players) = description.get("players").and_then(toml::Value::as_table) else { return Ok(()) };
    let text = |key: &str| players.get(key).and_then(toml::Value::as_str).unwrap_or_default();
    found.insert("method".into(), json!(text("method")));
    found.insert("player".into(), json!(player(text("chosen"))));
    if let Some(bag) = description.get("bag").and_then(toml::Value::as_table) {
        found.insert("models".into(), json!(bag.get("models")));
        found.insert(
            "player".into(),
            json!(player(bag.get("chosen").and_then(toml::Value::as_str).unwrap_or_default())),
        );
    }
    let names = players.get("networks").and_then(toml::Value::as_array).into_iter().flatten();
    let mut networks = Map::new();
    for name in names.filter_map(toml::Value::as_str) {
        networks.insert(name.to_owned(), json!(parameters(&folder.join(format!("{name}.safetensors")))?));
    }
    found.insert("parameters".into(), Value::Object(networks));
    Ok(())
}

/// Returns a player's name in words.
fn player(name: &str) -> &str {
    match name {
        "g" => "generator",
        "d" => "discriminator",
        "both" => "both players",
        "each" => "each model's choice",
        other => other,
    }
}

/// Returns the number of parameters in a safetensors file of f32 values: what stands behind its header.
fn parameters(path: &Path) -> Result<u64> {
    let read = || -> std::io::Result<u64> {
        let mut file = std::fs::File::open(path)?;
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let behind = u64::from_le_bytes(header).saturating_add(8);
        Ok(file.metadata()?.len().saturating_sub(behind) / 4)
    };
    read().map_err(|source| Error::io(path, "read", source))
}

/// Adds how the training was begun and on which files.
fn training(folder: &Path, found: &mut Map<String, Value>) -> Result<()> {
    if !folder.join("run.toml").is_file() {
        return Ok(());
    }
    let record: RunRecord = toml_file::read_written(&folder.join("run.toml"))?;
    let program = Path::new(record.arguments.first().map_or("", String::as_str));
    let name = program.file_name().map_or("irgan".into(), |name| name.to_string_lossy().into_owned());
    let words = std::iter::once(name).chain(record.arguments.iter().skip(1).cloned());
    found.insert("command".into(), json!(words.collect::<Vec<_>>().join(" ")));
    found.insert("version".into(), json!(record.version));
    let files = record.data.iter().map(|file| format!("{} ({} bytes)", file.path.display(), file.bytes));
    found.insert("files".into(), json!(files.collect::<Vec<_>>()));
    Ok(())
}

/// Adds the data in words, and the validation measures of the chosen player and of the baselines.
fn results(folder: &Path, found: &mut Map<String, Value>) -> Result<()> {
    let path = folder.join(results::FILE);
    if !path.is_file() {
        return Ok(());
    }
    let results = RankingResults::read(&path)?;
    found.insert("training".into(), json!(results.data.training));
    found.insert("validation".into(), json!(results.data.validation));
    let measured = |values: &[f64]| {
        let pairs = results.measures.iter().zip(values).map(|(name, value)| (name.clone(), json!(value)));
        Value::Object(pairs.collect())
    };
    found.insert("chosen-by".into(), json!(results.measures.first()));
    if let Some(row) = results.winner() {
        found.insert("measures".into(), measured(&row.values));
    }
    let baselines = results.baselines().map(|row| (row.method.to_string(), measured(&row.values)));
    let baselines: Map<_, _> = baselines.collect();
    if !baselines.is_empty() {
        found.insert("baselines".into(), Value::Object(baselines));
    }
    Ok(())
}

/// Adds the numbers of what is ranked, and the features that were chosen.
fn sizes(description: &toml::Table, found: &mut Map<String, Value>) {
    for key in ["features", "file-features", "selection", "users", "items"] {
        if let Some(value) = description.get(key) {
            found.insert(key.into(), json!(value));
        }
    }
    let normalizer = description.get("normalizer").and_then(toml::Value::as_table);
    if let Some(kind) = normalizer.and_then(|normalizer| normalizer.get("kind")) {
        found.insert("normalization".into(), json!(kind));
    }
}
