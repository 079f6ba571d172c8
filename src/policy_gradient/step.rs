//! The driver: one policy-gradient step, whatever is drawn and whoever judges it.

use ndarray::{Array2, Zip, s};

use super::diagnostics::{Diagnostics, effective_sample, group_mean};
use super::{BaselineState, Episodes, Experience, Policy, Reduction, Reward};
use crate::seed::Stream;

/// The outcome of one step.
#[derive(Debug)]
pub struct Step<G> {
    /// Gradient of the loss `−E[R]`: optimisers go against it.
    pub gradient: G,
    /// Mean over the contexts of the mean reward of each time step, weighted by importance: what
    /// the moving baseline follows. `[T]`.
    pub mean_rewards: Vec<f32>,
    /// Experience that a critic learns from, where the baseline is one.
    pub experience: Option<Experience>,
    /// Diagnostics of the step.
    pub diagnostics: Diagnostics,
}

/// REINFORCE with a baseline: draws, judges, weighs by `(R − b) · ρ`, goes backward.
///
/// `contexts` is the number of groups in the whole batch, of which `context` may be one part.
pub fn policy_gradient<P: Policy, R: Reward<P>>(
    policy: &P,
    reward: &R,
    context: &P::Context,
    baseline: &BaselineState,
    reduction: Reduction,
    contexts: usize,
    stream: Stream,
) -> Step<P::Gradient> {
    let episodes = policy.sample(context, stream.named("draw"));
    let (rewards, expected) =
        reward.judge(policy, context, &episodes, stream.named("reward"), baseline.needs_expected());
    let states = if baseline.needs_states() { policy.states(&episodes) } else { None };
    let of_state = states.as_ref().map(|states| states.view());
    let baselines = baseline.estimate(rewards.view(), &episodes.groups, expected.as_deref(), of_state);
    let weights = draw_weights(&rewards, &baselines, &episodes, |draws| reduction.scale(draws, contexts));
    let gradient = policy.backward(context, &episodes, weights.view());

    let (entropy, variance) = policy.spread(&episodes, weights.view());
    let groups = &episodes.groups;
    let all = 0..rewards.ncols();
    let per_context = f64::from(reduction.scale(1, contexts)).powi(2);
    let diagnostics = Diagnostics {
        reward: group_mean(rewards.view(), &episodes, all.clone()),
        baseline: group_mean(baselines.view(), &episodes, all.clone()),
        gradient_variance: if episodes.enumerated {
            0.0
        } else {
            variance / groups.len().max(1) as f64 / per_context
        },
        effective_sample: if episodes.enumerated { 1.0 } else { effective_sample(&episodes) },
        entropy,
        contexts: groups.len(),
    };
    let mean_rewards = match all.len() {
        1 => vec![diagnostics.reward as f32],
        _ => all.map(|step| group_mean(rewards.view(), &episodes, step..step + 1) as f32).collect(),
    };
    let experience = states.map(|states| Experience { states, rewards, importance: episodes.importance });
    Step { gradient, mean_rewards, experience, diagnostics }
}

/// `(R − b) · ρ` of every draw, times the `scale` of a group of so many draws: `[B, T]`.
fn draw_weights<T>(
    rewards: &Array2<f32>,
    baselines: &Array2<f32>,
    episodes: &Episodes<T>,
    scale: impl Fn(usize) -> f32,
) -> Array2<f32> {
    let mut weights = Array2::zeros(rewards.raw_dim());
    for group in &episodes.groups {
        let (scale, rows) = (scale(group.len()), s![group.clone(), ..]);
        Zip::from(weights.slice_mut(rows))
            .and(rewards.slice(rows))
            .and(baselines.slice(rows))
            .and(episodes.importance.slice(rows))
            .for_each(|weight, reward, baseline, ratio| *weight = (reward - baseline) * ratio * scale);
    }
    weights
}
