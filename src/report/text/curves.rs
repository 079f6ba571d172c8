//! Learning curves of the generator and of its judge.

use super::planes::floors;
use crate::game::{metric, phase};
use crate::report::curves::{Line, by_phase, likelihood, picture, series};
use crate::report::diagnostics::games;
use crate::report::plot::{Chart, Picture, Series};
use crate::report::run::Run;

/// Name of an axis: it is not drawn where every word is known.
const UNKNOWN: &str = "unknown words";

/// Pictures of the game: title, metric and name of the y axis.
const GAME: [(&str, &str, &str); 7] = [
    ("NLL_oracle in the game", metric::NLL_ORACLE, "NLL_oracle"),
    ("NLL_test in the game", metric::NLL_TEST, "NLL_test"),
    ("NLL of validation sentences in the game", metric::NLL_VALID, "NLL"),
    ("BLEU-3 in the game", metric::BLEU_3, "BLEU-3"),
    ("Self-BLEU-3 in the game", metric::SELF_BLEU_3, "self-BLEU-3"),
    ("Unknown words in the game", metric::UNKNOWN, UNKNOWN),
    ("Distinct tokens in the game", metric::DISTINCT_TOKENS, "tokens"),
];

/// Pictures of the judge's pre-training: title, caption, metric, names of the y and the x axis.
const PRETRAINING: [(&str, &str, &str, &str, &str); 2] = [
    (
        "Pre-training of the discriminator",
        "Accuracy on the sentences it was trained on.",
        metric::D_ACCURACY,
        "accuracy",
        "draw",
    ),
    (
        "Likelihood of the rival",
        "The judge is a language model; on validation sentences.",
        metric::NLL_VALID,
        "NLL, nats a token",
        "epoch",
    ),
];

/// Returns pictures of every phase in the order of the training.
pub(super) fn learning(runs: &[Run]) -> Vec<Option<Picture>> {
    let mut all = vec![likelihood(runs).picture(), likelihood_on_oracle(runs).picture()];
    let games = games(runs);
    let is_shown = |chart: &Chart| {
        let nonzero = |series: &Series| series.points.iter().any(|&(_, y)| y != 0.0);
        chart.y != UNKNOWN || chart.series.iter().any(nonzero)
    };
    let charts = GAME.map(|(title, metric, y)| Some(game(runs, &games, title, metric, y)).filter(is_shown));
    all.extend(charts.map(|chart| chart.and_then(|chart| chart.picture())));
    all.extend(PRETRAINING.map(|(title, caption, name, y, x)| {
        let lines = [Line { phase: phase::DISCRIMINATOR, metric: name, name: "pre-training" }];
        picture(runs, (title, caption), y, x, &lines)
    }));
    all
}

fn likelihood_on_oracle(runs: &[Run]) -> Chart {
    Chart {
        title: "NLL_oracle during maximum likelihood".into(),
        caption: "Smaller is better, down to the floor.".into(),
        x: "epoch",
        y: "NLL_oracle".into(),
        series: series(runs, &[Line { phase: phase::MLE, metric: metric::NLL_ORACLE, name: "mle" }]),
        levels: floors(runs),
        ..Chart::default()
    }
}

fn game(runs: &[Run], games: &[String], title: &str, metric: &str, y: &str) -> Chart {
    Chart {
        title: title.into(),
        caption: "Under the judge's reward (adversarial) and under each placebo reward, from the same start."
            .into(),
        x: "round",
        y: y.into(),
        series: series(runs, &by_phase(games, metric)),
        levels: if metric == metric::NLL_ORACLE { floors(runs) } else { vec![] },
        ..Chart::default()
    }
}
