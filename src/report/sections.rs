//! What reports of rankings and of text share: who the runs are, and pictures of what they logged.

use super::chart::{Chart, Series};
use super::page::{Page, Tone, details, facts};
use super::run::Run;
use crate::report::results::DataSummary;

/// The page's title and the notes on runs that have not finished.
pub(super) fn opening(program: &str, runs: &[Run]) -> Page {
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let title = match names[..] {
        [one] => format!("{program}: {one}"),
        _ => format!("{program}: {} runs side by side", names.len()),
    };
    let mut page = Page::new(&title, &format!("Made by {program} from the files of {}.", names.join(", ")));
    for run in runs.iter().filter(|run| run.is_open()) {
        let text = "It goes on, or it was interrupted; the curves show what it has logged so far.";
        page.note(Tone::Warn, &format!("{} has not finished.", run.name), text);
    }
    page
}

/// What was trained on what: one column a run.
pub(super) fn circumstances<'a>(
    page: &mut Page,
    runs: &'a [Run],
    known: impl Fn(&'a Run) -> Option<(&'a str, &'a DataSummary)>,
) {
    page.section("What was trained on what");
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

/// The settings of all runs by name.
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

/// The phases that have begun, with the steps that were logged.
fn phases(run: &Run) -> String {
    let phases = run.phases().iter().map(|phase| format!("{phase} ({})", run.last_step(phase)));
    phases.collect::<Vec<_>>().join(", ")
}

/// Seconds in words.
fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, _) => format!("{seconds:.1} s"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// What a picture shows of each run: a metric of a phase, under a name.
pub(super) struct Line<'a> {
    pub phase: &'a str,
    pub metric: &'a str,
    pub name: &'a str,
}

/// The lines of all runs: with one run, lines differ in colour and dash; with several, runs differ in colour and
/// lines in dash.
pub(super) fn series(runs: &[Run], lines: &[Line<'_>]) -> Vec<Series> {
    let mut all = vec![];
    for (r, run) in runs.iter().enumerate() {
        for (l, line) in lines.iter().enumerate() {
            all.push(Series {
                name: name(runs, r, line.name),
                style: style(runs, r, l),
                points: run.curve(line.phase, line.metric).to_vec(),
                mark: None,
            });
        }
    }
    all
}

/// What line `l` of run `r` looks like.
pub(super) fn style(runs: &[Run], r: usize, l: usize) -> (usize, usize) {
    if runs.len() == 1 { (l, l) } else { (r, l) }
}

/// What it is called.
pub(super) fn name(runs: &[Run], r: usize, line: &str) -> String {
    match (runs.len(), line) {
        (1, _) => line.to_owned(),
        (_, "") => runs[r].name.clone(),
        _ => format!("{}: {line}", runs[r].name),
    }
}

/// A picture of one metric in several phases.
pub(super) fn metric(
    runs: &[Run],
    title: &str,
    caption: &str,
    y: &str,
    x: &'static str,
    lines: &[Line<'_>],
) -> String {
    let chart = Chart { title: title.into(), caption: caption.into(), x, y: y.into(), ..Chart::default() };
    Chart { series: series(runs, lines), ..chart }.figure()
}

/// The phases of the game: the real reward, then the controls.
pub(super) fn games(runs: &[Run]) -> Vec<String> {
    let mut games: Vec<String> = vec![];
    for phase in runs.iter().flat_map(Run::phases) {
        if (phase == "adversarial" || phase.ends_with(" reward")) && !games.contains(phase) {
            games.push(phase.clone());
        }
    }
    games
}

/// The reward, the policy gradient and the discriminator in the game and in those of its controls.
pub(super) fn game_diagnostics(page: &mut Page, runs: &[Run]) {
    let games = games(runs);
    let all = |metric: &'static str| -> Vec<Line<'_>> {
        // What a constant reward pays would flatten the others.
        let is_told =
            |phase: &&String| *phase != "constant reward" || !["reward", "baseline"].contains(&metric);
        games.iter().filter(is_told).map(|phase| Line { phase, metric, name: phase }).collect()
    };
    let of = |title: &str, caption: &str, metric_name: &'static str, y: &str| {
        metric(runs, title, caption, y, "round", &all(metric_name))
    };
    page.figures(
        "Reward and its baseline",
        "",
        &[
            of(
                "Mean reward",
                "Of the generator's draws. Each game pays something of its own: compare shapes, not heights. That of a constant reward is left out.",
                "reward",
                "reward",
            ),
            of(
                "Baseline",
                "What is subtracted from the reward before it weighs the gradient.",
                "baseline",
                "baseline",
            ),
        ],
    );
    page.figures(
        "The policy gradient",
        "Whether its estimates can be trusted: the exact estimator has no variance and a full effective sample.",
        &[
            of("Gradient variance", "Of the estimator at the logits; 0 where every action is enumerated.", "gradient-variance", "variance"),
            of("Entropy of the policy", "In nats; near 0 the generator has settled on a few actions.", "entropy", "nats"),
            of("Effective sample size", "Of the importance weights, as a share of the draws.", "effective-sample", "share"),
        ],
    );
    page.figures(
        "The discriminator",
        "",
        &[
            of("Loss", "On the examples it was shown.", "d-loss", "loss"),
            of(
                "Accuracy",
                "1 when the drawn are told from the real without error, 0.5 by guessing.",
                "d-accuracy",
                "accuracy",
            ),
            of(
                "Calibration",
                "Mean probability minus the share that came true: 0 is calibrated.",
                "d-calibration",
                "difference",
            ),
            of(
                "Accuracy on held-out examples",
                "What it knows beyond the examples it was shown.",
                "d-held-out",
                "accuracy",
            ),
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!([4.26, 64.0, 7265.0].map(duration), ["4.3 s", "1 min 4 s", "2 h 1 min"]);
    }
}
