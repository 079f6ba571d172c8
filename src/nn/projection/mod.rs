//! Softmax over a vocabulary, `π = softmax(h W + b)`, fused with likelihood, gradient and draws, so that no `[N, V]` array
//! is kept.
//!
//! Blocks of rows are exponentiated while they are in cache. Each row is shifted by its maximum first, unless the weights
//! bound all logits.

mod draw;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use ndarray::{Array2, ArrayView1, ArrayView2, s};

use super::{Initializer, Parameters, Tensor, TensorMut};
use crate::math::gemm::{self, BLOCK, RoundedColumns, Shift, exp_product};
use crate::math::simd;
use crate::seed::Rng;

/// Number of rows whose exponentials are kept at a time, by a narrow layer.
const ROWS: usize = 64;
/// Most rows, and most values, that a wide layer keeps at a time. Every block of rows reads and writes the whole gradient of
/// the weight, which costs a wide layer more than exponentials in the second cache gain.
const WIDE_ROWS: usize = 320;
const WIDE_VALUES: usize = 1 << 22;
/// Most hidden values of a narrow layer.
const NARROW: usize = 128;
/// Bound of logits that need no shift: `V e^60` is far from overflow, and `e^−60` from underflow.
const SAFE: f32 = 60.0;

/// Affine map from H values to V tokens, and the softmax over them.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// Weight W with the bias b as its last row: `[H + 1, V]`.
    stacked: Array2<f32>,
    made: Made,
}

/// Numbers made of a wide layer's weights when first needed. The weights determine them, so that they do not count in
/// comparisons; a change of the weights drops them.
#[derive(Clone, Debug, Default)]
struct Made {
    /// Weights rounded for draws, unless the processor gains nothing by them.
    rounded: OnceLock<Option<Arc<RoundedColumns>>>,
    /// Norm of the weights of every token.
    norms: OnceLock<Arc<[f32]>>,
}

impl PartialEq for Made {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Entropy and collision probability of the distribution of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowSpread {
    /// Entropy `−Σ_v π_v log π_v` in nats.
    pub entropy: f64,
    /// Collision probability `Σ_v π_v²`.
    pub collision: f64,
}

impl Projection {
    /// Makes a map from `hidden` values to `vocabulary` tokens; the bias starts at 0.
    pub fn new(hidden: usize, vocabulary: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        let mut stacked = Array2::zeros((hidden + 1, vocabulary));
        let weight = initializer.sample((hidden, vocabulary), hidden, vocabulary, rng);
        stacked.slice_mut(s![..hidden, ..]).assign(&weight);
        Self { stacked, made: Made::default() }
    }

    /// Makes a map of `weight: [H, V]` and `bias: [V]`.
    pub fn from_parts(weight: ArrayView2<'_, f32>, bias: ArrayView1<'_, f32>) -> Self {
        assert_eq!(weight.ncols(), bias.len(), "one bias a token");
        let (hidden, vocabulary) = weight.dim();
        let mut stacked = Array2::zeros((hidden + 1, vocabulary));
        stacked.slice_mut(s![..hidden, ..]).assign(&weight);
        stacked.row_mut(hidden).assign(&bias);
        Self { stacked, made: Made::default() }
    }

    /// Returns the numbers of hidden values and tokens, `(H, V)`.
    pub fn dim(&self) -> (usize, usize) {
        (self.stacked.nrows() - 1, self.stacked.ncols())
    }

    /// Returns the weight W: `[H, V]`.
    pub fn weight(&self) -> ArrayView2<'_, f32> {
        self.stacked.slice(s![..self.dim().0, ..])
    }

    /// Returns the bias b: `[V]`.
    pub fn bias(&self) -> &[f32] {
        let vocabulary = self.stacked.ncols();
        let all = self.stacked.as_slice().expect("the parameters are contiguous");
        &all[all.len() - vocabulary..]
    }

