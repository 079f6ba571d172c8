//! Exponential and logistic function.
//!
//! The argument is reduced to `x = n ln 2 + r` with `|r| ≤ ln 2 / 2` (Cody and Waite, 1980); a polynomial gives `e^r` with
//! a relative error of 1e-8.

use super::level::{Map, map_slice, mul_add};

/// Leading bits of ln 2, 355/512, whose product with a small integer is exact; [`LN2_LOW`] is the rest.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// 1.5 · 2²³, whose addition rounds a number to an integer in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;
/// Coefficients of `(e^r − 1 − r) / r²` on `|r| ≤ ln 2 / 2`, interpolated at Chebyshev nodes; lowest power first.
const POLYNOMIAL: [f32; 5] = [0.5, 0.166_665_78, 0.041_666_556, 0.008_363_173, 0.001_392_617_6];

/// Computes `x ← e^x` within 1.5 ulp; 0 for −∞, ∞ above 88.73, NaN for NaN.
pub fn exp(values: &mut [f32]) {
    map_slice(values, Exp);
}

/// Computes `x ← 1 / (1 + e^−x)` within 3 ulp, including subnormal results.
pub fn sigmoid(values: &mut [f32]) {
    map_slice(values, Sigmoid);
}

/// Returns `e^x`, with the same bits on every machine.
pub fn exp1(x: f32) -> f32 {
    Exp.eval::<false>(x)
}

/// Returns `1 / (1 + e^−x)`, with the same bits on every machine.
pub fn sigmoid1(x: f32) -> f32 {
    Sigmoid.eval::<false>(x)
}

#[derive(Clone, Copy)]
pub(super) struct Exp;

impl Map for Exp {
    #[inline(always)]
    fn eval<const FMA: bool>(self, x: f32) -> f32 {
        // The comparisons let NaN through. e^−104 rounds to 0 and e^89 to ∞.
        let x = if x < -104.0 { -104.0 } else { x };
        let x = if x > 89.0 { 89.0 } else { x };
        let (n, expm1_r) = reduce::<FMA>(x);
        // 2^n may be out of range at both ends, so that it is applied as two factors, of which only the second rounds.
        let half = n >> 1;
        (expm1_r + 1.0) * power_of_two(half) * power_of_two(n - half)
    }
}

/// Exponential for x ≤ 87, with 0 below −87. Every result is 0 or normal, so that one factor 2^n suffices.
#[derive(Clone, Copy)]
pub(super) struct ModerateExp;

impl Map for ModerateExp {
    #[inline(always)]
    fn eval<const FMA: bool>(self, x: f32) -> f32 {
        let (n, expm1_r) = reduce::<FMA>(x);
        let power = power_of_two(n);
        let result = mul_add::<FMA>(expm1_r, power, power);
        if x < -87.0 { 0.0 } else { result }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Sigmoid;

impl Map for Sigmoid {
    #[inline(always)]
    fn eval<const FMA: bool>(self, x: f32) -> f32 {
        // e^−|x| never overflows and keeps the precision of small results for negative x.
        let e = Exp.eval::<FMA>(-x.abs());
        let numerator = if x < 0.0 { e } else { 1.0 };
        numerator / (1.0 + e)
    }
}

/// Returns `(n, e^r − 1)` with `x = n ln 2 + r`, for `|x| ≤ 2^20`.
#[inline(always)]
pub(super) fn reduce<const FMA: bool>(x: f32) -> (i32, f32) {
    let rounded = mul_add::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = mul_add::<FMA>(n, -LN2_HIGH, x);
    let r = mul_add::<FMA>(n, -LN2_LOW, r);
    let [c0, c1, c2, c3, c4] = POLYNOMIAL;
    let q = mul_add::<FMA>(c4, r, c3);
    let q = mul_add::<FMA>(q, r, c2);
    let q = mul_add::<FMA>(q, r, c1);
    let q = mul_add::<FMA>(q, r, c0);
    (rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i32, mul_add::<FMA>(r * r, q, r))
}

/// Returns `2^n` for `−126 ≤ n ≤ 127`.
#[inline(always)]
pub(super) fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}
