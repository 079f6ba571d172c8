//! Attention: each query takes the mean of a source's vectors, weighted by how well they fit it.
//!
//! With a query q and the vectors m_1, …, m_S of its source, `a = softmax(score(q, m_s))` and the context is
//! `c = Σ_s a_s m_s`. The scores (Luong et al., 2015, section 3.1; Bahdanau et al., 2015, appendix A.1.2):
//!
//! | kind | score(q, m) |
//! |---|---|
//! | dot | `q · m` |
//! | general | `q · (m W)` |
//! | additive | `v · tanh(q Q + m W)` |
//!
//! What depends on the source alone, its *keys* `m` or `m W`, is computed once. A query is given the vectors of its own
//! source and nothing else, so padding has neither weight nor gradient: there is none.

use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::{Initializer, impl_parameters};
use crate::math::{axpy, dot, gemm, simd};
use crate::seed::Rng;

/// Kind of the scores of attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum AttentionKind {
    /// No attention: a decoder knows the last state of the encoder alone (Sutskever et al., 2014).
    None,
    /// Dot product of query and vector.
    Dot,
    /// Bilinear form of query and vector.
    #[default]
    General,
    /// Network of one hidden layer over query and vector.
    Additive,
}

/// Layer of attention with queries and vectors of H values.
#[derive(Clone, Debug, PartialEq)]
pub struct Attention {
    hidden: usize,
    key: Option<Array2<f32>>,       // W: [H, H]
    additive: Option<AdditivePart>, // then W is there too
}

/// Parameters that only additive scores have.
#[derive(Clone, Debug, PartialEq)]
struct AdditivePart {
    query: Array2<f32>,  // Q: [H, H]
    vector: Array1<f32>, // v: [H]
}

/// Vectors of one source, S of them, and their keys.
#[derive(Clone, Copy, Debug)]
pub struct Memory<'a> {
    /// Keys, one below the other: `[S · H]`.
    pub keys: &'a [f32],
    /// Vectors, one below the other: `[S · H]`.
    pub values: &'a [f32],
}

/// Gradient at the vectors of all sources and at their keys, each `[Σ S, H]`.
#[derive(Clone, Debug)]
pub struct MemoryGradient {
    /// Gradient at the keys.
    pub keys: Array2<f32>,
    /// Gradient at the vectors.
    pub values: Array2<f32>,
}

/// Attention weights of a batch of queries, which the backward pass needs.
#[derive(Clone, Debug, Default)]
pub struct AttentionCache {
    weights: Vec<f32>,
    ends: Vec<usize>,
}

impl AttentionCache {
    /// Returns the weights of query `row`: `[S]`.
    pub fn weights(&self, row: usize) -> &[f32] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.weights[start..self.ends[row]]
    }
}

impl Attention {
    /// Makes a layer for queries and vectors of `hidden` values; `None` without attention.
    pub fn new(kind: AttentionKind, hidden: usize, initializer: Initializer, rng: &mut Rng) -> Option<Self> {
        let mut square = || initializer.sample((hidden, hidden), hidden, hidden, rng);
        let key = matches!(kind, AttentionKind::General | AttentionKind::Additive).then(&mut square);
        let query = (kind == AttentionKind::Additive).then(&mut square);
        let additive =
            query.map(|query| AdditivePart { query, vector: initializer.sample(hidden, hidden, 1, rng) });
        (kind != AttentionKind::None).then_some(Self { hidden, key, additive })
    }

    /// Computes the keys of `values: [N, H]`, the vectors of any number of sources: `[N, H]`.
    pub fn keys(&self, values: ArrayView2<'_, f32>) -> Array2<f32> {
        match &self.key {
            Some(weight) => gemm::matmul(values, weight.view()),
            None => values.to_owned(),
        }
    }

    /// Adds the gradient at the vectors, by way of their keys, to that which `d` has already, and to `gradient`.
    pub fn keys_backward(&self, values: ArrayView2<'_, f32>, d: &mut MemoryGradient, gradient: &mut Self) {
        match (&self.key, &mut gradient.key) {
            (Some(weight), Some(d_weight)) => {
                gemm::add_transposed_product(values, d.keys.view(), d_weight.view_mut());
                gemm::gemm(1.0, d.keys.view(), weight.t(), 1.0, d.values.view_mut());
            }
            _ => d.values += &d.keys,
        }
    }