    /// Gives `tokens` probability 0 by a bias of −10⁹. Training keeps it, because the gradient at such a token is 0.
    pub fn forbid(&mut self, tokens: &[u32]) {
        self.made = Made::default();
        let last = self.dim().0;
        tokens.iter().for_each(|&token| self.stacked[[last, token as usize]] = -1e9);
    }

    /// Returns the map of the distribution at `temperature`, `softmax((h W + b) / τ)`.
    pub fn at_temperature(&self, temperature: f32) -> Self {
        Self { stacked: &self.stacked / temperature, made: Made::default() }
    }

    /// Returns true when products with the weight take most of the time of everything that the layer does.
    pub fn is_wide(&self) -> bool {
        self.dim().0 > NARROW
    }

    /// Returns the number of rows, of `rows`, whose exponentials are kept at a time: equal parts.
    fn rows_at_once(&self, rows: usize) -> usize {
        if !self.is_wide() {
            return ROWS.min(rows);
        }
        let most = (WIDE_VALUES / self.dim().1).clamp(ROWS, WIDE_ROWS);
        rows.div_ceil(rows.div_ceil(most).max(1))
    }

    /// Computes the logits `h W + b: [N, V]` of `hidden: [N, H]`.
    pub fn logits(&self, hidden: ArrayView2<'_, f32>) -> Array2<f32> {
        gemm::affine(hidden, self.weight(), self.bias())
    }

    /// Computes `log π(target)` for every row of `hidden: [N, H]` and `targets: [N]`: returns `[N]`.
    pub fn log_probabilities(&self, hidden: ArrayView2<'_, f32>, targets: &[u32]) -> Vec<f32> {
        assert_eq!(hidden.nrows(), targets.len(), "one target a row");
        let mut out = Vec::with_capacity(targets.len());
        self.for_blocks(hidden, 4 * ROWS, |first, hidden, shift, sums| {
            for (row, sums) in sums.rows().into_iter().enumerate() {
                let normaliser = f64::from(shift.of(row)) + total(sums).ln();
                let logit = self.logit(hidden.row(row), targets[first + row]);
                out.push((f64::from(logit) - normaliser) as f32);
            }
        });
        out
    }

    /// Computes the gradient of `−Σ_n w_n log π(a_n)` with `actions` a and `weights` w, both `[N]`, at the rows of
    /// `hidden: [N, H]`.
    ///
    /// The gradient at the logits is `w (π − onehot(a))`. That at the parameters is added to `gradient`. Returns
    /// `log π(a_n): [N]` and the gradient at `hidden: [N, H]`. It equals [`super::loss::softmax_cross_entropy`] of one draw
    /// for each row.
    pub fn backward(
        &self,
        hidden: ArrayView2<'_, f32>,
        actions: &[u32],
        weights: &[f32],
        gradient: &mut Self,
    ) -> (Vec<f32>, Array2<f32>) {
        let (rows, (wide, vocabulary)) = (hidden.nrows(), self.dim());
        assert!(rows == actions.len() && rows == weights.len(), "one action and one weight a row");
        let mut d_hidden = Array2::zeros((rows, wide));
        let mut log_probabilities = Vec::with_capacity(rows);
        let size = self.rows_at_once(rows);
        let mut e = Array2::zeros((size, vocabulary));
        let mut sums = Array2::zeros((size, vocabulary.div_ceil(BLOCK)));
        for first in (0..rows).step_by(size.max(1)) {
            let here = first..rows.min(first + size);
            let count = here.len();
            let hidden = hidden.slice(s![here.clone(), ..]);
            let shifts = self.shifts(hidden);
            let shift = shifts.as_deref().map_or(Shift::Moderate, Shift::Rows);
            let (mut e, mut sums) = (e.slice_mut(s![..count, ..]), sums.slice_mut(s![..count, ..]));
            exp_product(hidden, self.weight(), self.bias(), shift, Some(e.view_mut()), sums.view_mut());
            // h with 1 as its last value, times w / Σe, so that dW and db are one product.
            let mut scaled = Array2::ones((count, wide + 1));
            scaled.slice_mut(s![.., ..wide]).assign(&hidden);
            for (row, n) in here.clone().enumerate() {
                let sum = total(sums.row(row));
                let action = actions[n] as usize;
                let of_action = e[[row, action]];
                // The logarithm of 0 is infinite, and that of a subnormal number imprecise.
                let log_e = if of_action >= f32::MIN_POSITIVE {
                    f64::from(of_action).ln()
                } else {
                    f64::from(self.logit(hidden.row(row), actions[n]) - shift.of(row))
                };
                log_probabilities.push((log_e - sum.ln()) as f32);
                e[[row, action]] -= sum as f32;
                scaled.row_mut(row).iter_mut().for_each(|h| *h *= (f64::from(weights[n]) / sum) as f32);
            }
            let mut d_here = d_hidden.slice_mut(s![here, ..]);
            match self.is_wide() {
                true => gemm::gemm(1.0, e.view(), self.weight().t(), 1.0, d_here.view_mut()),
                false => gemm::add_dots(e.view(), self.weight(), d_here.view_mut()),
            }
            for (mut d_h, scaled) in d_here.rows_mut().into_iter().zip(scaled.rows()) {
                let scale = scaled[wide];
                d_h.iter_mut().for_each(|d| *d *= scale);
            }
            gemm::add_transposed_product(scaled.view(), e.view(), gradient.stacked.view_mut());
        }
        (log_probabilities, d_hidden)
    }

