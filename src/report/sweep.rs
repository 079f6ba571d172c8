//! Report of a sweep, from `sweep.csv`, `sweep.svg` and what was found on test data.

use std::path::Path;

use serde_json::{Map, Value};

use super::escape::escaped;
use super::page::{Page, Tone, details, facts, table};
use super::run::flatten;
use crate::error::{Error, Result};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::files::toml_file;

/// Rows of `sweep.csv`: one a training.
const TRAININGS: &str = "sweep.csv";
const PICTURE: &str = "sweep.svg";

/// Trainings of one point of a sweep.
struct Tried {
    number: usize,
    settings: Vec<String>,
    values: Vec<f64>, // one a seed; NaN where a training failed
}

/// Returns true for the folder of a sweep that has finished.
pub(super) fn is_sweep(folder: &Path) -> bool {
    folder.join(TRAININGS).is_file()
}

/// Returns the page about a sweep.
pub(super) fn page(folder: &Path) -> Result<String> {
    let (keys, measure, points) = read(&folder.join(TRAININGS))?;
    let name = folder.display().to_string();
    let mut page =
        Page::new(&format!("irgan: {name}"), &format!("Made by irgan from the files of the sweep {name}."));
    if let Some(best) = points.iter().find(|point| point.mean().is_finite()) {
        let settings: Vec<String> =
            keys.iter().zip(&best.settings).map(|(key, value)| format!("{key} {value}")).collect();
        page.note(
            Tone::Plain,
            &format!("Chosen: point {}.", best.number),
            &format!("{}: {measure} {} on the validation data.", settings.join(", "), best.shown()),
        );
    }
    page.section("Points");
    page.paragraph(
        "Every point is a choice of the settings that vary; values are those of the validation data, by which the best \
         point is chosen, as mean and deviation over the seeds.",
    );
    page.tables(&[table(&format!("{name}: best first"), &listed(&keys, &measure, &points), |row| row == 0)]);
    let tested: Option<Map<String, Value>> = optional(&folder.join("test.toml"))?;
    if let Some(tested) = tested {
        page.section("Test data");
        page.paragraph("Ranked once, after choosing, by the trainings of the chosen point.");
        page.tables(&[table(&format!("{name}: one row a seed"), &of_test_data(&tested), |_| false)]);
    }
    if let Ok(picture) = picture(folder) {
        page.section("Settings");
        page.html(&figure(&picture, &measure));
    }
    if let Some(plan) = optional::<Map<String, Value>>(&folder.join("sweep.toml"))? {
        let mut settings = vec![];
        flatten("", &plan.get("settings").cloned().unwrap_or_default(), &mut settings);
        let rows: Vec<_> = settings.into_iter().map(|(name, value)| (name, vec![value])).collect();
        page.html(&details("All settings", &facts("Before any varies", &[&name], &rows)));
    }
    Ok(page.finish())
}

/// Returns the picture of a sweep as an SVG file.
pub(super) fn picture(folder: &Path) -> Result<String> {
    let path = folder.join(PICTURE);
    std::fs::read_to_string(&path).map_err(|source| Error::io(path, "read", source))
}

/// Returns the settings that vary, the measure, and the points, best first.
fn read(path: &Path) -> Result<(Vec<String>, String, Vec<Tried>)> {
    let broken = |cause: csv::Error| Error::data(path, cause.to_string());
    let mut reader = csv::Reader::from_path(path).map_err(broken)?;
    let header: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
    let [point, seed, keys @ .., measure, failure] = &header[..] else {
        return Err(unknown(path));
    };
    if (point.as_str(), seed.as_str(), failure.as_str()) != ("point", "seed", "failure") {
        return Err(unknown(path));
    }
    let mut points: Vec<Tried> = vec![];
    for row in reader.records() {
        let row = row.map_err(broken)?;
        let number = row[0].parse().map_err(|_| unknown(path))?;
        let value = row[header.len() - 2].parse().unwrap_or(f64::NAN);
        let value = if row[header.len() - 1].is_empty() { value } else { f64::NAN };
        if points.last().is_none_or(|last| last.number != number) {
            let settings = row.iter().skip(2).take(keys.len()).map(str::to_owned).collect();
            points.push(Tried { number, settings, values: vec![] });
        }
        points.last_mut().expect("pushed before").values.push(value);
    }
    // A point that failed is not finite, and comes last.
    let key = |point: &Tried| if point.mean().is_finite() { point.mean() } else { f64::NEG_INFINITY };
    points.sort_by(|a, b| key(b).total_cmp(&key(a)));
    Ok((keys.to_vec(), measure.clone(), points))
}

fn unknown(path: &Path) -> Error {
    Error::data(
        path,
        "expected the columns point, seed, settings, a measure and failure, as `irgan sweep` writes them",
    )
}

impl Tried {
    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Returns mean and deviation over the seeds, in words.
    fn shown(&self) -> String {
        let (mean, count) = (self.mean(), self.values.len() as f64);
        let squares = self.values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        match self.values.len() {
            _ if !mean.is_finite() => "–".into(),
            1 => format!("{mean:.4}"),
            _ => format!("{mean:.4} ± {:.4}", (squares / (count - 1.0)).sqrt()),
        }
    }
}

fn listed(keys: &[String], measure: &str, points: &[Tried]) -> Table {
    let first = ["point".to_owned()].into_iter().chain(keys.iter().cloned());
    let mut rows = Table::new(first.chain([measure.to_owned(), "failed".to_owned()]));
    for point in points {
        let failed = point.values.iter().filter(|value| !value.is_finite()).count();
        let settings = point.settings.iter().map(|value| Cell::from(value.as_str()));
        let first = std::iter::once(Cell::from(point.number.to_string())).chain(settings);
        rows.row(first.chain([Cell::from(point.shown()), Cell::count(failed)]));
    }
    rows
}

/// Returns the table of `test.toml`.
fn of_test_data(tested: &Map<String, Value>) -> Table {
    let list = |name: &str| tested.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let measures: Vec<String> =
        list("measures").iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect();
    let mut rows = Table::new(std::iter::once("training".to_owned()).chain(measures.iter().cloned()));
    for (number, values) in (1..).zip(list("values")) {
        let value = |index: usize| values.get(index).and_then(Value::as_f64).unwrap_or(f64::NAN);
        let cells = (0..measures.len()).map(|index| Cell::score(value(index)));
        rows.row(std::iter::once(Cell::from(number.to_string())).chain(cells));
    }
    rows
}

/// Returns the picture inside the page, which needs no name space.
fn figure(svg: &str, measure: &str) -> String {
    let svg = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    format!(
        "<figure class=\"whole\">{svg}\n<figcaption><b>The settings.</b> A dot and a bar are mean and deviation of {} of one \
         point; a ring is the mean over all points of the same value.</figcaption></figure>\n",
        escaped(measure)
    )
}

/// Reads a TOML file that need not be there.
fn optional<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    if path.is_file() { toml_file::read(path).map(Some) } else { Ok(None) }
}
