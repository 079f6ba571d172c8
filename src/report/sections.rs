//! Sections that reports share: the runs, their data and their settings, and differences between rankers.

use super::page::{Page, Tone, details, facts};
use super::run::Run;
use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::report::results::DataSummary;

/// Begins a page with its title and with notes on runs that have not finished.
pub(super) fn opening(program: &str, runs: &[Run]) -> Page {
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let title = match names[..] {
        [one] => format!("{program}: {one}"),
        _ => format!("{program}: {} runs side by side", names.len()),
    };
    let mut page = Page::new(&title, &format!("Made by {program} from the files of {}.", names.join(", ")));
    for run in runs.iter().filter(|run| run.is_open()) {
        let text = "It is still training, or it was interrupted; the curves show what it has logged so far.";
        page.note(Tone::Warn, &format!("{} has not finished.", run.name), text);
    }
    page
}

/// Adds data, version, seed, time and settings, with one column for each run; `known` gives version and data of a run
/// that has finished.
pub(super) fn circumstances<'a>(
    page: &mut Page,
    runs: &'a [Run],
    known: impl Fn(&'a Run) -> Option<(&'a str, &'a DataSummary)>,
) {
    page.section("Data and settings");
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let row = |name: &str, value: &dyn Fn(&'a Run) -> Option<String>| {
        (name.to_owned(), runs.iter().map(|run| value(run).unwrap_or_default()).collect::<Vec<_>>())
    };
    let mut rows = vec![
        row("method", &|run| run.setting("method").map(String::from)),
        row("data", &|run| Some(known(run)?.1.task.clone())),
        row("training", &|run| Some(known(run)?.1.training.clone())),
        row("validation", &|run| Some(known(run)?.1.validation.clone())),
        row("version", &|run| Some(known(run)?.0.to_owned())),
        row("seed", &|run| run.setting("seed").map(String::from)),
        row("threads", &|run| Some(run.timing?.threads.to_string())),
        row("wall time", &|run| Some(duration(run.timing?.seconds))),
        row("phases (steps)", &|run| Some(phases(run))),
    ];
    rows.retain(|(_, values)| values.iter().any(|value| !value.is_empty()));
    page.html(&facts("Data, version, seed and time", &names, &rows));
    let settings = settings(runs);
    let different: Vec<_> =
        settings.iter().filter(|(_, values)| values.iter().any(|v| *v != values[0])).cloned().collect();
    if !different.is_empty() {
        page.html(&facts("Settings that differ", &names, &different));
    }
    page.html(&details("All settings", &facts("As config.toml spells them", &names, &settings)));
}

/// Returns the settings of all runs by name.
fn settings(runs: &[Run]) -> Vec<(String, Vec<String>)> {
    let mut names: Vec<&String> = vec![];
    for (name, _) in runs.iter().flat_map(|run| &run.settings) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let value = |run: &Run, name: &str| run.setting(name).unwrap_or("–").to_owned();
    names.into_iter().map(|name| (name.clone(), runs.iter().map(|run| value(run, name)).collect())).collect()
}

/// Returns the phases that have started, with the number of steps that were logged.
fn phases(run: &Run) -> String {
    let phases = run.phases().iter().map(|phase| format!("{phase} ({})", run.last_step(phase)));
    phases.collect::<Vec<_>>().join(", ")
}

/// Returns a number of seconds in words.
fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, _) => format!("{seconds:.1} s"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Difference of one ranker from another over the same queries.
pub(super) struct Difference<'a> {
    /// Ranker that is compared with.
    pub name: &'a str,
    /// Mean difference, both ends of its 95 % interval, the p-value of Fisher's test, and that after Holm's correction.
    pub scores: [f64; 5],
    /// Number of queries won, tied and lost.
    pub wins_ties_losses: [usize; 3],
    /// Smallest difference that the queries could show.
    pub resolvable: f64,
}

/// Returns a table of `rows`, whose first column is called `first`.
pub(super) fn differences<'a>(first: &str, rows: impl Iterator<Item = Difference<'a>>) -> Table {
    let rest = ["difference", "95% from", "to", "p (Fisher)", "p (Holm)", "win", "tie", "loss", "resolvable"];
    let mut table = Table::new([first].into_iter().chain(rest));
    for row in rows {
        let scores = row.scores.map(Cell::score);
        let counts = row.wins_ties_losses.map(Cell::count);
        let name = Cell::from(row.name);
        table.row([name].into_iter().chain(scores).chain(counts).chain([Cell::score(row.resolvable)]));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!([4.26, 64.0, 7265.0].map(duration), ["4.3 s", "1 min 4 s", "2 h 1 min"]);
    }
}