    /// Computes the gradient of a loss whose gradient at the logits of `hidden: [N, H]` is `d_logits: [N, V]`.
    ///
    /// That at the parameters is added to `gradient`; that at `hidden`, `[N, H]`, is returned.
    pub fn backward_logits(
        &self,
        hidden: ArrayView2<'_, f32>,
        d_logits: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        let (rows, wide) = hidden.dim();
        let mut d_hidden = Array2::zeros((rows, wide));
        gemm::add_dots(d_logits, self.weight(), d_hidden.view_mut());
        let mut stacked = Array2::ones((rows, wide + 1)); // 1 for the bias
        stacked.slice_mut(s![.., ..wide]).assign(&hidden);
        gemm::add_transposed_product(stacked.view(), d_logits, gradient.stacked.view_mut());
        d_hidden
    }

    /// Computes entropy and collision probability for every row of `hidden: [N, H]`: returns `[N]`.
    pub fn spread(&self, hidden: ArrayView2<'_, f32>) -> Vec<RowSpread> {
        let mut out = Vec::with_capacity(hidden.nrows());
        for first in (0..hidden.nrows()).step_by(ROWS) {
            let rows = s![first..hidden.nrows().min(first + ROWS), ..];
            let mut log_p = self.logits(hidden.slice(rows));
            for mut row in log_p.rows_mut() {
                let log_p = row.as_slice_mut().expect("rows are contiguous");
                simd::log_softmax(log_p);
                let mut p = log_p.to_vec();
                simd::exp(&mut p);
                let (mut entropy, mut collision) = (0.0, 0.0);
                for (&p, &log_p) in p.iter().zip(log_p.iter()).filter(|(p, _)| **p > 0.0) {
                    entropy -= f64::from(p) * f64::from(log_p);
                    collision += f64::from(p) * f64::from(p);
                }
                out.push(RowSpread { entropy, collision });
            }
        }
        out
    }

