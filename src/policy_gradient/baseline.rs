//! Baselines: what is subtracted from a reward to lower the variance of the estimator.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::error::Error;

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
            ("moving", true, _) => Ok(Self::Moving(0.9)),
            ("moving", false, Some(decay)) if (0.0..1.0).contains(&decay) => Ok(Self::Moving(decay)),
            ("constant", false, Some(value)) => Ok(Self::Constant(value)),
            _ => Err(Error::Config(format!(
                "baseline `{text}`: expected none, constant:VALUE, moving[:DECAY in 0..1], mean, expected or \
                 leave-one-out"
            ))),
        }
    }
}

impl TryFrom<String> for Baseline {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Baseline> for String {
    fn from(baseline: Baseline) -> Self {
        baseline.to_string()
    }
}

/// A baseline and what it remembers between batches.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineState {
    baseline: Baseline,
    average: Vec<f32>, // [T], for the moving average; empty before the first batch
}

impl BaselineState {
    /// A baseline that has seen nothing yet.
    pub fn new(baseline: Baseline) -> Self {
        Self { baseline, average: vec![] }
    }

    /// The baseline of every step. `rewards: [B, T]`; `groups` cover `0..B`; `expected` is one
    /// number a group; returns `[B, T]`.
    ///
    /// # Panics
    /// When `expected` is needed and missing.
    pub fn estimate(
        &self,
        rewards: ArrayView2<'_, f32>,
        groups: &[Range<usize>],
        expected: Option<&[f32]>,
    ) -> Array2<f32> {
        let mut out = Array2::zeros(rewards.raw_dim());
        for (g, group) in groups.iter().enumerate() {
            let draws = group.len() as f32;
            for step in 0..rewards.ncols() {
                let total: f32 = group.clone().map(|row| rewards[[row, step]]).sum();
                for row in group.clone() {
                    out[[row, step]] = match self.baseline {
                        Baseline::None => 0.0,
                        Baseline::Constant(value) => value,
                        Baseline::Moving(_) => self.average.get(step).copied().unwrap_or(0.0),
                        Baseline::Mean => total / draws,
                        Baseline::Expected => expected.expect("the reward knows its expectation")[g],
                        Baseline::LeaveOneOut if group.len() == 1 => 0.0,
                        Baseline::LeaveOneOut => (total - rewards[[row, step]]) / (draws - 1.0),
                    };
                }
            }
        }
        out
    }

    /// Takes in the mean reward of each step of a batch, `[T]`.
    pub fn update(&mut self, means: &[f32]) {
        if let Baseline::Moving(decay) = self.baseline {
            if self.average.is_empty() {
                self.average = means.to_vec();
            }
            for (average, &mean) in self.average.iter_mut().zip(means) {
                *average = decay * *average + (1.0 - decay) * mean;
            }
        }
    }
}
