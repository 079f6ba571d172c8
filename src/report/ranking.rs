//! The report of rankings: players against baselines and controls on the validation data.

use super::bars::gains_and_losses;
use super::chart::{Chart, Level, Series};
use super::page::{Page, Tone, table};
use super::run::{Outcome, Run};
use super::sections::{Line, circumstances, game_diagnostics, games, metric, name, opening, series, style};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::ranking::{Contender, Player, State};
use crate::report::results::{RankingResults, differences, p_shown, player_name};

/// The page about runs of `irgan`.
pub(super) fn page(runs: &[Run]) -> String {
    let mut page = opening("irgan", runs);
    for (run, results) in finished(runs) {
        findings(&mut page, runs, run, results);
    }
    circumstances(&mut page, runs, |run| {
        results_of(run).map(|results| (results.version.as_str(), &results.data))
    });
    tables(&mut page, runs);
    page.figures(
        "Gains and losses by query",
        "The chosen ranker minus the best baseline on each validation query.",
        &finished(runs).map(|(run, results)| gains(runs, run, results)).collect::<Vec<_>>(),
    );
    page.figures(
        "Learning curves",
        "Validation values by which rounds and epochs are chosen.",
        &learning_curves(runs),
    );
    page.figures("The reward against its controls", "", &controls(runs));
    game_diagnostics(&mut page, runs);
    page.finish()
}

fn results_of(run: &Run) -> Option<&RankingResults> {
    match &run.outcome {
        Outcome::Ranking(results) => results.as_deref(),
        Outcome::Text(_) => None,
    }
}

fn finished(runs: &[Run]) -> impl Iterator<Item = (&Run, &RankingResults)> {
    runs.iter().filter_map(|run| Some((run, results_of(run)?)))
}

/// What came out, in words: above everything else, because pictures alone can flatter.
fn findings(page: &mut Page, runs: &[Run], run: &Run, results: &RankingResults) {
    let of = |what: &str| if runs.len() == 1 { what.to_owned() } else { format!("{}: {what}", run.name) };
    if let Some(failure) = &results.failure {
        page.note(Tone::Bad, &of("The training broke down."), failure);
    }
    if let Some(winner) = results.winner() {
        let measure = &results.measures[0];
        let who = results.name(winner).trim_end_matches(" *").to_owned();
        let mut text = format!("{measure} {:.4} on the validation data.", winner.values[0]);
        let tone = match results.best_baseline() {
            Some(best) => {
                let row = results.against_baselines.iter().find(|row| row.baseline == best.method);
                let (tone, found) =
                    row.map_or((Tone::Plain, String::new()), |row| against(row.gain, row.p_holm));
                text += &format!(" The best baseline, {}, has {:.4}: {found}", best.method, best.values[0]);
                tone
            }
            None => Tone::Plain,
        };
        page.note(tone, &of(&format!("Chosen: {who}.")), &text);
    }
    for outcome in &results.controls {
        let (tone, title) = match outcome.is_beaten() {
            true => (Tone::Good, "The reward did better than its control."),
            false if outcome.failed => (Tone::Bad, "The control's game broke down."),
            false => (Tone::Warn, "A control did as well as the reward."),
        };
        page.note(tone, &of(title), results.verdict(outcome).trim_start_matches("reward: "));
    }
    for warning in &results.warnings {
        page.note(Tone::Warn, &of("Warning."), warning);
    }
}

/// Whether a difference to a baseline is more than chance.
fn against(gain: f64, p: f64) -> (Tone, String) {
    let (tone, found) = match (p < 0.05, gain > 0.0) {
        (true, true) => (Tone::Good, "better by more than chance"),
        (true, false) => (Tone::Warn, "worse by more than chance"),
        _ => (Tone::Plain, "no difference is shown"),
    };
    (tone, format!("{gain:+.4}, {found} (Fisher with Holm's correction, {}).", p_shown(p)))
}

