//! REINFORCE with and without a reward baseline.

use rand::Rng as _;

use super::lesson::{Lesson, line};
use crate::math::simd;
use crate::policy_gradient::reinforce_grad;
use crate::report::plot::Chart;
use crate::seed::Stream;

/// Tokens, of which the last is rewarded most.
const TOKENS: usize = 10;
/// Part of every reward that no choice changes.
const OFFSET: f32 = 3.0;
const STEPS: usize = 400;
const TRAININGS: u64 = 100;
const RATE: f32 = 0.1;

fn reward(token: usize) -> f32 {
    OFFSET + token as f32 / (TOKENS - 1) as f32
}

/// Returns the expected reward after every step of one training, without the [`OFFSET`]; with `baseline` the running mean of
/// the rewards is subtracted.
fn training(baseline: bool, stream: Stream) -> Vec<f64> {
    let mut rng = stream.rng();
    let mut logits = [0.0_f32; TOKENS];
    let mut mean = 0.0;
    let step = |step: usize| {
        let mut log_pi = logits;
        simd::log_softmax(&mut log_pi);
        let pi = log_pi.map(f32::exp);
        let mut left: f32 = rng.random();
        let mut token = 0;
        while token + 1 < TOKENS && left >= pi[token] {
            left -= pi[token];
            token += 1;
        }
        let advantage = reward(token) - if baseline && step > 0 { mean } else { 0.0 };
        mean += (reward(token) - mean) / (step + 1).min(20) as f32;
        let mut gradient = [0.0; TOKENS];
        reinforce_grad(&log_pi, &[token as u32], std::iter::once(advantage), 1.0, &mut gradient);
        logits.iter_mut().zip(gradient).for_each(|(logit, d)| *logit -= RATE * d);
        pi.iter().enumerate().map(|(token, &p)| f64::from(p * (reward(token) - OFFSET))).sum()
    };
    (0..STEPS).map(step).collect()
}

/// Returns the mean over many trainings, by step.
fn mean_of_trainings(baseline: bool, stream: Stream) -> Vec<(f64, f64)> {
    let mut sums = vec![0.0; STEPS];
    for number in 0..TRAININGS {
        let rewards = training(baseline, stream.at(number));
        sums.iter_mut().zip(rewards).for_each(|(sum, reward)| *sum += reward);
    }
    sums.into_iter().enumerate().map(|(step, sum)| ((step + 1) as f64, sum / TRAININGS as f64)).collect()
}

/// Makes the section.
pub(super) fn lesson(stream: Stream) -> Lesson {
    let without = mean_of_trainings(false, stream);
    let with = mean_of_trainings(true, stream);
    Lesson {
        title: "A reward needs something to be compared with",
        text: format!(
            "A token that earns {OFFSET} when every token earns {OFFSET} or more is no good token, but REINFORCE makes it likelier all the \
             same, and the more the larger the rewards are. Less a baseline, here the running mean of the rewards, only what is better \
             than usual becomes likelier. The mean of the estimate is the same; its noise is not. Means of {TRAININGS} trainings, \
             one draw a step."
        ),
        formulas: &[
            "E[(R(a) − b) ∇ log π(a)] = E[R(a) ∇ log π(a)] for every b that does not look at a, since E[∇ log π(a)] = 0.",
        ],
        charts: vec![Chart {
            title: "Expected reward over a training".into(),
            caption: format!(
                "{TOKENS} tokens, the best of which earns 1 more than the worst; the part that all have in common is left out."
            ),
            x: "step",
            y: "expected reward".into(),
            series: vec![line(0, "without a baseline", without), line(1, "with a baseline", with)],
            ..Chart::default()
        }],
        table: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_learns_faster() {
        let end = |baseline| mean_of_trainings(baseline, Stream::new(8)).last().expect("steps").1;
        let (without, with) = (end(false), end(true));
        assert!(with > without + 0.05, "{with} {without}");
    }
}
