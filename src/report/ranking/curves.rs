//! Learning curves of the players, of supervised methods, and of the games with placebo rewards.

use crate::game::{metric, phase};
use crate::ranking::{ComparisonRow, Player, Snapshot};
use crate::report::curves::{Line, by_phase, highest, level_style, name, picture, series, style};
use crate::report::diagnostics::games;
use crate::report::plot::{Chart, Level, Picture, Series};
use crate::report::results::{Competitor, player_name};
use crate::report::run::Run;

/// Players of the game with the names of their metrics.
const PLAYERS: [(Player, &str); 3] =
    [(Player::G, metric::GENERATOR), (Player::D, metric::DISCRIMINATOR), (Player::Both, metric::BOTH)];

/// Returns pictures of the game, of supervised training and of its loss.
pub(super) fn learning(runs: &[Run]) -> Vec<Option<Picture>> {
    let methods = supervised(runs);
    let loss = ("Training loss", "Each method has a loss of its own.");
    vec![
        players(runs).picture(),
        fitted(runs, &methods).picture(),
        picture(runs, loss, "loss", "epoch", &by_phase(&methods, metric::LOSS)),
    ]
}

/// Returns the players of the game over the rounds, with the best baseline of each run and rows that need no training.
pub(super) fn players(runs: &[Run]) -> Chart {
    let mut all = vec![];
    for (r, run) in runs.iter().enumerate() {
        for (l, &(player, metric)) in PLAYERS.iter().enumerate() {
            let rounds = run.curve(phase::ADVERSARIAL, metric).iter().copied();
            let points: Vec<_> = start(run, player).into_iter().chain(rounds).collect();
            let (name, mark) = (name(runs, r, player_name(player).unwrap_or_default()), highest(&points));
            all.push(Series { name, style: style(runs, r, l), points, mark });
        }
    }
    Chart {
        title: "Players of the game".into(),
        caption: "A ring marks the best round of each player; round 0 is the start.".into(),
        x: "round",
        ring: "best",
        y: measure(runs).into(),
        levels: levels(runs, &all),
        series: all,
        ..Chart::default()
    }
}

fn fitted(runs: &[Run], methods: &[String]) -> Chart {
    Chart {
        title: "Supervised training".into(),
        caption: "Baselines and the players' starts; a ring marks the best epoch.".into(),
        x: "epoch",
        ring: "best",
        y: measure(runs).into(),
        series: with_peaks(series(runs, &by_phase(methods, metric::VALID))),
        ..Chart::default()
    }
}

/// Returns the phases of supervised training in all runs.
fn supervised(runs: &[Run]) -> Vec<String> {
    let mut methods: Vec<String> = vec![];
    for run in runs {
        for phase in run.phases() {
            if !run.curve(phase, metric::VALID).is_empty() && !methods.contains(phase) {
                methods.push(phase.clone());
            }
        }
    }
    methods
}

fn with_peaks(mut series: Vec<Series>) -> Vec<Series> {
    series.iter_mut().for_each(|series| series.mark = highest(&series.points));
    series
}

/// Returns the lines to beat: the best baseline of each run, and rows such as BM25 that need no training, unless they
/// lie so far away that they would flatten the curves.
fn levels(runs: &[Run], curves: &[Series]) -> Vec<Level> {
    let values =
        || curves.iter().flat_map(|series| &series.points).map(|point| point.1).filter(|v| v.is_finite());
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let reach = low - (high - low)..=high + (high - low);
    let mut found = vec![];
    for (r, run) in runs.iter().enumerate() {
        let Some(results) = run.ranking() else { continue };
        let best = results.best_baseline();
        let name_of_best = best.map(Competitor::name);
        let others = results.references.iter().filter(|row| Some(&row.name) != name_of_best.as_ref());
        let references = others.map(|row| (row.name.clone(), row.values[0]));
        let best =
            best.map(|competitor| (format!("best baseline ({})", competitor.name()), competitor.values()[0]));
        let lines = best.into_iter().chain(references.filter(|(_, value)| reach.contains(value)));
        found.extend(lines.enumerate().map(|(l, (line, value))| Level {
            name: name(runs, r, &line),
            style: level_style(runs, r, l),
            value,
        }));
    }
    found
}

/// Returns a picture for the generator and for each chosen player, under the real reward and under its placebos.
pub(super) fn placebos(runs: &[Run]) -> Vec<Option<Picture>> {
    let games = games(runs);
    if games.len() < 2 {
        return vec![];
    }
    let is_chosen = |player: Player| {
        runs.iter().any(|run| run.ranking().is_some_and(|results| results.chosen.player == player))
    };
    let shown = PLAYERS.iter().filter(|(player, _)| *player == Player::G || is_chosen(*player));
    shown.map(|&(player, metric)| placebo(runs, &games, player, metric).picture()).collect()
}

fn placebo(runs: &[Run], games: &[String], player: Player, metric: &str) -> Chart {
    let lines: Vec<Line<'_>> = by_phase(games, metric);
    let mut all = series(runs, &lines);
    let of_series = runs.iter().flat_map(|run| games.iter().map(move |phase| (run, phase)));
    for (line, (run, phase)) in all.iter_mut().zip(of_series) {
        // All games begin with the same players.
        let start = start(run, player).filter(|_| !run.curve(phase, metric).is_empty());
        line.points.splice(0..0, start);
    }
    Chart {
        title: format!("Validation value of the {}", player_name(player).unwrap_or_default()),
        caption: "Under the real reward (adversarial) and under each placebo reward, from the same start."
            .into(),
        x: "round",
        ring: "best",
        y: measure(runs).into(),
        series: with_peaks(all),
        ..Chart::default()
    }
}

/// Returns the choosing measure.
fn measure(runs: &[Run]) -> &str {
    runs.iter().find_map(|run| run.setting("measure")).unwrap_or("measure")
}

/// Returns the value of a player before its first round.
fn start(run: &Run, player: Player) -> Option<(f64, f64)> {
    let is_start = |c: &&ComparisonRow| c.player == player && c.state == Snapshot::Start;
    run.ranking()?.contenders.iter().find(is_start).map(|start| (0.0, start.values[0]))
}