fn tables(page: &mut Page, runs: &[Run]) {
    let all: Vec<_> = finished(runs).collect();
    if all.is_empty() {
        return;
    }
    page.section("Comparison on the validation data");
    page.paragraph(
        "Epochs, rounds and the player were chosen by the first measure on these same queries, so that all values are \
         somewhat too high; a comparison on test data is made by irgan rank, eval and compare.",
    );
    let compared = |(run, results): &(&Run, &RankingResults)| {
        let is_winner = |row: usize| results.contenders.get(row).is_some_and(|c| Some(c) == results.winner());
        table(
            &format!("{}: best rounds and epochs; * is the chosen player", run.name),
            &results.table(),
            is_winner,
        )
    };
    page.beside(&all.iter().map(compared).collect::<Vec<_>>());
    let significant = |(run, results): &(&Run, &RankingResults)| {
        let rows = significance(results);
        match rows.is_empty() {
            true => String::new(),
            false => table(
                &format!("{}: the chosen ranker against each baseline, {}", run.name, results.measures[0]),
                &rows,
                |_| false,
            ),
        }
    };
    page.beside(&all.iter().map(significant).collect::<Vec<_>>());
}

fn significance(results: &RankingResults) -> Table {
    let mut rows = Table::new([
        "baseline",
        "difference",
        "95% from",
        "to",
        "p (Fisher)",
        "p (Holm)",
        "win",
        "tie",
        "loss",
        "resolvable",
    ]);
    for row in &results.against_baselines {
        let [wins, ties, losses] = row.wins_ties_losses.map(Cell::count);
        rows.row([
            Cell::from(row.baseline.to_string()),
            Cell::score(row.gain),
            Cell::score(row.low),
            Cell::score(row.high),
            Cell::score(row.p_value),
            Cell::score(row.p_holm),
            wins,
            ties,
            losses,
            Cell::score(row.resolvable),
        ]);
    }
    rows
}

/// Sorted bars against the best baseline; against the player's own start where there is none.
fn gains(runs: &[Run], run: &Run, results: &RankingResults) -> String {
    let Some(winner) = results.winner() else { return String::new() };
    let start = || results.contenders.iter().find(|c| c.player == winner.player && c.state == State::Start);
    let Some(base) = results.best_baseline().or_else(start) else { return String::new() };
    let mut found = differences(base, winner);
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let count = |holds: fn(f64) -> bool| found.iter().filter(|(_, d)| holds(*d)).count();
    let named = |(query, difference): &(usize, f64)| {
        let query = results.queries.get(*query).map_or("?", String::as_str);
        format!("{query} ({difference:+.3})")
    };
    let most: Vec<String> = found.iter().filter(|(_, d)| *d > 0.0).take(3).map(named).collect();
    let least: Vec<String> = found.iter().rev().filter(|(_, d)| *d < 0.0).take(3).map(named).collect();
    let list = |what: &str, queries: &[String]| match queries.is_empty() {
        true => String::new(),
        false => format!(" {what}: {}.", queries.join(", ")),
    };
    let caption = format!(
        "{} wins, {} ties, {} losses of {} queries.{}{}",
        count(|d| d > 0.0),
        count(|d| d == 0.0),
        count(|d| d < 0.0),
        found.len(),
        list("Largest gains", &most),
        list("Largest losses", &least)
    );
    let who = results.name(winner).trim_end_matches(" *").to_owned();
    let title = format!("{who} minus {}", results.name(base));
    let title = if runs.len() == 1 { title } else { format!("{}: {title}", run.name) };
    let y = format!("difference in {}", results.measures[0]);
    gains_and_losses(&title, &caption, &y, found.into_iter().map(|(_, d)| d).collect())
}

/// Players of the game, and the supervised methods.
fn learning_curves(runs: &[Run]) -> Vec<String> {
    let players = Chart {
        title: "Players of the game".into(),
        caption: "A ring marks the best round of each; round 0 is the start.".into(),
        x: "round",
        ring: "best",
        y: measure(runs).into(),
        series: player_curves(runs),
        levels: levels(runs),
        ..Chart::default()
    };
    let mut methods: Vec<&String> = vec![];
    let supervised =
        runs.iter().flat_map(|run| run.phases().iter().filter(|phase| !run.curve(phase, "valid").is_empty()));
    supervised.for_each(|phase| {
        if !methods.contains(&phase) {
            methods.push(phase);
        }
    });
    let lines = |metric| methods.iter().map(|phase| Line { phase, metric, name: phase }).collect::<Vec<_>>();
    let fitted = Chart {
        title: "Supervised training".into(),
        caption: "Baselines and the players' starts; a ring marks the best epoch.".into(),
        x: "epoch",
        ring: "best",
        y: measure(runs).into(),
        series: with_peaks(series(runs, &lines("valid"))),
        ..Chart::default()
    };
    let loss =
        metric(runs, "Training loss", "Each method has a loss of its own.", "loss", "epoch", &lines("loss"));
    vec![players.figure(), fitted.figure(), loss]
}

