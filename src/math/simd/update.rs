//! Update rules of optimisers over slices of parameters.

use crate::math::gemm::{WIDEST, at_width};

use super::level::{Kernel, arch, mul_add, run_at};

/// Numbers that a step of Adam shares over all parameters.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Step size η.
    pub rate: f32,
    /// L2 penalty, added to the gradient as `decay · θ`.
    pub decay: f32,
    /// Share of the old first moment, β₁, and of the gradient, `1 − β₁`.
    pub first: [f32; 2],
    /// Share of the old second moment, β₂, and of the squared gradient, `1 − β₂`.
    pub second: [f32; 2],
    /// Bias correction of the first moment, `1 − β₁^t`.
    pub bias1: f32,
    /// Bias correction of the second moment, `1 − β₂^t`.
    pub bias2: f32,
}

/// Updates parameters by one step of Adam, `θ ← θ − η m̂ / (√v̂ + ε)`, with ε 1e-8 (Kingma and Ba, 2015).
///
/// # Panics
/// When the lengths differ.
pub fn adam(step: AdamStep, theta: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
    let n = theta.len();
    assert!(n == gradient.len() && n == first.len() && n == second.len(), "one state a parameter");
    run_at(arch(), Adam(step, theta, gradient, first, second));
}

struct Adam<'a>(AdamStep, &'a mut [f32], &'a [f32], &'a mut [f32], &'a mut [f32]);

impl Kernel for Adam<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self(
            AdamStep { rate, decay, first: of_first, second: of_second, bias1, bias2 },
            theta,
            gradient,
            first,
            second,
        ) = self;
        let (rate, correct) = (rate / bias1, bias2.recip());
        for (((theta, &g), m), v) in theta.iter_mut().zip(gradient).zip(first).zip(second) {
            let g = mul_add::<FMA>(decay, *theta, g);
            *m = flushed(mul_add::<FMA>(of_first[1], g, of_first[0] * *m));
            *v = flushed(mul_add::<FMA>(of_second[1] * g, g, of_second[0] * *v));
            *theta -= rate * *m / ((*v * correct).sqrt() + 1e-8);
        }
    }
}

/// Returns `x`, or 0 in the place of a subnormal number.
///
/// The moment of a parameter without a gradient shrinks step by step, and rounding stops it at the smallest subnormal numbers, with
/// which most processors multiply a hundred times slower.
#[inline(always)]
pub(crate) fn flushed(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
}

/// Updates parameters by one step of gradient descent with an L2 penalty, `θ ← θ − η (g + decay · θ)`.
///
/// # Panics
/// When the lengths differ.
pub fn sgd(rate: f32, decay: f32, theta: &mut [f32], gradient: &[f32]) {
    assert_eq!(theta.len(), gradient.len(), "one gradient a parameter");
    run_at(arch(), Sgd(rate, decay, theta, gradient));
}

struct Sgd<'a>(f32, f32, &'a mut [f32], &'a [f32]);

impl Kernel for Sgd<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        // Rounding as in scalar code gives rows that are updated alone the same bits.
        for (theta, g) in self.2.iter_mut().zip(self.3) {
            *theta -= self.0 * (g + self.1 * *theta);
        }
    }
}

/// Updates some rows of a table as [`sgd`] does: `rows: [N]`, `gradient: [N, W]`, `table: [R, W]`. A row that comes twice is moved
/// twice.
///
/// # Panics
/// When a row is not in the table, or the number of gradients is no multiple of that of the rows.
pub fn sgd_rows(rate: f32, decay: f32, table: &mut [f32], rows: &[u32], gradient: &[f32]) {
    let width = gradient.len() / rows.len().max(1);
    assert_eq!(gradient.len(), width * rows.len(), "one gradient a row");
    run_at(arch(), SgdRows { rate, decay, table, rows, gradient, width });
}

struct SgdRows<'a> {
    rate: f32,
    decay: f32,
    table: &'a mut [f32],
    rows: &'a [u32],
    gradient: &'a [f32],
    width: usize,
}

impl Kernel for SgdRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { rate, decay, table, rows, gradient, width } = self;
        if (1..=WIDEST).contains(&width) {
            return at_width!(width, W => {
                for (&row, gradient) in rows.iter().zip(gradient.as_chunks::<W>().0) {
                    let theta = table[row as usize * W..].first_chunk_mut::<W>().expect("a row of the table");
                    Sgd(rate, decay, theta, gradient).run::<FMA>();
                }
            });
        }
        for (&row, gradient) in rows.iter().zip(gradient.chunks_exact(width.max(1))) {
            let theta = &mut table[row as usize * width..][..width];
            Sgd(rate, decay, theta, gradient).run::<FMA>();
        }
    }
}

/// Returns `Σ x²`, accumulated in f64.
pub fn sum_of_squares(values: &[f32]) -> f64 {
    run_at(arch(), SumOfSquares(values))
}

struct SumOfSquares<'a>(&'a [f32]);

impl Kernel for SumOfSquares<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let mut lanes = [0.0f64; 16];
        let (blocks, tail) = self.0.as_chunks::<16>();
        for block in blocks {
            for i in 0..16 {
                let x = f64::from(block[i]);
                lanes[i] += x * x;
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(tail) {
            *lane += f64::from(x) * f64::from(x);
        }
        super::reduce::fold(lanes, |a, b| a + b)
    }
}
