//! What optimisers, checkpoints and gradient checks need to know of a model: its named tensors.

use std::borrow::Cow;

use crate::math::simd;
use ndarray::{ArrayViewD, ArrayViewMutD, Zip};
use rayon::prelude::*;

/// A named parameter tensor.
#[derive(Debug)]
pub struct Tensor<'a> {
    /// Path of the tensor inside the model, such as `layers.0.weight`.
    pub name: Cow<'static, str>,
    /// Its values, in standard layout.
    pub values: ArrayViewD<'a, f32>,
}

/// A named parameter tensor that can be changed.
#[derive(Debug)]
pub struct TensorMut<'a> {
    /// Path of the tensor inside the model, such as `layers.0.weight`.
    pub name: Cow<'static, str>,
    /// Its values, in standard layout.
    pub values: ArrayViewMutD<'a, f32>,
}

/// A model as a list of tensors. A gradient is a value of the same type, so arithmetic between
/// the two goes tensor by tensor, always in the same order.
pub trait Parameters: Clone + Send + Sync {
    /// Every tensor, in a fixed order.
    fn tensors(&self) -> Vec<Tensor<'_>>;

    /// Every tensor, in the order of [`Parameters::tensors`].
    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>>;

    /// The same shapes, all zero: an empty gradient.
    fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        for mut tensor in zeros.tensors_mut() {
            tensor.values.fill(0.0);
        }
        zeros
    }

    /// Every value becomes 0: a gradient used again.
    fn clear(&mut self) {
        for mut tensor in self.tensors_mut() {
            match tensor.values.as_slice_mut() {
                Some(values) => values.par_chunks_mut(1 << 18).for_each(|part| part.fill(0.0)),
                None => tensor.values.fill(0.0),
            }
        }
    }

    /// `self += other`.
    fn add(&mut self, other: &Self) {
        for (mut into, from) in self.tensors_mut().into_iter().zip(other.tensors()) {
            Zip::from(&mut into.values).and(&from.values).for_each(|a, &b| *a += b);
        }
    }

    /// `self *= factor`.
    fn scale(&mut self, factor: f32) {
        for mut tensor in self.tensors_mut() {
            tensor.values.map_inplace(|value| *value *= factor);
        }
    }

    /// Sum of squares over all tensors.
    fn squared_norm(&self) -> f64 {
        let squares = |tensor: Tensor<'_>| match tensor.values.as_slice() {
            Some(values) => simd::sum_of_squares(values),
            None => tensor.values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>(),
        };
        self.tensors().into_iter().map(squares).sum()
    }

    /// Whether no value is NaN or infinite.
    fn is_finite(&self) -> bool {
        self.tensors().iter().all(|tensor| tensor.values.iter().all(|v| v.is_finite()))
    }

    /// Number of values over all tensors.
    fn count(&self) -> usize {
        self.tensors().iter().map(|tensor| tensor.values.len()).sum()
    }
}

/// Names the tensors of a part of a model: `prefix.name`.
pub(crate) fn prefixed<'a>(prefix: &str, tensors: Vec<Tensor<'a>>) -> impl Iterator<Item = Tensor<'a>> {
    tensors.into_iter().map(move |t| Tensor { name: format!("{prefix}.{}", t.name).into(), values: t.values })
}

/// Names the tensors of a part of a model: `prefix.name`.
pub(crate) fn prefixed_mut<'a>(
    prefix: &str,
    tensors: Vec<TensorMut<'a>>,
) -> impl Iterator<Item = TensorMut<'a>> {
    tensors
        .into_iter()
        .map(move |t| TensorMut { name: format!("{prefix}.{}", t.name).into(), values: t.values })
}
