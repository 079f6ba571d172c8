//! Minibatch discrimination (Salimans et al., NIPS 2016, section 3.2): features that tell how near an example lies to the others of
//! its group, so that a discriminator sees draws that are all alike. With `M_i = x_i T` of B rows of C values,
//! `c_b(i, j) = exp(−‖M_ib − M_jb‖₁)` and `o_b(i) = Σ_j c_b(i, j) / n`, over the n others of the group.
//!
//! # Differences from the paper
//! A mean over the others, where the paper has a sum over the group and the example itself: the features then do not depend on how many
//! real and drawn examples a batch happens to have.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::{Initializer, impl_parameters};
use crate::error::{Error, Result};
use crate::files::serde_as_text;
use crate::math::gemm;
use crate::seed::Rng;

/// Number of features of a minibatch and of the values that each compares, written `B,C`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinibatchSize {
    /// Features of an example, B.
    pub features: usize,
    /// Values that are compared for each, C.
    pub values: usize,
}

impl fmt::Display for MinibatchSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.features, self.values)
    }
}

impl FromStr for MinibatchSize {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.trim().parse().ok().filter(|number| (1..=1024).contains(number));
        let (features, values) = text.split_once(',').unwrap_or((text, ""));
        match (number(features), number(values)) {
            (Some(features), Some(values)) => Ok(Self { features, values }),
            _ => Err(Error::Config(format!(
                "minibatch features `{text}`: expected B,C, two numbers from 1 to 1024 such as 16,8: B features of C values each"
            ))),
        }
    }
}

serde_as_text!(MinibatchSize);

/// Layer of minibatch discrimination over `x: [N, F]`.
///
/// ```
/// use irgan::nn::MinibatchDiscrimination;
/// use ndarray::array;
///
/// let layer = MinibatchDiscrimination::from_parts(array![[1.0]], 1); // one feature of one value
/// let (near, _) = layer.forward(array![[0.0], [0.0], [2.0]].view(), &[true, true, false]);
/// assert_eq!(near, array![[1.0], [1.0], [0.0]]); // two that are equal, and one without a group
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MinibatchDiscrimination {
    weight: Array2<f32>, // T: [F, B · C]
    values: usize,       // C
}

impl_parameters!(MinibatchDiscrimination { "weight": weight });

/// Cache of a forward pass for the backward pass.
#[derive(Debug)]
pub struct MinibatchCache {
    projected: Array2<f32>, // M: [N, B · C]
    groups: Vec<bool>,      // [N]
}

impl MinibatchDiscrimination {
    /// Makes a layer of the given size over `inputs` values, F.
    pub fn new(size: MinibatchSize, inputs: usize, rng: &mut Rng) -> Self {
        let outputs = size.features * size.values;
        let weight = Initializer::Xavier.sample((inputs, outputs), inputs, outputs, rng);
        Self { weight, values: size.values }
    }

    /// Makes a layer of `weight: [F, B · C]` that compares C `values` for each feature.
    ///
    /// # Panics
    /// When the width is no multiple of C.
    pub fn from_parts(weight: Array2<f32>, values: usize) -> Self {
        assert!(weight.ncols().is_multiple_of(values), "C values for each feature");
        Self { weight, values }
    }

    /// Returns the number of features, B.
    pub fn features(&self) -> usize {
        self.weight.ncols() / self.values
    }

    /// Computes the features of `x: [N, F]` beside the others of their group, `[N, B]`, and the cache; `groups: [N]` has the
    /// group of each, one of two. An example alone in its group has features of 0.
    pub fn forward(&self, x: ArrayView2<'_, f32>, groups: &[bool]) -> (Array2<f32>, MinibatchCache) {
        let cache = MinibatchCache { projected: self.project(x), groups: groups.to_vec() };
        let mut near = Array2::zeros((x.nrows(), self.features()));
        for (i, j, share) in cache.pairs() {
            for (b, c) in self.closeness(cache.projected.row(i), cache.projected.row(j)).enumerate() {
                near[[i, b]] += share * c;
                near[[j, b]] += share * c;
            }
        }
        (near, cache)
    }

    /// Computes the features of `x: [N, F]` beside `others: [R, F]`, which are none of them: `[N, B]`.
    pub fn beside(&self, x: ArrayView2<'_, f32>, others: ArrayView2<'_, f32>) -> Array2<f32> {
        let (projected, others) = (self.project(x), self.project(others));
        let share = 1.0 / others.nrows().max(1) as f32;
        let mut near = Array2::zeros((x.nrows(), self.features()));
        for (mut near, row) in near.rows_mut().into_iter().zip(projected.rows()) {
            for other in others.rows() {
                near.iter_mut().zip(self.closeness(row, other)).for_each(|(near, c)| *near += share * c);
            }
        }
        near
    }

    /// Computes `d_x: [N, F]` from `d_near: [N, B]`, and adds to the weight of `gradient`; `x: [N, F]` is that of the forward pass.
    pub fn backward(
        &self,
        x: ArrayView2<'_, f32>,
        cache: &MinibatchCache,
        d_near: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let mut d_projected = Array2::zeros(cache.projected.raw_dim());
        for (i, j, share) in cache.pairs() {
            let (one, other) = (cache.projected.row(i), cache.projected.row(j));
            let closeness: Vec<f32> = self.closeness(one, other).collect();
            // o(i) and o(j) both have c(i, j), whose slope at M_i is −c sign(M_i − M_j), and at M_j the opposite.
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                let b = at / self.values;
                let d = -share * closeness[b] * (d_near[[i, b]] + d_near[[j, b]]) * sign(one - other);
                d_projected[[i, at]] += d;
                d_projected[[j, at]] -= d;
            }
        }
        gemm::add_transposed_product(x, d_projected.view(), gradient.weight.view_mut());
        gemm::matmul(d_projected.view(), self.weight.t())
    }

    /// Returns M: `[N, B · C]`.
    fn project(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::matmul(x, self.weight.view())
    }

    /// Iterates over `c_b` of two projections.
    fn closeness<'a>(
        &self,
        one: ArrayView1<'a, f32>,
        other: ArrayView1<'a, f32>,
    ) -> impl Iterator<Item = f32> + use<'a> {
        let rows = "rows are contiguous";
        let (one, other) = (one.to_slice().expect(rows), other.to_slice().expect(rows));
        one.chunks_exact(self.values).zip(other.chunks_exact(self.values)).map(|(one, other)| {
            let distance: f32 = one.iter().zip(other).map(|(a, b)| (a - b).abs()).sum();
            (-distance).exp()
        })
    }
}

impl MinibatchCache {
    /// Iterates over every pair of one group, with one over the number of others that each has.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize, f32)> {
        let real = self.groups.iter().filter(|&&group| group).count();
        let sizes = [self.groups.len() - real, real];
        let count = self.groups.len();
        (0..count).flat_map(move |i| {
            let share = 1.0 / (sizes[usize::from(self.groups[i])].max(2) - 1) as f32;
            (i + 1..count).filter(move |&j| self.groups[j] == self.groups[i]).map(move |j| (i, j, share))
        })
    }
}

/// Slope of the absolute value, 0 at 0.
fn sign(value: f32) -> f32 {
    if value == 0.0 { 0.0 } else { value.signum() }
}
