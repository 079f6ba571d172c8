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

/// Coefficients of `(log(1 + f) − f + f²/2) / f³` on `√½ − 1 ≤ f ≤ √2 − 1`, interpolated at Chebyshev nodes; lowest power first.
const POWERS: [f32; 7] =
    [0.333_334_2, -0.250_007, 0.199_842_2, -0.166_027_2, 0.147_039, -0.140_308_9, 0.090_487_84];

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
        let (exponent, f) = split(scaled);
        let k = (exponent - if subnormal { 23 } else { 0 }) as f32;
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

/// Returns `ln x` of a normal number above 0, within 1e-7 up to 2 and two units in the last place beyond, without a division.
#[inline(always)]
pub(super) fn moderate_ln<const FMA: bool>(x: f32) -> f32 {
    let (exponent, f) = split(x);
    let r = POWERS.into_iter().rev().reduce(|sum, power| mul_add::<FMA>(sum, f, power)).unwrap_or(0.0);
    let square = f * f;
    let of_mantissa = mul_add::<FMA>(square, mul_add::<FMA>(f, r, -0.5), f);
    mul_add::<FMA>(exponent as f32, std::f32::consts::LN_2, of_mantissa)
}

/// Splits a normal number above 0 as `2^n (1 + f)` with `√½ ≤ 1 + f < √2`; returns `(n, f)`.
#[inline(always)]
fn split(x: f32) -> (i32, f32) {
    let shifted = x.to_bits().wrapping_sub(0x3f35_04f3);
    let mantissa = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    ((shifted as i32) >> 23, mantissa - 1.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_without_a_division_are_near() {
        let check = |x: f32| {
            let (exact, bound) = (f64::from(x).ln(), 1e-7 + 2.4e-7 * f64::from(x).ln().abs());
            for found in [moderate_ln::<false>(x), moderate_ln::<true>(x)] {
                assert!((f64::from(found) - exact).abs() <= bound, "{x:e}: {found} {exact}");
            }
        };
        (0..200_000).for_each(|i| check(0.5 + 1e-5 * i as f32));
        [f32::MIN_POSITIVE, 1e-35, 1e-10, 1e10, f32::MAX].into_iter().for_each(check);
        assert_eq!(moderate_ln::<false>(1.0), 0.0);
    }
}
