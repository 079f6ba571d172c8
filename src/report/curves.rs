//! Logged numbers of all runs as curves.

use super::plot::{Chart, Picture, Series, Style};
use super::run::Run;
use crate::game::{metric, phase};

/// Metric of a phase, drawn as one line of each run under a name.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub phase: &'a str,
    pub metric: &'a str,
    pub name: &'a str,
}

/// Returns one line of `metric` for each phase, under the phase's name.
pub(super) fn by_phase<'a>(phases: &'a [String], metric: &'a str) -> Vec<Line<'a>> {
    phases.iter().map(|phase| Line { phase, metric, name: phase }).collect()
}

/// Returns the lines of all runs. With one run, lines differ in colour and dash; with several, runs differ in colour and
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

/// Returns the chart of the likelihood of training and validation sentences over the epochs of maximum likelihood.
pub(super) fn likelihood(runs: &[Run]) -> Chart {
    let lines = [
        Line { phase: phase::MLE, metric: metric::NLL_TRAIN, name: "training" },
        Line { phase: phase::MLE, metric: metric::NLL_VALID, name: "validation" },
    ];
    let mut fitted = series(runs, &lines);
    for validation in fitted.iter_mut().skip(1).step_by(lines.len()) {
        validation.mark = lowest(&validation.points);
    }
    Chart {
        title: "Maximum likelihood".into(),
        caption: "A ring marks the epoch that was kept.".into(),
        x: "epoch",
        ring: "kept",
        y: "NLL, nats a token".into(),
        series: fitted,
        ..Chart::default()
    }
}

/// Returns the style of line `l` of run `r`.
pub(super) fn style(runs: &[Run], r: usize, l: usize) -> Style {
    if runs.len() == 1 { Style { colour: l, dash: l } } else { Style { colour: r, dash: l } }
}

/// Returns the style of a horizontal line of run `r`; of several, the `l`-th.
pub(super) fn level_style(runs: &[Run], r: usize, l: usize) -> Style {
    if runs.len() == 1 { Style { colour: 5 + l, dash: 5 + l } } else { Style { colour: r, dash: 5 + l } }
}

/// Returns the name of a line of run `r`, with the run's where there are several.
pub(super) fn name(runs: &[Run], r: usize, line: &str) -> String {
    match (runs.len(), line) {
        (1, _) => line.to_owned(),
        (_, "") => runs[r].name.clone(),
        _ => format!("{}: {line}", runs[r].name),
    }
}

/// Returns a picture of one metric in several phases; none when it was not logged.
pub(super) fn picture(
    runs: &[Run],
    (title, caption): (&str, &str),
    y: &str,
    x: &'static str,
    lines: &[Line<'_>],
) -> Option<Picture> {
    let chart = Chart { title: title.into(), caption: caption.into(), x, y: y.into(), ..Chart::default() };
    Chart { series: series(runs, lines), ..chart }.picture()
}

/// Returns the first of the points with the largest value.
pub(super) fn highest(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    first_best(points, |one, best| one > best)
}

/// Returns the first of the points with the smallest value.
pub(super) fn lowest(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    first_best(points, |one, best| one < best)
}

fn first_best(points: &[(f64, f64)], is_better: impl Fn(f64, f64) -> bool) -> Option<(f64, f64)> {
    let finite = points.iter().copied().filter(|point| point.1.is_finite());
    finite.reduce(|best, one| if is_better(one.1, best.1) { one } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_points_is_marked() {
        let points = [(1.0, f64::NAN), (2.0, 0.5), (3.0, 0.25), (4.0, 0.5), (5.0, 0.25)];
        assert_eq!((highest(&points), lowest(&points)), (Some((2.0, 0.5)), Some((3.0, 0.25))));
        assert_eq!(highest(&[]), None);
    }
}
