//! The driver: one policy-gradient step, whatever is drawn and whoever judges it.

use ndarray::Array2;

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
    /// What a critic learns from, where the baseline is one.
    pub experience: Option<Experience>,
    /// What the loop reports.
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
    let scale = draw_scale(&episodes, reduction, contexts);
    let weights = (&rewards - &baselines) * &episodes.importance * scale;
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
    let step_mean = |step: usize| group_mean(rewards.view(), &episodes, step..step + 1) as f32;
    let mean_rewards = all.map(step_mean).collect();
    let experience = states.map(|states| Experience { states, rewards, importance: episodes.importance });
    Step { gradient, mean_rewards, experience, diagnostics }
}

/// The factor of every draw: `[B, 1]`.
fn draw_scale<T>(episodes: &Episodes<T>, reduction: Reduction, contexts: usize) -> Array2<f32> {
    let mut scale = Array2::zeros((episodes.actions.nrows(), 1));
    for group in &episodes.groups {
        scale.slice_mut(ndarray::s![group.clone(), ..]).fill(reduction.scale(group.len(), contexts));
    }
    scale
}