    /// Calls `each` with (number of the first row, rows, shifts, sums of exponentials by blocks) for every `size` rows.
    fn for_blocks(
        &self,
        hidden: ArrayView2<'_, f32>,
        size: usize,
        mut each: impl FnMut(usize, ArrayView2<'_, f32>, Shift<'_>, ArrayView2<'_, f32>),
    ) {
        let rows = hidden.nrows();
        let mut sums = Array2::zeros((size.min(rows), self.dim().1.div_ceil(BLOCK)));
        for first in (0..rows).step_by(size) {
            let hidden = hidden.slice(s![first..rows.min(first + size), ..]);
            let shifts = self.shifts(hidden);
            let shift = shifts.as_deref().map_or(Shift::Moderate, Shift::Rows);
            let mut sums = sums.slice_mut(s![..hidden.nrows(), ..]);
            exp_product(hidden, self.weight(), self.bias(), shift, None, sums.view_mut());
            each(first, hidden, shift, sums.view());
        }
    }

    fn logit(&self, hidden: ArrayView1<'_, f32>, token: u32) -> f32 {
        let column = self.stacked.column(token as usize);
        hidden.iter().zip(column).map(|(h, w)| h * w).sum::<f32>() + self.bias()[token as usize]
    }

    /// Returns two numbers, one of all rows and one of every token, whose product bounds the products of rows and weights:
    /// largest value and sum of absolute weights, or, for a wide layer, the norms of both (Cauchy–Schwarz).
    fn reach(&self, hidden: ArrayView2<'_, f32>) -> (f32, Cow<'_, [f32]>) {
        if self.is_wide() {
            let norm = |row: ArrayView1<'_, f32>| row.iter().map(|h| h * h).sum::<f32>().sqrt();
            let largest = hidden.rows().into_iter().map(norm).fold(0.0, f32::max);
            return (largest, Cow::Borrowed(self.made.norms.get_or_init(|| self.norms())));
        }
        let mut absolute = vec![0.0; hidden.ncols()];
        for row in hidden.rows() {
            row.iter().zip(&mut absolute).for_each(|(h, most)| *most = h.abs().max(*most));
        }
        let mut reach = vec![0.0; self.dim().1];
        for row in self.weight().rows() {
            simd::add_absolute(row.to_slice().expect("rows are contiguous"), &mut reach);
        }
        (simd::max(&absolute).max(0.0), Cow::Owned(reach))
    }

    fn norms(&self) -> Arc<[f32]> {
        let mut norms = vec![0.0; self.dim().1];
        for row in self.weight().rows() {
            simd::add_squares(row.to_slice().expect("rows are contiguous"), &mut norms);
        }
        norms.iter_mut().for_each(|squares| *squares = squares.sqrt());
        norms.into()
    }

    /// Returns the maximum logit of each row: `[N]`; `None` when the weights bound all logits by [`SAFE`].
    fn shifts(&self, hidden: ArrayView2<'_, f32>) -> Option<Vec<f32>> {
        let (largest, reach) = self.reach(hidden);
        let highest_of = |sign: f32| {
            let mut bounds = self.bias().to_vec();
            crate::math::axpy(sign * largest, &reach, &mut bounds);
            simd::max(&bounds)
        };
        // Bounds of the largest logit of all tokens and rows, from above and from below.
        let (highest, lowest) = (highest_of(1.0), highest_of(-1.0));
        if highest <= SAFE && lowest >= -SAFE {
            return None;
        }
        let logits = self.logits(hidden);
        let largest = |row: ArrayView1<'_, f32>| simd::max(row.to_slice().expect("rows are contiguous"));
        Some(
            logits
                .rows()
                .into_iter()
                .map(largest)
                .map(|max| if max.is_finite() { max } else { 0.0 })
                .collect(),
        )
    }
}

fn total(sums: ArrayView1<'_, f32>) -> f64 {
    simd::sum(sums.to_slice().expect("rows are contiguous"))
}

impl Parameters for Projection {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let hidden = self.dim().0;
        vec![
            Tensor { name: "weight".into(), values: self.weight().into_dyn() },
            Tensor { name: "bias".into(), values: self.stacked.row(hidden).into_dyn() },
        ]
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        self.made = Made::default();
        let hidden = self.dim().0;
        let (weight, bias) = self.stacked.view_mut().split_at(ndarray::Axis(0), hidden);
        let vocabulary = bias.len();
        let bias = bias.into_shape_with_order(vocabulary).expect("one row");
        vec![
            TensorMut { name: "weight".into(), values: weight.into_dyn() },
            TensorMut { name: "bias".into(), values: bias.into_dyn() },
        ]
    }
}
