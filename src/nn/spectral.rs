//! Spectral normalisation: every weight divided by its largest singular value, which bounds a network's slopes (Miyato et al.,
//! ICLR 2018).
//!
//! A weight counts as the matrix `[rest, O]`. One step of the power method a call follows the singular vectors, as the weights
//! move little between two.

use ndarray::{Array1, ArrayView2};

use super::{Parameters, Tensor, TensorMut, impl_parameters};
use crate::seed::Rng;

/// Least singular value that a weight is divided by.
const LEAST: f64 = 1e-12;

/// Memory of the power method for the weights of one model, and the last normalisation.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectralNorm {
    right: Vec<Array1<f32>>, // v of each weight: [O]
}

impl_parameters!(SpectralNorm { "right": right });

/// Largest singular value of a weight with its vectors: `W ≈ … + σ u vᵀ`.
#[derive(Clone, Debug, PartialEq)]
pub struct Singular {
    value: f32,
    left: Vec<f32>,  // u: [rest]
    right: Vec<f32>, // v: [O]
}

/// Returns true for a tensor that is normalised.
fn is_weight(name: &str) -> bool {
    name == "weight" || name.ends_with(".weight")
}

fn weights<P: Parameters>(model: &P) -> impl Iterator<Item = Tensor<'_>> {
    model.tensors().into_iter().filter(|tensor| is_weight(&tensor.name))
}

fn weights_mut<P: Parameters>(model: &mut P) -> impl Iterator<Item = TensorMut<'_>> {
    model.tensors_mut().into_iter().filter(|tensor| is_weight(&tensor.name))
}

impl SpectralNorm {
    /// Makes the memory for the weights of `model`: random vectors.
    pub fn new<P: Parameters>(model: &P, rng: &mut Rng) -> Self {
        let columns = |tensor: Tensor<'_>| *tensor.values.shape().last().expect("a weight has columns");
        let mut vector = |n: usize| super::Initializer::Normal(1.0).sample(n, n, n, rng);
        Self { right: weights(model).map(columns).map(&mut vector).collect() }
    }

    /// Returns `model` with normalised weights, and what [`SpectralNorm::pull_back`] takes; makes one step of the power method.
    pub fn normalize<P: Parameters>(&mut self, model: &P) -> (P, Vec<Singular>) {
        let mut normal = model.clone();
        let mut all = vec![];
        for (tensor, right) in weights_mut(&mut normal).zip(&mut self.right) {
            let values = tensor.values.into_slice().expect("parameters are in standard layout");
            let singular = power_step(values, right.as_slice_mut().expect("contiguous"));
            values.iter_mut().for_each(|w| *w /= singular.value);
            all.push(singular);
        }
        (normal, all)
    }

    /// Turns the gradient at the normalised weights into that at the weights, `(d_Ŵ − ⟨d_Ŵ, Ŵ⟩ u vᵀ) / σ`; `normal` is the
    /// normalised model.
    pub fn pull_back<P: Parameters>(normal: &P, singular: &[Singular], gradient: &mut P) {
        for ((d, normal), Singular { value, left, right }) in
            weights_mut(gradient).zip(weights(normal)).zip(singular)
        {
            let d = d.values.into_slice().expect("parameters are in standard layout");
            let inner: f64 =
                d.iter().zip(normal.values.iter()).map(|(&d, &w)| f64::from(d) * f64::from(w)).sum();
            for (d, left) in d.chunks_exact_mut(right.len()).zip(left) {
                for (d, right) in d.iter_mut().zip(right) {
                    *d = (*d - inner as f32 * left * right) / value;
                }
            }
        }
    }
}

/// Makes one step of the power method, `u ← W v / ‖W v‖`, `v ← Wᵀ u / ‖Wᵀ u‖`, and returns `σ = uᵀ W v`.
fn power_step(values: &[f32], right: &mut [f32]) -> Singular {
    let columns = right.len();
    let weight = ArrayView2::from_shape((values.len() / columns, columns), values).expect("whole rows");
    let mut left: Vec<f32> = weight.rows().into_iter().map(|row| dot(row.iter(), right) as f32).collect();
    normalize(&mut left);
    let mut sums = vec![0.0f64; columns];
    for (row, &u) in weight.rows().into_iter().zip(&left) {
        sums.iter_mut().zip(row).for_each(|(sum, &w)| *sum += f64::from(u) * f64::from(w));
    }
    right.iter_mut().zip(sums).for_each(|(v, sum)| *v = sum as f32);
    let value = normalize(right).max(LEAST) as f32; // ‖Wᵀ u‖ = uᵀ W v
    Singular { value, left, right: right.to_vec() }
}

fn dot<'a>(a: impl Iterator<Item = &'a f32>, b: &[f32]) -> f64 {
    a.zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// Divides a vector by its length, which is returned.
fn normalize(vector: &mut [f32]) -> f64 {
    let length = dot(vector.iter(), vector).sqrt();
    vector.iter_mut().for_each(|x| *x = (f64::from(*x) / length.max(LEAST)) as f32);
    length
}
