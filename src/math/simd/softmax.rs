//! `softmax(x)_i = e^(x_i − max x) / Σ_j e^(x_j − max x)`, over a row or by segment of a column.
//!
//! The maximum is always subtracted, so huge finite logits are safe. A slice of −∞ only (every
//! item masked) gives zeros, and its log-softmax −∞; an empty slice stays empty. NaN and +∞ give
//! NaN: they are errors of the caller, and must show.

use super::exp::Exp;
use super::level::{Kernel, LANES, Map, arch, run_at};
use super::reduce::{LogSumExp, Max, fold, padded};

/// `x ← softmax(x)`.
///
/// ```
/// let mut x = [1000.0, 1000.0, f32::NEG_INFINITY];
/// irgan::math::simd::softmax(&mut x);
/// assert_eq!(x, [0.5, 0.5, 0.0]);
/// ```
pub fn softmax(values: &mut [f32]) {
    let end = values.len();
    softmax_segments(values, &[end]);
}

/// `x ← log softmax(x)`.
pub fn log_softmax(values: &mut [f32]) {
    run_at(arch(), LogSoftmax(values));
}

/// Softmax of each segment of `values: [N]`: queries with different numbers of candidates.
///
/// Segment `i` is `ends[i − 1]..ends[i]` (from 0 for the first); it may be empty. Each is
/// finished while it is in the first cache.
///
/// # Panics
/// When `ends` decreases or does not end at `values.len()`.
pub fn softmax_segments(values: &mut [f32], ends: &[usize]) {
    assert_eq!(ends.last().copied().unwrap_or(0), values.len(), "segments must cover the values");
    run_at(arch(), SoftmaxSegments(values, ends));
}

pub(super) struct SoftmaxSegments<'a>(pub &'a mut [f32], pub &'a [usize]);

impl Kernel for SoftmaxSegments<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let mut start = 0;
        for &end in self.1 {
            assert!(start <= end, "segment ends must not decrease");
            softmax_one::<FMA>(&mut self.0[start..end]);
            start = end;
        }
    }
}

#[inline(always)]
fn softmax_one<const FMA: bool>(values: &mut [f32]) {
    let max = Max(values).run::<FMA>();
    if max == f32::NEG_INFINITY {
        // Nothing to share the mass; NaN times zero stays NaN.
        values.iter_mut().for_each(|x| *x = if x.is_nan() { f32::NAN } else { 0.0 });
        return;
    }
    let mut lanes = [0.0; LANES];
    let (blocks, tail) = values.as_chunks_mut::<LANES>();
    for block in blocks {
        exp_and_add::<FMA>(block, max, &mut lanes);
    }
    if !tail.is_empty() {
        let mut block = padded(tail, f32::NEG_INFINITY);
        exp_and_add::<FMA>(&mut block, max, &mut lanes);
        tail.copy_from_slice(&block[..tail.len()]);
    }
    let scale = 1.0 / fold(lanes, |a, b| a + b);
    for x in values {
        *x *= scale;
    }
}

#[inline(always)]
fn exp_and_add<const FMA: bool>(block: &mut [f32; LANES], max: f32, lanes: &mut [f32; LANES]) {
    for i in 0..LANES {
        block[i] = Exp.eval::<FMA>(block[i] - max);
        lanes[i] += block[i];
    }
}

pub(super) struct LogSoftmax<'a>(pub &'a mut [f32]);

impl Kernel for LogSoftmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let max = Max(self.0).run::<FMA>();
        let shift = if max == f32::NEG_INFINITY { 0.0 } else { max };
        for x in self.0.iter_mut() {
            *x -= shift;
        }
        // The largest is now 0: what is left of the normaliser is small, and exact to add.
        let log_sum = LogSumExp(self.0).run::<FMA>();
        if log_sum == f32::NEG_INFINITY {
            return;
        }
        for x in self.0 {
            *x -= log_sum;
        }
    }
}
