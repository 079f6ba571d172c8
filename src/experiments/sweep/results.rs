//! Results of a sweep by point and by training, and the point that is chosen.

use toml::Value;

use super::space::Space;
use super::{Outcome, Point, shown};
use crate::error::{Error, Result};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;

/// Outcomes of every point with every seed.
#[derive(Debug)]
pub struct SweepResults {
    /// Settings that vary.
    pub keys: Vec<String>,
    /// For each of them, `true` when its values lie on a logarithmic scale.
    pub log: Vec<bool>,
    /// Choosing measure.
    pub measure: String,
    /// Settings that were tried.
    pub points: Vec<Point>,
    seeds: Vec<u64>,
    outcomes: Vec<Outcome>, // points × seeds
}

/// Mean and standard deviation of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of a sample; none of one value.
    pub deviation: Option<f64>,
}

impl Spread {
    /// Returns mean and deviation of `values`.
    pub fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        Self { mean, deviation: (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()) }
    }

    /// Returns the cell of a table: a number where there is no deviation.
    pub fn cell(self) -> Cell {
        match self.deviation {
            None => Cell::score(self.mean),
            Some(_) => Cell::from(self.to_string()),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.deviation {
            None => write!(f, "{:.4}", self.mean),
            Some(deviation) => write!(f, "{:.4} ± {deviation:.4}", self.mean),
        }
    }
}

impl SweepResults {
    /// Joins points and seeds with their `outcomes`, of which there is one a point and seed, the seeds of a point together.
    pub(super) fn new(
        space: &Space,
        measure: &str,
        points: Vec<Point>,
        seeds: Vec<u64>,
        outcomes: Vec<Outcome>,
    ) -> Self {
        assert_eq!(outcomes.len(), points.len() * seeds.len(), "one outcome a training");
        let keys: Vec<String> = space.keys().into_iter().map(ToOwned::to_owned).collect();
        let log = (0..keys.len()).map(|axis| space.is_log(axis)).collect();
        Self { keys, log, measure: measure.to_owned(), points, seeds, outcomes }
    }

    fn of_point(&self, point: usize) -> &[Outcome] {
        &self.outcomes[point * self.seeds.len()..][..self.seeds.len()]
    }

    /// Returns the measure of a point over its seeds; none when a training failed.
    pub fn spread(&self, point: usize) -> Option<Spread> {
        let outcomes = self.of_point(point);
        let whole = outcomes.iter().all(|outcome| outcome.failure.is_none() && outcome.value.is_finite());
        whole.then(|| Spread::of(&outcomes.iter().map(|outcome| outcome.value).collect::<Vec<_>>()))
    }

    /// Returns the values of key number `axis` of all points that finished, with their measures.
    pub fn along<'a>(&'a self, axis: usize) -> Vec<(&'a Value, Spread)> {
        let finished =
            |(number, point): (usize, &'a Point)| Some((&point.values[axis], self.spread(number)?));
        self.points.iter().enumerate().filter_map(finished).collect()
    }

    /// Returns `key=value` of every key that varies, for a point.
    pub fn named(&self, point: usize) -> String {
        let parts = self.keys.iter().zip(&self.points[point].values);
        parts.map(|(key, value)| format!("{key}={}", shown(value))).collect::<Vec<_>>().join(" ")
    }

    /// Points by mean, best first and the first of equals before others; those that failed last.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.points.len()).collect();
        let mean = |point: usize| self.spread(point).map_or(f64::NEG_INFINITY, |spread| spread.mean);
        order.sort_by(|&a, &b| mean(b).total_cmp(&mean(a)));
        order
    }

    /// Returns the number of the best point, from 0; none when all failed.
    pub fn chosen(&self) -> Option<usize> {
        self.order().first().copied().filter(|&best| self.spread(best).is_some())
    }

    /// Returns why the first training that failed did.
    pub fn first_failure(&self) -> &str {
        self.outcomes.iter().find_map(|outcome| outcome.failure.as_deref()).unwrap_or("no value is a number")
    }

    /// Returns one row a point, best first.
    pub fn table(&self) -> Table {
        let header = ["point"].into_iter().chain(self.keys.iter().map(String::as_str)).map(str::to_owned);
        let mut table =
            Table::new(header.chain([format!("validation {}", self.measure), "failed".to_owned()]));
        for point in self.order() {
            let mut cells = vec![Cell::count(point + 1)];
            cells.extend(self.points[point].values.iter().map(|value| match value {
                Value::Integer(number) => Cell::Number(*number as f64, 0),
                other => Cell::from(shown(other)),
            }));
            cells.push(match self.spread(point) {
                None => Cell::from("–"),
                Some(spread) => spread.cell(),
            });
            let failed = self.of_point(point).iter().filter(|outcome| outcome.failure.is_some()).count();
            cells.push(Cell::count(failed));
            table.row(cells);
        }
        table
    }

    /// Returns one row a training, numbers in full.
    pub(super) fn csv(&self) -> Result<String> {
        let broken = |cause: &dyn std::fmt::Display| Error::data("sweep.csv", cause.to_string());
        let mut writer = csv::Writer::from_writer(vec![]);
        let header = ["point", "seed"].into_iter().chain(self.keys.iter().map(String::as_str));
        writer
            .write_record(header.chain([self.measure.as_str(), "failure"]))
            .map_err(|cause| broken(&cause))?;
        for (point, tried) in self.points.iter().enumerate() {
            for (seed, outcome) in self.seeds.iter().zip(self.of_point(point)) {
                let mut row = vec![(point + 1).to_string(), seed.to_string()];
                row.extend(tried.values.iter().map(|value| match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                }));
                row.push(outcome.value.to_string());
                row.push(outcome.failure.clone().unwrap_or_default());
                writer.write_record(row).map_err(|cause| broken(&cause))?;
            }
        }
        let bytes = writer.into_inner().map_err(|cause| broken(&cause))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_mean_and_sample_deviation() {
        // mean 2; (1 + 0 + 1) / (3 − 1) = 1
        assert_eq!(Spread::of(&[1.0, 2.0, 3.0]), Spread { mean: 2.0, deviation: Some(1.0) });
        assert_eq!(Spread::of(&[0.5]).to_string(), "0.5000");
    }
}
