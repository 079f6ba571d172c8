//! Learning curves of the generator and of its judge.

use super::planes::floors;
use crate::report::curves::{Line, by_phase, lowest, metric, series};
use crate::report::diagnostics::games;
use crate::report::plot::{Chart, Picture};
use crate::report::run::Run;

/// Pictures of the game: title, metric and name of the y axis.
const GAME: [(&str, &str, &str); 6] = [
    ("NLL_oracle in the game", "nll-oracle", "NLL_oracle"),
    ("NLL_test in the game", "nll-test", "NLL_test"),
    ("NLL of validation sentences in the game", "nll-valid", "NLL"),
    ("BLEU-3 in the game", "bleu-3", "BLEU-3"),
    ("Self-BLEU-3 in the game", "self-bleu-3", "self-BLEU-3"),
    ("Distinct tokens in the game", "distinct-tokens", "tokens"),
];

/// Pictures of the judge's pre-training: title, caption, metric, names of the y and the x axis.
const PRETRAINING: [(&str, &str, &str, &str, &str); 2] = [
    (
        "Pre-training of the discriminator",
        "Accuracy on the sentences it was trained on.",
        "d-accuracy",
        "accuracy",
        "draw",
    ),
    (
        "Likelihood of the rival",
        "The judge is a language model; on validation sentences.",
        "nll-valid",
        "NLL, nats a token",
        "epoch",
    ),
];

/// Returns pictures of every phase in the order of the training.
pub(super) fn learning(runs: &[Run]) -> Vec<Option<Picture>> {
    let mut all = vec![likelihood(runs).picture(), likelihood_on_oracle(runs).picture()];
    let games = games(runs);
    all.extend(GAME.map(|(title, metric, y)| game(runs, &games, title, metric, y).picture()));
    all.extend(PRETRAINING.map(|(title, caption, name, y, x)| {
        let lines = [Line { phase: "discriminator", metric: name, name: "pre-training" }];
        metric(runs, (title, caption), y, x, &lines)
    }));
    all
}

fn likelihood(runs: &[Run]) -> Chart {
    let lines = [
        Line { phase: "mle", metric: "nll-train", name: "training" },
        Line { phase: "mle", metric: "nll-valid", name: "validation" },
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

fn likelihood_on_oracle(runs: &[Run]) -> Chart {
    Chart {
        title: "NLL_oracle during maximum likelihood".into(),
        caption: "Smaller is better, down to the floor.".into(),
        x: "epoch",
        y: "NLL_oracle".into(),
        series: series(runs, &[Line { phase: "mle", metric: "nll-oracle", name: "mle" }]),
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
        levels: if metric == "nll-oracle" { floors(runs) } else { vec![] },
        ..Chart::default()
    }
}