    /// Computes the contexts `[N, H]` of `queries: [N, H]` from the memory of the source of each, `memories: [N]`.
    ///
    /// The weights are appended to `cache`, which may hold those of earlier queries.
    pub fn forward(
        &self,
        queries: ArrayView2<'_, f32>,
        memories: &[Memory<'_>],
        cache: &mut AttentionCache,
    ) -> Array2<f32> {
        assert_eq!(queries.nrows(), memories.len(), "one memory a query");
        let mut contexts = Array2::zeros((queries.nrows(), self.hidden));
        let projected = self.project(queries);
        for ((query, memory), mut context) in
            projected.rows().into_iter().zip(memories).zip(contexts.rows_mut())
        {
            let start = cache.weights.len();
            let query = query.to_slice().expect("rows are contiguous");
            self.scores(query, memory.keys, &mut cache.weights);
            let weights = &mut cache.weights[start..];
            simd::softmax(weights);
            let context = context.as_slice_mut().expect("rows are contiguous");
            for (&weight, value) in weights.iter().zip(memory.values.chunks_exact(self.hidden)) {
                axpy(weight, value, context);
            }
            cache.ends.push(cache.weights.len());
        }
        contexts
    }

    /// Computes the gradient at the `queries: [N, H]`, which are those number `first` and later of `cache`, from
    /// `d_contexts: [N, H]`.
    ///
    /// That at the memory of query n is added to the rows of `d` from `starts[n]` on, that at the parameters to
    /// `gradient`.
    pub fn backward(
        &self,
        (queries, memories, starts): (ArrayView2<'_, f32>, &[Memory<'_>], &[usize]),
        (cache, first): (&AttentionCache, usize),
        d_contexts: ArrayView2<'_, f32>,
        d: &mut MemoryGradient,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let wide = self.hidden;
        let projected = self.project(queries);
        let mut d_projected = Array2::zeros(queries.raw_dim());
        let (d_keys, d_values) = (slice_mut(&mut d.keys), slice_mut(&mut d.values));
        for (n, mut d_query) in d_projected.rows_mut().into_iter().enumerate() {
            let (memory, weights) = (memories[n], cache.weights(first + n));
            let d_context = d_contexts.row(n).to_slice().expect("rows are contiguous");
            let here = starts[n] * wide..starts[n] * wide + memory.values.len();
            let d_values = &mut d_values[here.clone()];
            let mut d_scores: Vec<f32> =
                memory.values.chunks_exact(wide).map(|value| dot(d_context, value)).collect();
            for (&weight, d_value) in weights.iter().zip(d_values.chunks_exact_mut(wide)) {
                axpy(weight, d_context, d_value);
            }
            let mean = dot(weights, &d_scores);
            d_scores.iter_mut().zip(weights).for_each(|(d, weight)| *d = weight * (*d - mean));
            self.scores_backward(
                projected.row(n).to_slice().expect("rows are contiguous"),
                memory.keys,
                &d_scores,
                (d_query.as_slice_mut().expect("rows are contiguous"), &mut d_keys[here]),
                gradient,
            );
        }
        match (&self.additive, &mut gradient.additive) {
            (Some(part), Some(d_part)) => {
                gemm::add_transposed_product(queries, d_projected.view(), d_part.query.view_mut());
                gemm::matmul(d_projected.view(), part.query.t())
            }
            _ => d_projected,
        }
    }

    /// Computes the side of the scores that depends on the query alone: `[N, H]`.
    fn project(&self, queries: ArrayView2<'_, f32>) -> Array2<f32> {
        match &self.additive {
            Some(part) => gemm::matmul(queries, part.query.view()),
            None => queries.as_standard_layout().into_owned(),
        }
    }

    /// Appends the score of every key to `scores`.
    fn scores(&self, query: &[f32], keys: &[f32], scores: &mut Vec<f32>) {
        let keys = keys.chunks_exact(self.hidden);
        match &self.additive {
            None => scores.extend(keys.map(|key| dot(query, key))),
            Some(part) => {
                let vector = part.vector.as_slice().expect("a vector is contiguous");
                let mut units = vec![0.0; self.hidden];
                scores.extend(keys.map(|key| {
                    additive_units(query, key, &mut units);
                    dot(vector, &units)
                }));
            }
        }
    }

    /// Adds the gradients at the projected query and at the keys to `d_query: [H]` and `d_keys: [S · H]`.
    fn scores_backward(
        &self,
        query: &[f32],
        keys: &[f32],
        d_scores: &[f32],
        (d_query, d_keys): (&mut [f32], &mut [f32]),
        gradient: &mut Self,
    ) {
        let rows = keys.chunks_exact(self.hidden).zip(d_keys.chunks_exact_mut(self.hidden));
        let Some((part, d_part)) = self.additive.as_ref().zip(gradient.additive.as_mut()) else {
            for ((key, d_key), &d_score) in rows.zip(d_scores) {
                axpy(d_score, key, d_query);
                axpy(d_score, query, d_key);
            }
            return;
        };
        let vector = part.vector.as_slice().expect("a vector is contiguous");
        let d_vector = d_part.vector.as_slice_mut().expect("a vector is contiguous");
        let (mut units, mut d_units) = (vec![0.0; self.hidden], vec![0.0; self.hidden]);
        for ((key, d_key), &d_score) in rows.zip(d_scores) {
            additive_units(query, key, &mut units);
            axpy(d_score, &units, d_vector);
            d_units.iter_mut().zip(vector).for_each(|(d, v)| *d = d_score * v);
            simd::tanh_backward(&units, &mut d_units);
            axpy(1.0, &d_units, d_query);
            axpy(1.0, &d_units, d_key);
        }
    }
}

/// Computes `tanh(q Q + m W)` from the two terms: `[H]`.
fn additive_units(query: &[f32], key: &[f32], units: &mut [f32]) {
    units.iter_mut().zip(query).zip(key).for_each(|((unit, q), k)| *unit = q + k);
    simd::tanh(units);
}

impl MemoryGradient {
    /// Returns the gradient zero at the memory of all sources together, `rows` vectors of `hidden` values.
    pub fn zeros(rows: usize, hidden: usize) -> Self {
        Self { keys: Array2::zeros((rows, hidden)), values: Array2::zeros((rows, hidden)) }
    }
}

fn slice_mut(array: &mut Array2<f32>) -> &mut [f32] {
    array.as_slice_mut().expect("a gradient is contiguous")
}

impl_parameters!(AdditivePart { "query": query, "vector": vector });
impl_parameters!(Attention { "key": key, "": additive });
