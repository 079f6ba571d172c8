//! Element-wise non-linearities between layers.

use serde::{Deserialize, Serialize};

use crate::math::simd;

/// An element-wise non-linearity whose derivative can be read off its output.
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
    /// Replaces every `x` by its activation.
    pub fn forward(self, values: &mut [f32]) {
        match self {
            Self::Tanh => simd::tanh(values),
            Self::Relu => simd::relu(values),
        }
    }

    /// `outputs` are the activations; `d_outputs` becomes the gradient at their inputs.
    pub fn backward(self, outputs: &[f32], d_outputs: &mut [f32]) {
        assert_eq!(outputs.len(), d_outputs.len(), "one gradient an activation");
        match self {
            Self::Tanh => simd::tanh_backward(outputs, d_outputs),
            Self::Relu => simd::relu_backward(outputs, d_outputs),
        }
    }
}
