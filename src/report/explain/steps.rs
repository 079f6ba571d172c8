//! A token that a small step of the logits does not change.

use ndarray::Array2;
use rand::Rng as _;

use super::lesson::{Lesson, line};
use crate::math::simd;
use crate::report::plot::Chart;
use crate::seed::Stream;

/// Reward of each token.
const REWARDS: [f32; 5] = [0.1, 0.9, 0.3, 0.6, 0.2];
const LOGITS: [f32; 5] = [0.4, -0.2, 0.1, 0.3, 0.0];
/// Direction of the step: towards the best token.
const DIRECTION: [f32; 5] = [-0.3, 1.0, -0.3, -0.1, -0.3];
const DRAWS: usize = 20_000;

/// Returns the distribution after a step of this size.
fn after(step: f32) -> Vec<f32> {
    let mut pi: Vec<f32> = LOGITS.iter().zip(DIRECTION).map(|(logit, d)| logit + step * d).collect();
    simd::softmax(&mut pi);
    pi
}

/// Returns the token in whose share of the mass `uniform` falls.
fn token(pi: &[f32], uniform: f32) -> usize {
    let mut left = uniform;
    for (token, p) in pi.iter().enumerate() {
        if left < *p {
            return token;
        }
        left -= p;
    }
    pi.len() - 1
}

/// Returns the share of draws whose token another step changes, the noise held fixed.
fn changed(step: f32, uniforms: &[f32]) -> f64 {
    let (before, now) = (after(0.0), after(step));
    let differs = uniforms.iter().filter(|&&uniform| token(&before, uniform) != token(&now, uniform));
    differs.count() as f64 / uniforms.len() as f64
}

/// Makes the section.
pub(super) fn lesson(stream: Stream) -> Lesson {
    let mut rng = stream.rng();
    let uniforms: Vec<f32> = (0..DRAWS).map(|_| rng.random()).collect();
    let steps: Vec<f32> = (-100..=100).map(|number| number as f32 / 25.0).collect();
    let drawn = steps.iter().map(|&step| (f64::from(step), f64::from(REWARDS[token(&after(step), 0.6)])));
    let mean = |step: f32| -> f64 {
        after(step).iter().zip(REWARDS).map(|(&p, reward)| f64::from(p) * f64::from(reward)).sum()
    };
    let expected = steps.iter().map(|&step| (f64::from(step), mean(step))).collect();
    let sizes = Array2::from_shape_fn((1, 9), |(_, number)| 10f32.powf(-4.0 + number as f32 / 2.0));
    let shares = sizes.iter().map(|&size| (f64::from(size).log10(), changed(size, &uniforms))).collect();
    Lesson {
        title: "A sample stands still",
        text: "A picture changes a little when a weight changes a little, and so does what the judge says of it. A drawn token does \
               not: with the same random number it is the same token until it jumps to another one. The slope of its reward is 0 \
               nearly everywhere, while the mean reward over all draws has a slope. That slope is what a policy gradient estimates."
            .into(),
        formulas: &["∇ E[R(a)] = E[R(a) ∇ log π(a)], the score function: it looks at the reward, never at its slope."],
        charts: vec![
            Chart {
                title: "Reward along a step of the logits".into(),
                caption: "One token drawn by a fixed random number, and the mean over all draws.".into(),
                x: "size of the step",
                y: "reward".into(),
                series: vec![line(0, "drawn token", drawn.collect()), line(1, "mean", expected)],
                ..Chart::default()
            },
            Chart {
                title: "Draws that a step changes".into(),
                caption: format!("Share of {DRAWS} draws, each with its own fixed random number."),
                x: "log₁₀ of the size of the step",
                y: "share of tokens changed".into(),
                series: vec![line(0, "changed", shares)],
                dots: true,
                ..Chart::default()
            },
        ],
        table: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_steps_change_few_tokens_and_the_mean_always() {
        let mut rng = Stream::new(5).rng();
        let uniforms: Vec<f32> = (0..DRAWS).map(|_| rng.random()).collect();
        assert!(changed(1e-4, &uniforms) < 1e-3 && changed(1.0, &uniforms) > 0.2);
        assert_eq!(changed(0.0, &uniforms), 0.0);
        assert_eq!([token(&[0.2, 0.8], 0.1), token(&[0.2, 0.8], 0.3), token(&[0.2, 0.8], 1.0)], [0, 1, 1]);
    }
}
