//! Report of a cross-validation, from its runs and judgements.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::page::{Page, Tone, facts, table};
use super::plot::{Bars, Picture};
use super::run::flatten;
use super::sections::{Difference, differences};
use crate::error::{Error, Result};
use crate::evaluation::significance::{Correction, Test};
use crate::evaluation::table::Cell;
use crate::evaluation::{
    Comparison, ComparisonPlan, Evaluation, Measure, Options, Qrels, Table, compare, evaluate_runs,
};
use crate::files::toml_file;

/// Settings of a cross-validation, beside those of every training.
const RECORD: &str = "cv.toml";

/// Rankings of all test queries by one ranker: values by query as means over the seeds.
struct Ranker {
    name: String,
    /// Means over all queries, one a seed and measure: `[S][M]`.
    by_seed: Vec<Vec<f64>>,
    mean: Evaluation,
}

/// Returns true for the folder of a cross-validation.
pub(super) fn is_cross_validation(folder: &Path) -> bool {
    folder.join(RECORD).is_file()
}

/// Returns the page about a cross-validation.
pub(super) fn page(folder: &Path) -> Result<String> {
    let record: Map<String, Value> = toml_file::read(&folder.join(RECORD))?;
    let config: Map<String, Value> = toml_file::read(&folder.join("config.toml"))?;
    let measures = measures(&record, folder)?;
    let rankers = rankers(folder, &measures)?;
    let name = folder.display().to_string();
    let mut page = Page::new(
        &format!("irgan: {name}"),
        &format!("Made by irgan from the files of the cross-validation {name}."),
    );
    let method = config.get("method").and_then(Value::as_str).unwrap_or_default();
    let method = rankers.iter().position(|ranker| ranker.name == method).unwrap_or(0);
    let found = compared(&rankers, method);
    if let Some(note) = verdict(&rankers, method, &found, &measures[0]) {
        page.note(note.0, &note.1, &note.2);
    }
    let mut rows = vec![];
    flatten("", &Value::Object(record), &mut rows);
    let rows: Vec<_> = rows.into_iter().map(|(name, value)| (name, vec![value])).collect();
    page.section("Comparison on the test data");
    page.paragraph(
        "Every test query is ranked by a model that was trained and chosen without it. Values are means over all test \
         queries, with their deviation over the seeds; differences are of every query's mean over the seeds.",
    );
    let caption = format!("{name}: all test queries");
    page.tables(&[table(&caption, &means(&rankers, &measures), |row| row == method)]);
    let caption = format!("{name}: {} against each ranker, {}", rankers[method].name, measures[0]);
    page.tables(&[table(&caption, &significance(&rankers, &found), |_| false)]);
    page.figures("Gains and losses by query", "", [gains(&rankers, method, &found, &measures[0])]);
    page.section("Settings");
    page.html(&facts("As cv.toml spells them", &[&name], &rows));
    Ok(page.finish())
}

fn measures(record: &Map<String, Value>, folder: &Path) -> Result<Vec<Measure>> {
    let names = record.get("test-measures").and_then(Value::as_array).cloned().unwrap_or_default();
    let measures: Result<Vec<Measure>> =
        names.iter().filter_map(Value::as_str).map(str::parse::<Measure>).collect();
    let measures = measures?;
    match measures.is_empty() {
        true => Err(Error::data(folder.join(RECORD), "test-measures: expected at least 1 measure")),
        false => Ok(measures),
    }
}

/// Evaluates the runs `RANKER-SEED.run`.
fn rankers(folder: &Path, measures: &[Measure]) -> Result<Vec<Ranker>> {
    let failed = |source| Error::io(folder, "read", source);
    let mut paths: Vec<PathBuf> = vec![];
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "run") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(Error::data(folder, "holds no run: the cross-validation has not finished"));
    }
    let options = Options { complete: true, ..Options::default() };
    let evaluations = evaluate_runs(&Qrels::read(folder.join("qrels.txt"))?, &paths, measures, &options)?;
    let mut rankers: Vec<Ranker> = vec![];
    for evaluation in evaluations {
        let name =
            evaluation.name.rsplit_once('-').map_or(evaluation.name.as_str(), |(name, _)| name).to_owned();
        let means: Vec<f64> = (0..measures.len()).map(|measure| evaluation.mean(measure)).collect();
        match rankers.iter_mut().find(|ranker| ranker.name == name) {
            Some(known) if known.mean.queries == evaluation.queries => {
                known.by_seed.push(means);
                known.mean.values += &evaluation.values;
            }
            _ => rankers.push(Ranker { name, by_seed: vec![means], mean: evaluation }),
        }
    }
    for ranker in &mut rankers {
        ranker.mean.values /= ranker.by_seed.len() as f64;
    }
    rankers.sort_by(|a, b| b.mean.mean(0).total_cmp(&a.mean.mean(0)));
    Ok(rankers)
}

