//! What reports of rankings and of text share: who the runs are, and pictures of what they logged.

use super::chart::{Chart, Series};
use super::page::{Page, Tone, details, facts};
use super::run::Run;
use crate::training::results::DataSummary;

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

/// What was trained on what.
pub(super) fn circumstances<'a>(
    page: &mut Page,
    runs: &'a [Run],
    known: impl Fn(&'a Run) -> Option<(&'a str, &'a DataSummary)>,
) {
    page.section("What was trained on what");
    let tables: Vec<String> = runs.iter().map(|run| circumstance(run, known(run))).collect();
    page.beside(&tables);
}

fn circumstance(run: &Run, known: Option<(&str, &DataSummary)>) -> String {
    let mut rows = vec![];
    let mut add = |name: &str, value: String| rows.push((name.to_owned(), value));
    if let Some(method) = run.setting("method") {
        add("method", method.to_owned());
    }
    if let Some((version, data)) = known {
        add("data", data.task.clone());
        add("training", data.training.clone());
        add("validation", data.validation.clone());
        add("version", version.to_owned());
    }
    if let Some(seed) = run.setting("seed") {
        add("seed", seed.to_owned());
    }
    if let Some(timing) = run.timing {
        add("threads", timing.threads.to_string());
        add("wall time", duration(timing.seconds));
    }
    let phases: Vec<String> =
        run.phases().iter().map(|phase| format!("{phase} ({})", run.last_step(phase))).collect();
    if !phases.is_empty() {
        add("phases (steps)", phases.join(", "));
    }
    let settings = details("All settings", &facts("As config.toml spells them", &run.settings));
    format!("<div>{}{settings}</div>\n", facts(&run.name, &rows))
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
        games.iter().map(|phase| Line { phase, metric, name: phase }).collect()
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
                "Of the generator's draws. A control pays something else, so compare shapes, not heights.",
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
