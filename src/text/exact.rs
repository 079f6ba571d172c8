//! The exact policy gradient towards a language model: in every state all next tokens count, each with its probability.
//!
//! A judge that is a language model p has a reward of every token, drawn or not, so no token needs to be drawn to learn
//! from. With `ℓ = log π − log p` in one state, the gradients at the logits are
//!
//! - reverse, of `KL(π ‖ p)`: `π(a) (ℓ(a) − Σ_b π(b) ℓ(b))`, which is the policy gradient of the reward `−ℓ`;
//! - forward, of `KL(p ‖ π)`: `π(a) − p(a)`, which is the policy gradient of the reward `p / π`.
//!
//! Both are one call of [`policy_gradient`] on enumerated actions. The states are those of given sentences: drawn from the
//! policy, or real ones. As with [`Credit::Token`](super::Credit::Token), a token is rewarded for itself and not for the
//! states that it leads to.

use ndarray::{Array2, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

use super::models::{BatchState as _, Lane, LanguageModel, Reading as _, RecurrentModel, trimmed};
use crate::data::sentences::Sequences;
use crate::game::RewardSource;
use crate::math::simd;
use crate::policy_gradient::{
    Baseline, BaselineState, Diagnostics, Episodes, Policy, Reduction, Reward, policy_gradient,
    reinforce_grad_of_all,
};
use crate::seed::Stream;

/// States whose next tokens are enumerated at a time.
const ROWS: usize = 64;
/// Largest logarithm of a ratio of probabilities: its exponential is finite.
const LARGEST_RATIO: f32 = 80.0;

/// Divergence from a generator π to a judge p that is a language model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Kl {
    /// `KL(π ‖ p)`: the reward of a token is `log p − log π`.
    #[default]
    Reverse,
    /// `KL(p ‖ π)`: the cross-entropy to the judge's distribution (distillation).
    Forward,
}

/// Sentences in whose states a generator learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Prefixes {
    /// Sentences drawn from the generator.
    #[default]
    Drawn,
    /// Training sentences.
    Real,
}

/// Rule by which a generator moves towards a judge in the states of some sentences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExactReward<'a, T> {
    /// Judge, a language model.
    pub judge: &'a T,
    /// Divergence that is descended.
    pub kl: Kl,
    /// Source of the rewards: the judge, or a placebo.
    pub control: RewardSource,
    /// Reduction of the sentences of the batch: tokens of a sentence add up.
    pub reduction: Reduction,
    /// Weight α of the policy's entropy: every token earns `−α log π` more.
    pub entropy: f32,
}

impl<T: LanguageModel<Context = ()>> ExactReward<'_, T> {
    /// Returns the gradient of the divergence of `policy`, summed over the states of every sentence, and its diagnostics,
    /// means over states. The gradient goes through the states, not through the choice of the sentences.
    ///
    /// ```
    /// use irgan::game::RewardSource;
    /// use irgan::nn::Parameters;
    /// use irgan::policy_gradient::Reduction;
    /// use irgan::seed::Stream;
    /// use irgan::text::models::{oracle_shape, random_oracle};
    /// use irgan::text::{ExactReward, Kl};
    ///
    /// let policy = random_oracle(&oracle_shape(10, 4), 1);
    /// let rule = ExactReward {
    ///     judge: &policy,
    ///     kl: Kl::Reverse,
    ///     control: RewardSource::Discriminator,
    ///     reduction: Reduction::Mean,
    ///     entropy: 0.0,
    /// };
    /// let sentences = policy.draw(5, Stream::new(2));
    /// let (gradient, found) = rule.gradient(&policy, &sentences, Stream::new(3));
    /// // A model diverges from itself by nothing.
    /// assert!(gradient.squared_norm() < 1e-9 && found.reward.abs() < 1e-6);
    /// ```
    pub fn gradient(
        &self,
        policy: &RecurrentModel,
        sentences: &Sequences,
        stream: Stream,
    ) -> (RecurrentModel, Diagnostics) {
        let contexts = match self.reduction {
            Reduction::Sum => 1,
            Reduction::Mean => sentences.len(),
        };
        let (gradient, found) = policy.gradient_by(
            (sentences, sentences),
            None,
            |_, _| true,
            |lane, gradient| {
                let reading = self.judge.read(&vec![(); lane.sentences.len()], trimmed(lane.sentences));
                let mut d_hidden = Array2::zeros(lane.hidden.raw_dim());
                let mut diagnostics = Diagnostics::default();
                for first in (0..lane.places.len()).step_by(ROWS) {
                    let here = first..lane.places.len().min(first + ROWS);
                    let hidden = lane.hidden.slice(s![here.clone(), ..]);
                    let choices = NextTokens::new(policy.projection().logits(hidden));
                    let reward = Towards { rule: self, log_p: self.log_p(lane, &reading, here.clone()) };
                    let stream = stream.at(lane.first as u64).at(first as u64);
                    let baseline = BaselineState::new(Baseline::Expected);
                    // The mean over enumerated actions is the expectation, whatever the reduction of sentences.
                    let step =
                        policy_gradient(&choices, &reward, &(), &baseline, Reduction::Mean, contexts, stream);
                    let d_logits = step.gradient.view();
                    let d_here = policy.projection().backward_logits(hidden, d_logits, gradient);
                    d_hidden.slice_mut(s![here, ..]).assign(&d_here);
                    diagnostics = diagnostics.merge(step.diagnostics);
                }
                (d_hidden, diagnostics)
            },
        );
        (gradient, found.into_iter().fold(Diagnostics::default(), Diagnostics::merge))
    }

    /// Computes the judge's `log p` of all tokens in the states of some places of a lane: `[N, V]`.
    fn log_p(&self, lane: &Lane<'_>, reading: &T::Reading, places: std::ops::Range<usize>) -> Array2<f32> {
        let of_step = |places: &[(usize, usize)]| {
            let rows: Vec<usize> = places.iter().map(|&(row, _)| row).collect();
            self.judge.logits(&reading.state(places[0].1).select(&rows))
        };
        let parts: Vec<_> = lane.places[places].chunk_by(|a, b| a.1 == b.1).map(of_step).collect();
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        let mut log_p = ndarray::concatenate(Axis(0), &views).expect("one vocabulary");
        log_p.rows_mut().into_iter().for_each(|row| simd::log_softmax(contiguous(row)));
        log_p
    }
}

