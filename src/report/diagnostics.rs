//! Pictures of the game: reward, policy gradient and discriminator, in the real game and in those of its placebos.

use super::curves::{by_phase, picture};
use super::page::Page;
use super::plot::Picture;
use super::run::Run;
use crate::game::{RewardSource, metric, phase};

/// Section of the page: title, introduction and pictures.
type Section = (&'static str, &'static str, &'static [Diagnostic]);

/// Picture of one metric.
struct Diagnostic {
    title: &'static str,
    caption: &'static str,
    metric: &'static str,
    /// Name of the y axis.
    y: &'static str,
}

const REWARD: &[Diagnostic] = &[
    Diagnostic {
        title: "Mean reward",
        caption: "Of the generator's draws. Rewards of different games differ in scale: compare shapes, not heights. The \
                  constant reward is left out.",
        metric: metric::REWARD,
        y: "reward",
    },
    Diagnostic {
        title: "Baseline",
        caption: "Subtracted from the reward before it weighs the gradient.",
        metric: metric::BASELINE,
        y: "baseline",
    },
];

const GRADIENT: &[Diagnostic] = &[
    Diagnostic {
        title: "Gradient variance",
        caption: "Of the estimator at the logits; 0 where every action is enumerated.",
        metric: metric::GRADIENT_VARIANCE,
        y: "variance",
    },
    Diagnostic {
        title: "Entropy of the policy",
        caption: "In nats; near 0 the generator has settled on a few actions.",
        metric: metric::ENTROPY,
        y: "nats",
    },
    Diagnostic {
        title: "Effective sample size",
        caption: "Of the importance weights, as a share of the draws.",
        metric: metric::EFFECTIVE_SAMPLE,
        y: "share",
    },
];

const DISCRIMINATOR: &[Diagnostic] = &[
    Diagnostic { title: "Loss", caption: "On the training examples.", metric: metric::D_LOSS, y: "loss" },
    Diagnostic {
        title: "Accuracy",
        caption: "1 when drawn and real examples are told apart without error, 0.5 by guessing.",
        metric: metric::D_ACCURACY,
        y: "accuracy",
    },
    Diagnostic {
        title: "Calibration",
        caption: "Mean probability minus the share of real examples: 0 is calibrated.",
        metric: metric::D_CALIBRATION,
        y: "difference",
    },
    Diagnostic {
        title: "Accuracy on held-out examples",
        caption: "On examples that it was not trained on.",
        metric: metric::D_HELD_OUT,
        y: "accuracy",
    },
];

const SECTIONS: [Section; 3] = [
    ("Reward and its baseline", "", REWARD),
    (
        "The policy gradient",
        "Whether its estimates can be trusted: the exact estimator has no variance and a full effective sample.",
        GRADIENT,
    ),
    ("The discriminator", "", DISCRIMINATOR),
];

/// Returns the phases of the game: the real reward, then the placebo rewards.
pub(super) fn games(runs: &[Run]) -> Vec<String> {
    let mut games: Vec<String> = vec![];
    for phase in runs.iter().flat_map(Run::phases) {
        if phase::is_game(phase) && !games.contains(phase) {
            games.push(phase.clone());
        }
    }
    games
}

/// Adds the pictures of the game and of those of its placebos.
pub(super) fn game_diagnostics(page: &mut Page, runs: &[Run]) {
    let games = games(runs);
    for (title, about, diagnostics) in SECTIONS {
        page.figures(title, about, diagnostics.iter().map(|shown| diagnostic(runs, &games, shown)));
    }
}

fn diagnostic(runs: &[Run], games: &[String], shown: &Diagnostic) -> Option<Picture> {
    let mut lines = by_phase(games, shown.metric);
    // A constant reward would flatten the others.
    if [metric::REWARD, metric::BASELINE].contains(&shown.metric) {
        let constant = format!("{}{}", RewardSource::Constant, phase::PLACEBO_SUFFIX);
        lines.retain(|line| line.phase != constant);
    }
    picture(runs, (shown.title, shown.caption), shown.y, "round", &lines)
}
