//! Settings of the network over feature vectors.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};
use crate::nn::{Activation, Initializer};

/// Settings of the network of every player and baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScorerConfig {
    /// Widths of the hidden layers; none gives a linear scorer.
    pub hidden: Vec<usize>,
    /// Non-linearity of the hidden layers.
    pub activation: Activation,
    /// Share of hidden units dropped while training.
    pub dropout: f32,
    /// Distribution of the initial weights.
    pub initializer: Initializer,
}

impl Default for ScorerConfig {
    fn default() -> Self {
        Self {
            hidden: vec![46],
            activation: Activation::Tanh,
            dropout: 0.0,
            initializer: Initializer::Xavier,
        }
    }
}

impl ScorerConfig {
    /// Returns the number of weights of a network over `features`, but for those of the output.
    pub(in crate::ranking) fn weights(&self, features: usize) -> usize {
        let first = self.hidden.first().map_or(0, |width| features * width);
        first + self.hidden.windows(2).map(|pair| pair[0] * pair[1]).sum::<usize>()
    }

    /// Refuses networks that cannot be made.
    pub(in crate::ranking) fn validate(&self) -> Result<()> {
        require(self.hidden.iter().all(|width| (1..=WIDEST).contains(width)), || {
            format!("the widths of hidden layers must lie in 1 to {WIDEST}")
        })?;
        let weights = self.weights(0); // widths are bounded
        require(weights <= MOST_WEIGHTS, || {
            format!("the hidden layers have {weights} weights between them; at most {MOST_WEIGHTS} are held")
        })?;
        require((0.0..1.0).contains(&self.dropout), || "dropout must lie in [0, 1)".into())?;
        let spread = match self.initializer {
            Initializer::Xavier | Initializer::He => 0.0,
            Initializer::Normal(deviation) | Initializer::TruncatedNormal(deviation) => deviation,
            Initializer::Uniform(bound) => bound,
        };
        require(spread.is_finite() && spread.abs() <= 1e6, || {
            "the initializer's spread must be at most 1e6".into()
        })
    }
}

/// More hidden units in a layer are a slip of the keyboard.
const WIDEST: usize = 1 << 16;

/// Weights between hidden layers: 1 GiB, and optimisers hold several copies.
const MOST_WEIGHTS: usize = 1 << 28;
