//! Sums and maxima of slices, by sixteen partial results that are joined in a fixed order.

use super::exp::{Exp, ModerateExp};
use super::level::{Kernel, LANES, Map, arch, run_at};

/// Returns the sum of a slice, accumulated in f64; 0 for an empty slice.
pub fn sum(values: &[f32]) -> f64 {
    run_at(arch(), Sum(values))
}

/// Returns `Σ_i a_i b_i`, accumulated in f64.
///
/// # Panics
/// When the lengths differ.
pub fn sum_of_products(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "products of slices of different lengths");
    run_at(arch(), SumOfProducts(a, b))
}

/// Returns the sums of consecutive blocks of sixteen, accumulated in f64; the last block may be shorter.
pub(in crate::math) fn block_sums(values: &[f32]) -> Vec<f64> {
    let mut sums = vec![0.0; values.len().div_ceil(LANES)];
    run_at(arch(), BlockSums(values, &mut sums));
    sums
}

/// Returns the largest element, ignoring NaN; −∞ for an empty slice.
pub fn max(values: &[f32]) -> f32 {
    run_at(arch(), Max(values))
}

/// Returns `log Σ e^x` without overflow.
///
/// The result is −∞ for an empty slice or one of −∞ only, ∞ for a slice with ∞, and NaN for a slice with NaN.
///
/// ```
/// let sum = irgan::math::simd::log_sum_exp(&[1000.0, 1000.0]);
/// assert!((sum - (1000.0 + 2f32.ln())).abs() < 1e-3);
/// ```
pub fn log_sum_exp(values: &[f32]) -> f32 {
    run_at(arch(), LogSumExp(values))
}

pub(super) struct Sum<'a>(pub &'a [f32]);

impl Kernel for Sum<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let mut lanes = [0.0_f64; LANES];
        let (blocks, tail) = self.0.as_chunks::<LANES>();
        for block in blocks {
            for i in 0..LANES {
                lanes[i] += f64::from(block[i]);
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(tail) {
            *lane += f64::from(x);
        }
        fold(lanes, |a, b| a + b)
    }
}

struct SumOfProducts<'a>(&'a [f32], &'a [f32]);

impl Kernel for SumOfProducts<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let mut lanes = [0.0_f64; LANES];
        let (a, a_tail) = self.0.as_chunks::<LANES>();
        let (b, b_tail) = self.1.as_chunks::<LANES>();
        for (a, b) in a.iter().zip(b) {
            for i in 0..LANES {
                lanes[i] += f64::from(a[i]) * f64::from(b[i]);
            }
        }
        for ((lane, &a), &b) in lanes.iter_mut().zip(a_tail).zip(b_tail) {
            *lane += f64::from(a) * f64::from(b);
        }
        fold(lanes, |a, b| a + b)
    }
}

struct BlockSums<'a>(&'a [f32], &'a mut [f64]);

impl Kernel for BlockSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (blocks, tail) = self.0.as_chunks::<LANES>();
        let mut sums = self.1.iter_mut();
        for (block, sum) in blocks.iter().zip(&mut sums) {
            *sum = block_sum(block);
        }
        for sum in sums {
            *sum = block_sum(&padded(tail, 0.0)); // the last block, if it is shorter
        }
    }
}

#[inline(always)]
fn block_sum(block: &[f32; LANES]) -> f64 {
    let mut lanes = [0.0; LANES];
    for i in 0..LANES {
        lanes[i] = f64::from(block[i]);
    }
    fold(lanes, |a, b| a + b)
}

pub(super) struct Max<'a>(pub &'a [f32]);

impl Kernel for Max<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f32 {
        let larger = |a: f32, b: f32| if b > a { b } else { a };
        let mut lanes = [f32::NEG_INFINITY; LANES];
        let (blocks, tail) = self.0.as_chunks::<LANES>();
        for block in blocks {
            for i in 0..LANES {
                lanes[i] = larger(lanes[i], block[i]);
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(tail) {
            *lane = larger(*lane, x);
        }
        fold(lanes, larger)
    }
}

pub(super) struct LogSumExp<'a>(pub &'a [f32]);

