//! Natural logarithm, `log(1 + e^x)`, and logarithm of the logistic function.
//!
//! `log(1 + f) = f − (f²/2 − s (f²/2 + R))` with `s = f / (2 + f)` and `R = s² A(s²)`, the series
//! of the inverse hyperbolic tangent (the arrangement of FreeBSD's `e_logf.c`, Sun, 1993).

use super::exp::Exp;
use super::level::{Map, map_slice, mul_add};

/// Leading bits of ln 2, with trailing zeros; [`LN2_LOW`] is the rest.
const LN2_HIGH: f32 = 0.693_138_1;
const LN2_LOW: f32 = 9.058_001e-6;
/// Coefficients of `Σ_k 2 z^k / (2k + 3)` on `0 ≤ z ≤ 1/9`, interpolated at Chebyshev nodes; lowest power first.
const SERIES: [f32; 4] = [0.666_666_4, 0.400_075_6, 0.282_366_2, 0.268_515];

/// Computes `x ← ln x` within 2 ulp; −∞ for 0, NaN below 0.
pub fn ln(values: &mut [f32]) {
    map_slice(values, Ln);
}

/// Computes `x ← log(1 + e^x)` within 3 ulp, without overflow.
pub fn softplus(values: &mut [f32]) {
    map_slice(values, Softplus);
}

/// Returns `ln x`, with the same bits on every machine.
pub fn ln1(x: f32) -> f32 {
    Ln.eval::<false>(x)
}

/// Returns `log(1 + e^x)`, with the same bits on every machine.
pub fn softplus1(x: f32) -> f32 {
    Softplus.eval::<false>(x)
}

/// Returns `log σ(x) = −log(1 + e^−x)`, with the same bits on every machine.
pub fn log_sigmoid(x: f32) -> f32 {
    -softplus1(-x)
}

#[derive(Clone, Copy)]
pub(super) struct Ln;

impl Map for Ln {
    #[inline(always)]
    fn eval<const FMA: bool>(self, x: f32) -> f32 {
        let subnormal = x < f32::MIN_POSITIVE;
        let scaled = if subnormal { x * 8_388_608.0 } else { x };
        // Splits into exponent and mantissa, with the mantissa in [√½, √2).
        let shifted = scaled.to_bits().wrapping_sub(0x3f35_04f3);
        let exponent = ((shifted as i32) >> 23) - if subnormal { 23 } else { 0 };
        let f = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(0x3f35_04f3)) - 1.0;
        let k = exponent as f32;
        let correction = log1p_correction::<FMA>(f, k * LN2_LOW);
        let result = mul_add::<FMA>(k, LN2_HIGH, f - correction);
        let result = if x == f32::INFINITY { x } else { result };
        let result = if x == 0.0 { f32::NEG_INFINITY } else { result };
        // NaN fails the comparison and stays NaN.
        if x >= 0.0 { result } else { f32::NAN }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Softplus;

impl Map for Softplus {
    #[inline(always)]
    fn eval<const FMA: bool>(self, x: f32) -> f32 {
        let u = Exp.eval::<FMA>(-x.abs());
        let positive = if x < 0.0 { 0.0 } else { x };
        positive + log1p::<FMA>(u)
    }
}

/// Returns `log(1 + u)` for `0 ≤ u ≤ 1`.
#[inline(always)]
pub(super) fn log1p<const FMA: bool>(u: f32) -> f32 {
    u - log1p_correction::<FMA>(u, 0.0)
}

/// Returns `f − log(1 + f) − low`, for `−0.3 ≤ f ≤ 1`.
#[inline(always)]
fn log1p_correction<const FMA: bool>(f: f32, low: f32) -> f32 {
    let s = f / (2.0 + f);
    let z = s * s;
    let [c0, c1, c2, c3] = SERIES;
    let r = mul_add::<FMA>(c3, z, c2);
    let r = mul_add::<FMA>(r, z, c1);
    let r = mul_add::<FMA>(r, z, c0);
    let half_square = 0.5 * f * f;
    half_square - mul_add::<FMA>(s, mul_add::<FMA>(r, z, half_square), low)
}