fn contiguous(row: ndarray::ArrayViewMut1<'_, f32>) -> &mut [f32] {
    row.into_slice().expect("rows are contiguous")
}

/// Next tokens of N states: a policy whose episodes are one step long, and are all enumerated.
struct NextTokens {
    log_pi: Array2<f32>, // [N, V]
    pi: Array2<f32>,     // [N, V]
}

impl NextTokens {
    /// Takes the logits of the states: `[N, V]`.
    fn new(mut logits: Array2<f32>) -> Self {
        let mut pi = Array2::zeros(logits.raw_dim());
        for (logits, pi) in logits.rows_mut().into_iter().zip(pi.rows_mut()) {
            simd::softmax_and_log(contiguous(logits), contiguous(pi));
        }
        Self { log_pi: logits, pi }
    }
}

impl Policy for NextTokens {
    type Context = ();
    type Trace<'c> = ();
    type Gradient = Array2<f32>; // at the logits, [N, V]

    fn sample<'c>(&'c self, (): &'c (), _: Stream) -> Episodes<()> {
        let (states, vocabulary) = self.pi.dim();
        let count = states * vocabulary;
        let importance = &self.pi * vocabulary as f32; // ρ = V · π
        Episodes {
            actions: Array2::from_shape_fn((count, 1), |(row, _)| (row % vocabulary) as u32),
            importance: column(importance),
            groups: (0..states).map(|state| state * vocabulary..(state + 1) * vocabulary).collect(),
            lengths: None,
            enumerated: true,
            trace: (),
        }
    }

    fn backward(&self, (): &(), _: &Episodes<()>, weights: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut d_logits = self.pi.clone();
        let weights = weights.to_slice().expect("one column");
        for (d, weights) in d_logits.rows_mut().into_iter().zip(weights.chunks_exact(self.pi.ncols())) {
            reinforce_grad_of_all(weights, 1.0, contiguous(d));
        }
        d_logits
    }

    fn spread(&self, _: &Episodes<()>, _: ArrayView2<'_, f32>) -> (f64, f64) {
        let entropy = -self.pi.iter().zip(&self.log_pi).map(|(&p, &log_p)| product(p, log_p)).sum::<f64>();
        (entropy / self.pi.nrows().max(1) as f64, 0.0)
    }
}

/// Returns `p x`; 0 where p is 0, whatever x is.
fn product(p: f32, x: f32) -> f64 {
    if p > 0.0 { f64::from(p) * f64::from(x) } else { 0.0 }
}

/// Lays `[N, V]` out as one column: `[N · V, 1]`.
fn column(values: Array2<f32>) -> Array2<f32> {
    let count = values.len();
    values.into_shape_with_order((count, 1)).expect("standard layout")
}

/// Rewards of all next tokens of N states.
struct Towards<'a, T> {
    rule: &'a ExactReward<'a, T>,
    log_p: Array2<f32>, // of the judge, [N, V]
}

impl<T> Towards<'_, T> {
    /// Computes the reward of every token: `[N, V]`.
    fn rewards(&self, policy: &NextTokens, stream: Stream) -> Array2<f32> {
        let mut rewards = &self.log_p - &policy.log_pi;
        if self.rule.kl == Kl::Forward {
            rewards.mapv_inplace(|ratio| ratio.min(LARGEST_RATIO));
            simd::exp(rewards.as_slice_mut().expect("standard layout"));
        }
        for (state, row) in rewards.rows_mut().into_iter().enumerate() {
            self.rule.control.apply(contiguous(row), stream.at(state as u64));
        }
        if self.rule.entropy > 0.0 {
            rewards.scaled_add(-self.rule.entropy, &policy.log_pi);
        }
        rewards
    }
}

impl<T: LanguageModel<Context = ()>> Reward<NextTokens> for Towards<'_, T> {
    fn score(&self, policy: &NextTokens, (): &(), _: &Episodes<()>, stream: Stream) -> Array2<f32> {
        column(self.rewards(policy, stream))
    }

    fn judge(
        &self,
        policy: &NextTokens,
        (): &(),
        _: &Episodes<()>,
        stream: Stream,
        _needs_expected: bool,
    ) -> (Array2<f32>, Option<Vec<f32>>) {
        let rewards = self.rewards(policy, stream);
        let of_state = |(pi, rewards): (ndarray::ArrayView1<'_, f32>, ndarray::ArrayView1<'_, f32>)| {
            pi.iter().zip(rewards).map(|(&p, &reward)| product(p, reward)).sum::<f64>() as f32
        };
        let expected = policy.pi.rows().into_iter().zip(rewards.rows()).map(of_state).collect();
        (column(rewards), Some(expected))
    }
}
