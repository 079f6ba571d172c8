//! Baselines: what is subtracted from a reward to lower the variance of the estimator.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use ndarray::{Array1, Array2, Array3, ArrayD, ArrayView2, ArrayView3, s};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files::serde_as_text;
use crate::nn::{Learner, Linear, OptimizerConfig, Parameters as _, impl_parameters};

/// The baseline `b` of the weight `(R − b) · ρ`.
///
/// All but [`Baseline::Mean`] leave the mean of the estimator as it is. `Mean` includes the draw's
/// own reward and so shrinks the gradient by (1 − 1/B); `LeaveOneOut` is its unbiased twin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Baseline {
    /// 0.
    None,
    /// A fixed number.
    Constant(f32),
    /// Exponential moving average of the mean reward of each step, with this decay.
    Moving(f32),
    /// Mean reward of the context's draws at the same step.
    Mean,
    /// `Σ_a π(a) R(a)`, where the action set can be scored whole.
    #[default]
    Expected,
    /// Mean reward of the context's other draws at the same step.
    LeaveOneOut,
    /// A learned linear function of the policy's state (actor–critic), trained on squared errors by Adam
    /// with this learning rate.
    Critic(f32),
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Constant(value) => write!(f, "constant:{value}"),
            Self::Moving(decay) => write!(f, "moving:{decay}"),
            Self::Mean => f.write_str("mean"),
            Self::Expected => f.write_str("expected"),
            Self::LeaveOneOut => f.write_str("leave-one-out"),
            Self::Critic(rate) => write!(f, "critic:{rate}"),
        }
    }
}

impl FromStr for Baseline {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, number) = text.split_once(':').unwrap_or((text, ""));
        let parsed = number.parse::<f32>().ok().filter(|value| value.is_finite());
        match (name, number.is_empty(), parsed) {
            ("none", true, _) => Ok(Self::None),
            ("mean", true, _) => Ok(Self::Mean),
            ("expected", true, _) => Ok(Self::Expected),
            ("leave-one-out", true, _) => Ok(Self::LeaveOneOut),
            ("critic", true, _) => Ok(Self::Critic(0.01)),
            ("critic", false, Some(rate)) if rate > 0.0 => Ok(Self::Critic(rate)),
            ("moving", true, _) => Ok(Self::Moving(0.9)),
            ("moving", false, Some(decay)) if (0.0..1.0).contains(&decay) => Ok(Self::Moving(decay)),
            ("constant", false, Some(value)) => Ok(Self::Constant(value)),
            _ => Err(Error::Config(format!(
                "baseline `{text}`: expected none, constant:VALUE, moving[:DECAY in 0..1], mean, expected, \
                 leave-one-out or critic[:RATE]"
            ))),
        }
    }
}

serde_as_text!(Baseline);

/// Baseline with its memory between batches. The [`Parameters`](crate::nn::Parameters) of a baseline are that memory, for checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineState {
    baseline: Baseline,
    average: ArrayD<f32>, // [T], for the moving average; empty before the first batch when T is not known
    batches: ArrayD<f32>, // [1]
    critic: Option<Learner<Linear>>, // [S, 1]
}

/// Experience that a learned baseline is trained on.
#[derive(Clone, Debug)]
pub struct Experience {
    /// `[B, T, S]`.
    pub states: Array3<f32>,
    /// `[B, T]`.
    pub rewards: Array2<f32>,
    /// `[B, T]`; a step of importance 0 takes no part.
    pub importance: Array2<f32>,
}

impl BaselineState {
    /// Returns a baseline that has seen nothing yet, for episodes of any length without states.
    pub fn new(baseline: Baseline) -> Self {
        Self::for_episodes(baseline, 0, 0)
    }

    /// Returns a baseline that has seen nothing yet, for episodes of T `steps` whose states have S = `width` values.
    pub fn for_episodes(baseline: Baseline, steps: usize, width: usize) -> Self {
        let critic = match baseline {
            Baseline::Critic(learning_rate) => {
                let linear = Linear::from_parts(Array2::zeros((width, 1)), Array1::zeros(1));
                let config = OptimizerConfig { learning_rate, ..Default::default() };
                Some(Learner::new(linear, config))
            }
            _ => None,
        };
        Self { baseline, average: ArrayD::zeros(vec![steps]), batches: ArrayD::zeros(vec![1]), critic }
    }