/// Compares `method` with every other ranker by the first measure.
fn compared(rankers: &[Ranker], method: usize) -> Vec<Comparison> {
    let evaluations: Vec<Evaluation> = rankers.iter().map(|ranker| ranker.mean.clone()).collect();
    // Players of the same game are no rivals of the one that was chosen among them.
    let of_method = format!("{}-", rankers[method].name);
    let others = (0..rankers.len()).filter(|&r| r != method && !rankers[r].name.starts_with(&of_method));
    let pairs: Vec<(usize, usize)> = others.map(|other| (other, method)).collect();
    let plan = ComparisonPlan { test: Test::default(), correction: Correction::Holm, seed: 0, alpha: 0.05 };
    compare(&evaluations, &pairs, &plan).into_iter().filter(|comparison| comparison.measure == 0).collect()
}

/// Returns the comparison with the best of the others.
fn with_best(found: &[Comparison]) -> Option<&Comparison> {
    found.iter().max_by(|a, b| a.base_mean.total_cmp(&b.base_mean))
}

fn verdict(
    rankers: &[Ranker],
    method: usize,
    found: &[Comparison],
    measure: &Measure,
) -> Option<(Tone, String, String)> {
    let best = with_best(found)?;
    let (tone, words) = match (best.adjusted < 0.05, best.effect.mean > 0.0) {
        (true, true) => (Tone::Good, "better by more than chance"),
        (true, false) => (Tone::Warn, "worse by more than chance"),
        _ => (Tone::Plain, "no difference is shown"),
    };
    let text = format!(
        "{measure} {:.4} on the test data. The best of the others, {}, has {:.4}: {:+.4}, {words} (Fisher with Holm's \
         correction, p = {:.3}).",
        best.other_mean, rankers[best.base].name, best.base_mean, best.effect.mean, best.adjusted
    );
    Some((tone, format!("{}.", rankers[method].name), text))
}

fn means(rankers: &[Ranker], measures: &[Measure]) -> Table {
    let first = ["ranker".to_owned(), "seeds".to_owned()];
    let mut rows = Table::new(first.into_iter().chain(measures.iter().map(Measure::to_string)));
    for Ranker { name, by_seed, .. } in rankers {
        let count = by_seed.len() as f64;
        let cell = |measure: usize| {
            let mean = by_seed.iter().map(|values| values[measure]).sum::<f64>() / count;
            let squares = by_seed.iter().map(|values| (values[measure] - mean).powi(2)).sum::<f64>();
            match by_seed.len() {
                1 => Cell::score(mean),
                _ => Cell::from(format!("{mean:.4} ± {:.4}", (squares / (count - 1.0)).sqrt())),
            }
        };
        let first = [Cell::from(name.as_str()), Cell::count(by_seed.len())];
        rows.row(first.into_iter().chain((0..measures.len()).map(cell)));
    }
    rows
}

fn significance(rankers: &[Ranker], found: &[Comparison]) -> Table {
    differences(
        "ranker",
        found.iter().map(|one| Difference {
            name: &rankers[one.base].name,
            scores: [one.effect.mean, one.effect.low, one.effect.high, one.p_value, one.adjusted],
            wins_ties_losses: one.wins_ties_losses,
            resolvable: one.resolvable,
        }),
    )
}

/// Returns sorted bars against the best of the others.
fn gains(rankers: &[Ranker], method: usize, found: &[Comparison], measure: &Measure) -> Option<Picture> {
    let base = &rankers[with_best(found)?.base];
    let pairs = rankers[method].mean.values.column(0).into_iter().zip(base.mean.values.column(0));
    let bars = Bars {
        title: format!("{} minus {}", rankers[method].name, base.name),
        caption: "Of every test query, as mean over the seeds.".into(),
        y: format!("difference in {measure}"),
        differences: pairs.map(|(mine, other)| mine - other).collect(),
    };
    bars.picture()
}
