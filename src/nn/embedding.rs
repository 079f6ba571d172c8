//! Embedding, a table of vectors of tokens: `x = W[token]`.

use ndarray::{Array2, ArrayView2};

use super::{Initializer, impl_parameters};
use crate::math::{axpy, gemm};
use crate::seed::Rng;

/// Table of one vector of E values for each of V tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    weight: Array2<f32>, // [V, E]
}

impl Embedding {
    /// Makes a table of `vocabulary` vectors of `size` values.
    pub fn new(vocabulary: usize, size: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        Self { weight: initializer.sample((vocabulary, size), vocabulary, size, rng) }
    }

    /// Makes a table of the vectors `weight: [V, E]`.
    pub fn from_weight(weight: Array2<f32>) -> Self {
        Self { weight: weight.as_standard_layout().into_owned() }
    }

    /// Returns the numbers of tokens and of values of a vector, `(V, E)`.
    pub fn dim(&self) -> (usize, usize) {
        self.weight.dim()
    }

    /// Returns the whole table: `[V, E]`.
    pub fn weight(&self) -> ArrayView2<'_, f32> {
        self.weight.view()
    }

    /// Returns the vector of one token: `[E]`.
    pub fn vector(&self, token: u32) -> &[f32] {
        let size = self.weight.ncols();
        let all = self.weight.as_slice().expect("a table is contiguous");
        &all[token as usize * size..][..size]
    }

    /// Returns the vector of one token, or of its gradient, for changes: `[E]`.
    pub fn vector_mut(&mut self, token: u32) -> &mut [f32] {
        let size = self.weight.ncols();
        let all = self.weight.as_slice_mut().expect("a table is contiguous");
        &mut all[token as usize * size..][..size]
    }

    /// Returns the vectors of `tokens: [N]`: `[N, E]`.
    pub fn forward(&self, tokens: &[u32]) -> Array2<f32> {
        let size = self.weight.ncols();
        let mut x = Vec::with_capacity(tokens.len() * size);
        tokens.iter().for_each(|&token| x.extend_from_slice(self.vector(token)));
        Array2::from_shape_vec((tokens.len(), size), x).expect("one vector a token")
    }

    /// Returns the mean vectors of mixtures of tokens, `mixtures: [N, V]`: `[N, E]`.
    pub fn mix(&self, mixtures: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::matmul(mixtures, self.weight())
    }

    /// Adds the gradient of the vectors of mixtures, `d_x: [N, E]`, to `gradient`.
    pub fn backward_mixtures(mixtures: ArrayView2<'_, f32>, d_x: ArrayView2<'_, f32>, gradient: &mut Self) {
        gemm::add_transposed_product(mixtures, d_x, gradient.weight.view_mut());
    }

    /// Returns the gradient at the parts of mixtures, `[N, V]`, from that at their vectors, `d_x: [N, E]`.
    pub fn backward_parts(&self, d_x: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::matmul(d_x, self.weight().t())
    }

    /// Adds each row of `d_x: [N, E]` to the gradient of its token in `tokens: [N]`.
    pub fn backward(tokens: &[u32], d_x: ArrayView2<'_, f32>, gradient: &mut Self) {
        assert_eq!(tokens.len(), d_x.nrows(), "one gradient a token");
        let size = gradient.weight.ncols();
        let d_x = d_x.as_standard_layout();
        let d_x = d_x.as_slice().expect("standard layout is contiguous");
        let all = gradient.weight.as_slice_mut().expect("a table is contiguous");
        for (&token, d_x) in tokens.iter().zip(d_x.chunks_exact(size.max(1))) {
            axpy(1.0, d_x, &mut all[token as usize * size..][..size]);
        }
    }
}

impl_parameters!(Embedding { "weight": weight });