    /// Returns true for a baseline that is made of `Σ_a π(a) R(a)`.
    pub fn needs_expected(&self) -> bool {
        self.baseline == Baseline::Expected
    }

    /// Returns true for a baseline that learns from the policy's states.
    pub fn needs_states(&self) -> bool {
        self.critic.is_some()
    }

    /// Returns the baseline of every step. `rewards: [B, T]`; `groups` cover `0..B`; `expected` is one
    /// number a group; `states: [B, T, S]`; returns `[B, T]`.
    ///
    /// # Panics
    /// When `expected` or `states` are needed and missing.
    pub fn estimate(
        &self,
        rewards: ArrayView2<'_, f32>,
        groups: &[Range<usize>],
        expected: Option<&[f32]>,
        states: Option<ArrayView3<'_, f32>>,
    ) -> Array2<f32> {
        if let Some(linear) = &self.critic {
            let states = states.expect("the policy has states for the critic");
            return values(linear, states).into_shape_with_order(rewards.raw_dim()).expect("a value a step");
        }
        let started = self.batches[0] > 0.0;
        let mut out = Array2::zeros(rewards.raw_dim());
        for (g, group) in groups.iter().enumerate() {
            let same = match self.baseline {
                Baseline::None => Some(0.0),
                Baseline::Constant(value) => Some(value),
                Baseline::Expected => Some(expected.expect("the reward knows its expectation")[g]),
                _ => None,
            };
            if let Some(value) = same {
                out.slice_mut(s![group.clone(), ..]).fill(value);
                continue;
            }
            let draws = group.len() as f32;
            for step in 0..rewards.ncols() {
                let total: f32 = group.clone().map(|row| rewards[[row, step]]).sum();
                for row in group.clone() {
                    out[[row, step]] = match self.baseline {
                        Baseline::Moving(_) if started => self.average[step],
                        Baseline::Mean => total / draws,
                        Baseline::LeaveOneOut if group.len() > 1 => {
                            (total - rewards[[row, step]]) / (draws - 1.0)
                        }
                        _ => 0.0, // nothing to go by yet
                    };
                }
            }
        }
        out
    }

    /// Takes in the mean reward of each step of a batch, `[T]`.
    pub fn update(&mut self, means: &[f32]) {
        if let Baseline::Moving(decay) = self.baseline {
            if self.batches[0] == 0.0 {
                self.average = ArrayD::from_shape_vec(vec![means.len()], means.to_vec()).expect("one row");
            }
            for (average, &mean) in self.average.iter_mut().zip(means) {
                *average = decay * *average + (1.0 - decay) * mean;
            }
            self.batches[0] = 1.0;
        }
    }

    /// Makes one step of the critic, if there is one, against the squared error of its values.
    pub fn learn(&mut self, experience: &Experience) {
        let Some(linear) = &mut self.critic else { return };
        let Experience { states, rewards, importance } = experience;
        let mut d_values = values(linear, states.view());
        let taken = importance.iter().filter(|&&ratio| ratio != 0.0).count().max(1) as f32;
        for ((d, &reward), &ratio) in d_values.iter_mut().zip(rewards).zip(importance) {
            *d = if ratio == 0.0 { 0.0 } else { 2.0 * (*d - reward) / taken };
        }
        let mut gradient = linear.model().zeros_like();
        linear.backward_parameters(rows(states.view()), d_values.view(), &mut gradient);
        linear.update(&mut gradient);
    }
}

/// `[B, T, S]` as `[B · T, S]`.
fn rows(states: ArrayView3<'_, f32>) -> ArrayView2<'_, f32> {
    let (batch, steps, width) = states.dim();
    states.into_shape_with_order((batch * steps, width)).expect("states are contiguous")
}

/// The critic's value of every state: `[B · T, 1]`.
fn values(linear: &Linear, states: ArrayView3<'_, f32>) -> Array2<f32> {
    linear.forward(rows(states))
}

impl_parameters!(BaselineState { "average": average, "batches": batches, "critic": critic });