const PLAYERS: [(Player, &str); 3] = [(Player::G, "g"), (Player::D, "d"), (Player::Both, "both")];

fn player_curves(runs: &[Run]) -> Vec<Series> {
    let mut all = vec![];
    for (r, run) in runs.iter().enumerate() {
        for (l, &(player, metric)) in PLAYERS.iter().enumerate() {
            let points: Vec<_> = start(run, player)
                .into_iter()
                .chain(run.curve("adversarial", metric).iter().copied())
                .collect();
            let mark = peak(&points);
            let name = name(runs, r, player_name(player).expect("a player of the game"));
            all.push(Series { name, style: style(runs, r, l), points, mark });
        }
    }
    all
}

/// The first of the largest values: what selection keeps.
fn peak(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    points
        .iter()
        .copied()
        .filter(|point| point.1.is_finite())
        .reduce(|best, one| if one.1 > best.1 { one } else { best })
}

fn with_peaks(mut series: Vec<Series>) -> Vec<Series> {
    series.iter_mut().for_each(|series| series.mark = peak(&series.points));
    series
}

/// The best baseline of each run as a line to beat.
fn levels(runs: &[Run]) -> Vec<Level> {
    let level = |(r, run): (usize, &Run)| {
        let best = results_of(run)?.best_baseline()?;
        let label = name(runs, r, &format!("best baseline ({})", best.method));
        Some(Level {
            name: label,
            style: if runs.len() == 1 { (5, 5) } else { (r, 5) },
            value: best.values[0],
        })
    };
    runs.iter().enumerate().filter_map(level).collect()
}

/// The chosen player under the real reward and under its controls.
fn controls(runs: &[Run]) -> Vec<String> {
    let games = games(runs);
    if games.len() < 2 {
        return vec![];
    }
    let chosen = |run: &Run| results_of(run).map_or(Player::G, |results| results.chosen.player);
    let lines: Vec<_> = games.iter().map(|phase| Line { phase, metric: "", name: phase }).collect();
    let shown = PLAYERS
        .iter()
        .filter(|(player, _)| *player == Player::G || runs.iter().any(|run| chosen(run) == *player));
    let figure = |&(player, metric): &(Player, &'static str)| {
        let lines: Vec<_> = lines.iter().map(|line| Line { metric, ..*line }).collect();
        let mut series = series(runs, &lines);
        for (line, (run, phase)) in
            series.iter_mut().zip(runs.iter().flat_map(|run| games.iter().map(move |g| (run, g))))
        {
            // All games begin with the same players.
            let start = start(run, player).filter(|_| !run.curve(phase, metric).is_empty());
            line.points.splice(0..0, start);
        }
        let who = player_name(player).expect("a player of the game");
        let chart = Chart {
            title: format!("Validation value of the {who}"),
            caption:
                "Under the discriminator's reward (adversarial) and under each control, from the same start."
                    .into(),
            x: "round",
            ring: "best",
            y: measure(runs).into(),
            series: with_peaks(series),
            ..Chart::default()
        };
        chart.figure()
    };
    shown.map(figure).collect()
}

/// The choosing measure.
fn measure(runs: &[Run]) -> &str {
    runs.iter().find_map(|run| run.setting("measure")).unwrap_or("measure")
}

/// A player before its first round.
fn start(run: &Run, player: Player) -> Option<(f64, f64)> {
    let is = |c: &&Contender| c.player == player && c.state == State::Start;
    results_of(run)?.contenders.iter().find(is).map(|start| (0.0, start.values[0]))
}