impl Kernel for LogSumExp<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f32 {
        let max = Max(self.0).run::<FMA>();
        if max.is_infinite() && max > 0.0 && !self.0.iter().any(|x| x.is_nan()) {
            return max;
        }
        // Without a finite maximum, a shift of 0 gives ln 0 = −∞, or NaN if there is one.
        let shift = if max.is_finite() { max } else { 0.0 };
        let mut lanes = [0.0; LANES];
        let (blocks, tail) = self.0.as_chunks::<LANES>();
        for block in blocks {
            add_exp::<FMA>(&mut lanes, block, shift);
        }
        if !tail.is_empty() {
            add_exp::<FMA>(&mut lanes, &padded(tail, f32::NEG_INFINITY), shift);
        }
        shift + super::log::Ln.eval::<FMA>(fold(lanes, |a, b| a + b))
    }
}

#[inline(always)]
fn add_exp<const FMA: bool>(lanes: &mut [f32; LANES], block: &[f32; LANES], shift: f32) {
    for i in 0..LANES {
        lanes[i] += Exp.eval::<FMA>(block[i] - shift);
    }
}

/// Computes `x ← e^x` of a block of `N` numbers, a multiple of sixteen, and returns their sum.
///
/// With `MODERATE`, every x is at most 87, and the result is 0 for x below −87. The function must be inlined into a kernel
/// with FMA.
#[inline(always)]
pub(in crate::math) fn exp_block<const N: usize, const MODERATE: bool>(block: &mut [f32; N]) -> f32 {
    let mut lanes = [0.0; LANES];
    for part in block.as_chunks_mut::<LANES>().0 {
        for i in 0..LANES {
            part[i] = if MODERATE { ModerateExp.eval::<true>(part[i]) } else { Exp.eval::<true>(part[i]) };
            lanes[i] += part[i];
        }
    }
    fold(lanes, |a, b| a + b)
}

/// Computes `x ← e^x` and writes the sum of every `block` elements to `sums`.
pub(in crate::math) fn add_block_sums(values: &mut [f32], block: usize, sums: &mut [f32]) {
    super::exp(values);
    for (sum, chunk) in sums.iter_mut().zip(values.chunks(block)) {
        *sum = run_at(arch(), Sum(chunk)) as f32;
    }
}

/// Returns a block that starts with `tail` and is filled up with `filler`.
#[inline(always)]
pub(in crate::math) fn padded(tail: &[f32], filler: f32) -> [f32; LANES] {
    let mut block = [filler; LANES];
    block[..tail.len()].copy_from_slice(tail);
    block
}

/// Joins the two halves of the lanes, then those of the result, and so on; `N` is a power of two.
#[inline(always)]
pub(in crate::math) fn fold<T: Copy, const N: usize>(mut lanes: [T; N], join: impl Fn(T, T) -> T) -> T {
    let mut width = N / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] = join(lanes[i], lanes[i + width]);
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::super::level::{available, name};
    use super::*;

    fn numbers(n: usize) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * 0.618).sin() * 20.0 + 80.0).collect()
    }

    #[test]
    fn reductions_are_right_at_every_length_and_level() {
        for arch in available() {
            for n in 0..100 {
                let x = numbers(n);
                let sum: f64 = x.iter().map(|&x| f64::from(x)).sum();
                let max = x.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
                let log_sum = x.iter().map(|&x| f64::from(x).exp()).sum::<f64>().ln();
                let found = f64::from(run_at(arch, LogSumExp(&x)));
                assert!((run_at(arch, Sum(&x)) - sum).abs() < 1e-9, "{} {n}", name(arch));
                assert_eq!(run_at(arch, Max(&x)), max, "{} {n}", name(arch));
                let squares: f64 = x.iter().map(|&x| f64::from(x).powi(2)).sum();
                assert!((run_at(arch, SumOfProducts(&x, &x)) - squares).abs() < 1e-6, "{} {n}", name(arch));
                let mut blocks = vec![0.0; n.div_ceil(LANES)];
                run_at(arch, BlockSums(&x, &mut blocks));
                assert!((blocks.iter().sum::<f64>() - sum).abs() < 1e-9, "{} {n}", name(arch));
                assert!(found == log_sum || (found - log_sum).abs() < 1e-5, "{} {n}", name(arch));
            }
        }
    }

    #[test]
    fn log_sum_exp_has_its_limits_at_special_values() {
        let inf = f32::INFINITY;
        assert_eq!(log_sum_exp(&[]), -inf);
        assert_eq!(log_sum_exp(&[-inf; 20]), -inf);
        assert_eq!(log_sum_exp(&[0.0, inf]), inf);
        assert_eq!(log_sum_exp(&[f32::MAX, -f32::MAX, -inf]), f32::MAX);
        for values in [[f32::NAN, 1.0], [f32::NAN, -inf], [f32::NAN, inf]] {
            assert!(log_sum_exp(&values).is_nan());
        }
    }
}
