//! Mean and deviation over runs that differ by their seeds alone: trainings that several machines made, merged.

use std::collections::HashMap;

use super::run::{Outcome, Run};
use crate::error::{Error, Result};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;

/// Settings by which runs of one experiment differ.
const SEEDS: [&str; 2] = ["seed", "data-seed"];

/// Returns the table that each of the `runs` has, with means and standard deviations in the place of its numbers.
pub(super) fn over_seeds(runs: &[Run]) -> Result<Table> {
    let [first, others @ ..] = runs else { return Err(Error::Config("expected folders of runs".into())) };
    if others.is_empty() {
        return Err(Error::Config(format!("{}: a mean needs a second run, of another seed", first.name)));
    }
    for (place, run) in others.iter().enumerate() {
        same_but_seeds(first, run)?;
        let seeds = |run: &Run| SEEDS.map(|name| run.setting(name).map(str::to_owned));
        if let Some(twin) = runs[..=place].iter().find(|other| seeds(other) == seeds(run)) {
            let message = format!("{} and {} have the same seed: name one of them", twin.name, run.name);
            return Err(Error::Config(message));
        }
    }
    let tables = runs.iter().map(table).collect::<Result<Vec<_>>>()?;
    if tables.iter().any(|table| table.header() != tables[0].header()) {
        let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
        return Err(Error::Config(format!("{}: their tables have other columns", names.join(", "))));
    }
    let mut merged = Table::new(tables[0].header().iter().cloned());
    for rows in rows(&tables) {
        let column = |column: usize| -> Vec<&Cell> { rows.iter().map(|row| &row[column]).collect() };
        merged.row((0..rows[0].len()).map(|place| mean(&column(place), runs.len())));
    }
    Ok(merged)
}

/// Returns the rows of all tables that belong together: those of one name, in their order where a table has several. A run may lack some.
fn rows(tables: &[Table]) -> Vec<Vec<&[Cell]>> {
    let mut keys: Vec<(String, usize)> = vec![];
    let mut together: Vec<Vec<&[Cell]>> = vec![];
    for table in tables {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for row in table.rows() {
            let name = row.first().map_or(String::new(), Cell::shown);
            let count = seen.entry(name.clone()).or_default();
            let key = (name, *count);
            *count += 1;
            match keys.iter().position(|known| *known == key) {
                Some(place) => together[place].push(row),
                None => {
                    keys.push(key);
                    together.push(vec![row]);
                }
            }
        }
    }
    together
}

/// Refuses runs that differ by another setting than a seed.
fn same_but_seeds(first: &Run, other: &Run) -> Result<()> {
    let names = first.settings.iter().chain(&other.settings).map(|(name, _)| name.as_str());
    let differs = |name: &&str| !SEEDS.contains(name) && first.setting(name) != other.setting(name);
    let Some(name) = names.into_iter().find(differs) else { return Ok(()) };
    let shown = |run: &Run| format!("{} in {}", run.setting(name).unwrap_or("nothing"), run.name);
    Err(Error::Config(format!(
        "a mean is taken over runs that differ by their seeds alone; `{name}` is {} and {}",
        shown(first),
        shown(other)
    )))
}

/// Returns the table of a finished run.
fn table(run: &Run) -> Result<Table> {
    let table = match &run.outcome {
        Outcome::Ranking(results) => results.as_ref().map(|results| results.plain_table()),
        Outcome::Text(results) => results.as_ref().map(|results| results.table()),
        Outcome::Pairs(results) => results.as_ref().map(|results| results.table()),
        Outcome::Lines(results) => results.as_ref().map(|results| results.table()),
    };
    table.ok_or_else(|| Error::Config(format!("{}: it has not finished", run.name)))
}

/// Returns the mean of the cells of one place, or the different texts. Fewer cells than `runs`, or numbers that are not known, are told.
fn mean(cells: &[&Cell], runs: usize) -> Cell {
    let mut different: Vec<String> = vec![];
    for cell in cells.iter().map(|cell| cell.shown()) {
        if !different.contains(&cell) {
            different.push(cell);
        }
    }
    let known: Vec<f64> = cells.iter().filter_map(|cell| number(cell)).collect();
    let Cell::Number(_, decimals) = cells[0] else { return Cell::from(different.join(", ")) };
    let all_equal = different.len() == 1 && cells.len() == runs;
    if known.is_empty() || all_equal {
        return cells[0].clone();
    }
    let (count, decimals) = (known.len() as f64, (*decimals).max(2));
    let mean = known.iter().sum::<f64>() / count;
    let squares = known.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let deviation = (squares / (count - 1.0)).sqrt(); // NaN of a single value
    let of = if known.len() < runs { format!(" ({} of {runs})", known.len()) } else { String::new() };
    let [mean, deviation] = [mean, deviation].map(|value| Cell::Number(value, decimals).shown());
    Cell::from(format!("{mean} ± {deviation}{of}"))
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(value, _) if !value.is_nan() => Some(*value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_keeps_text_and_tells_what_is_missing() {
        let of = |cells: &[Cell], runs| mean(&cells.iter().collect::<Vec<_>>(), runs);
        let numbers =
            |values: &[f64], runs| of(&values.iter().map(|&x| Cell::Number(x, 3)).collect::<Vec<_>>(), runs);
        assert_eq!(numbers(&[1.0, 2.0, 3.0], 3), "2.000 ± 1.000".into());
        assert_eq!(numbers(&[1.0, f64::NAN, 3.0], 3), "2.000 ± 1.414 (2 of 3)".into());
        assert_eq!(numbers(&[2.0], 2), "2.000 ± – (1 of 2)".into());
        assert_eq!(numbers(&[4.0, 4.0], 2), Cell::Number(4.0, 3));
        assert_eq!(of(&["a".into(), "a".into()], 2), "a".into());
        assert_eq!(of(&["no".into(), "yes".into(), "no".into()], 3), "no, yes".into());
    }

    #[test]
    fn rows_of_one_name_belong_together_in_their_order() {
        let table = |rows: &[(&str, f64)]| {
            let mut table = Table::new(["name", "value"]);
            for &(name, value) in rows {
                table.row([Cell::from(name), Cell::score(value)]);
            }
            table
        };
        let tables = [table(&[("a", 1.0), ("a", 2.0)]), table(&[("b", 3.0), ("a", 4.0), ("a", 5.0)])];
        let found = rows(&tables);
        let values = |rows: &Vec<&[Cell]>| rows.iter().filter_map(|row| number(&row[1])).collect::<Vec<_>>();
        assert_eq!(found.iter().map(values).collect::<Vec<_>>(), [vec![1.0, 4.0], vec![2.0, 5.0], vec![3.0]]);
    }
}
