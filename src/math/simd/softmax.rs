//! Softmax `softmax(x)_i = e^(x_i − max x) / Σ_j e^(x_j − max x)`, over a row or over the segments of a column.
//!
//! The maximum is always subtracted, so that large finite logits are safe. A slice of −∞ only (every item is masked) gives
//! zeros, and −∞ as log-softmax; an empty slice stays empty. NaN and +∞, errors of the caller, give NaN.

use super::exp::Exp;
use super::level::{Kernel, LANES, Map, arch, run_at};
use super::reduce::{LogSumExp, Max, fold, padded};

/// Computes `x ← softmax(x)`.
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

/// Computes `x ← log softmax(x)`.
///
/// ```
/// let mut x = [0.0, 0.0];
/// irgan::math::simd::log_softmax(&mut x);
/// assert!((x[0] + 2f32.ln()).abs() < 1e-6);
/// ```
pub fn log_softmax(values: &mut [f32]) {
    run_at(arch(), LogSoftmax(values));
}

/// Computes `x ← log softmax(x)` and `probabilities ← softmax(x)` by one pass of exponentials.
///
/// # Panics
/// When the lengths differ.
pub fn softmax_and_log(values: &mut [f32], probabilities: &mut [f32]) {
    assert_eq!(values.len(), probabilities.len(), "one probability a logit");
    run_at(arch(), SoftmaxAndLog(values, probabilities));
}

/// Computes the softmax of each segment of `values: [N]`, such as queries with different numbers of candidates.
///
/// Segment `i` is `ends[i − 1]..ends[i]`, the first from 0; it may be empty.
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
        // Every item is masked or NaN.
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
        // The maximum is now 0, so that the remaining normaliser is small and subtracts without loss.
        let log_sum = LogSumExp(self.0).run::<FMA>();
        if log_sum == f32::NEG_INFINITY {
            return;
        }
        for x in self.0 {
            *x -= log_sum;
        }
    }
}

pub(super) struct SoftmaxAndLog<'a>(pub &'a mut [f32], pub &'a mut [f32]);

impl Kernel for SoftmaxAndLog<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let max = Max(self.0).run::<FMA>();
        let shift = if max == f32::NEG_INFINITY { 0.0 } else { max };
        self.1.copy_from_slice(self.0);
        let mut lanes = [0.0; LANES];
        let (blocks, tail) = self.1.as_chunks_mut::<LANES>();
        for block in blocks {
            exp_and_add::<FMA>(block, shift, &mut lanes);
        }
        if !tail.is_empty() {
            let mut block = padded(tail, f32::NEG_INFINITY);
            exp_and_add::<FMA>(&mut block, shift, &mut lanes);
            tail.copy_from_slice(&block[..tail.len()]);
        }
        let sum = fold(lanes, |a, b| a + b);
        if sum == 0.0 {
            return; // every item is masked
        }
        let (scale, log_sum) = (1.0 / sum, super::log::Ln.eval::<FMA>(sum));
        for (x, p) in self.0.iter_mut().zip(self.1) {
            *x = (*x - shift) - log_sum;
            *p *= scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::level::{available, name};
    use super::*;

    /// Each probability within 1e-5 of itself: `x − max` of up to 80 is rounded by up to 4e-6.
    fn assert_softmax(logits: &[f32], found: &[f32], label: &str) {
        let max = logits.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(f64::from(b)));
        let total: f64 = logits.iter().map(|&x| (f64::from(x) - max).exp()).sum();
        for (&x, &p) in logits.iter().zip(found) {
            let exact = (f64::from(x) - max).exp() / total;
            assert!((f64::from(p) - exact).abs() <= 1e-5 * exact + 1e-44, "{label}: {p} is not {exact}");
        }
    }

    #[test]
    fn segments_are_right_at_every_length_and_level() {
        let ends: Vec<usize> = (0..80).scan(0, |end, n| Some(*end + n).inspect(|e| *end = *e)).collect();
        let logits: Vec<f32> = (0..ends[79]).map(|i| (i as f32 * 0.7).sin() * 40.0).collect();
        for arch in available() {
            let mut found = logits.clone();
            run_at(arch, SoftmaxSegments(&mut found, &ends));
            let mut start = 0;
            for &end in &ends {
                assert_softmax(&logits[start..end], &found[start..end], name(arch));
                start = end;
            }
        }
    }

    #[test]
    fn a_segment_does_not_depend_on_its_neighbours() {
        let logits: Vec<f32> = (0..70).map(|i| (i as f32 * 0.7).sin() * 5.0).collect();
        let (mut together, mut alone) = (logits.clone(), logits[13..50].to_vec());
        softmax_segments(&mut together, &[13, 50, 70]);
        softmax(&mut alone);
        assert_eq!(together[13..50], alone);
    }

    #[test]
    fn log_softmax_is_right_at_every_level() {
        for arch in available() {
            for n in 1..70 {
                let logits: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).sin() * 30.0 + 900.0).collect();
                let mut found = logits.clone();
                run_at(arch, LogSoftmax(&mut found));
                let total: f64 = logits.iter().map(|&x| (f64::from(x) - 900.0).exp()).sum();
                for (x, y) in logits.iter().zip(found) {
                    let exact = f64::from(*x) - 900.0 - total.ln();
                    assert!((f64::from(y) - exact).abs() < 1e-5, "{} {n}", name(arch));
                }
                let (mut logs, mut probabilities) = (logits.clone(), vec![0.0; n]);
                run_at(arch, SoftmaxAndLog(&mut logs, &mut probabilities));
                assert_softmax(&logits, &probabilities, name(arch));
                let mut alone = logits.clone();
                run_at(arch, LogSoftmax(&mut alone));
                assert_eq!(logs, alone, "{} {n}", name(arch));
            }
        }
    }

    #[test]
    fn softmax_takes_huge_masked_and_missing_logits() {
        let inf = f32::INFINITY;
        let cases: [(&[f32], &[f32]); 5] = [
            (&[], &[]),
            (&[f32::MAX, -f32::MAX], &[1.0, 0.0]),
            (&[-f32::MAX, -f32::MAX], &[0.5, 0.5]),
            (&[-inf, 3.0], &[0.0, 1.0]),
            (&[-inf, -inf], &[0.0, 0.0]),
        ];
        for (logits, expected) in cases {
            let mut found = logits.to_vec();
            softmax(&mut found);
            assert_eq!(found, expected);
        }
        for bad in [[f32::NAN, 1.0], [f32::NAN, -inf], [inf, 1.0]] {
            let mut found = bad.to_vec();
            softmax(&mut found);
            assert!(found.iter().any(|p| p.is_nan()), "softmax of {bad:?}");
            let mut found = bad.to_vec();
            log_softmax(&mut found);
            assert!(found.iter().any(|p| p.is_nan()), "log softmax of {bad:?}");
            let (mut logs, mut found) = (bad.to_vec(), bad.to_vec());
            softmax_and_log(&mut logs, &mut found);
            assert!(found.iter().chain(&logs).any(|p| p.is_nan()), "both of {bad:?}");
        }
        let mut masked = vec![-inf, 0.0, -inf];
        log_softmax(&mut masked);
        assert_eq!(masked, [-inf, 0.0, -inf]);
    }

    #[test]
    #[should_panic(expected = "cover the values")]
    fn segments_must_cover_the_values() {
        softmax_segments(&mut [0.0; 4], &[3]);
    }
}
