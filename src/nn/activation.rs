//! Activations: element-wise non-linear functions between layers.

use serde::{Deserialize, Serialize};

use crate::math::simd;

/// Activation, an element-wise function whose derivative follows from its output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `tanh x`, as in the IRGAN paper.
    #[default]
    Tanh,
    /// `max(0, x)`.
    Relu,
}

impl Activation {
    /// Replaces every value by its activation.
    pub fn forward(self, values: &mut [f32]) {
        match self {
            Self::Tanh => simd::tanh(values),
            Self::Relu => simd::relu(values),
        }
    }

    /// Turns `d_outputs`, the gradient at the activations `outputs`, into the gradient at their inputs.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn backward(self, outputs: &[f32], d_outputs: &mut [f32]) {
        assert_eq!(outputs.len(), d_outputs.len(), "one gradient an activation");
        match self {
            Self::Tanh => simd::tanh_backward(outputs, d_outputs),
            Self::Relu => simd::relu_backward(outputs, d_outputs),
        }
    }
}
