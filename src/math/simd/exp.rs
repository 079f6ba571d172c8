//! `e^x` and the logistic function.
//!
//! `x = n ln 2 + r` with `|r| ≤ ln 2 / 2` (Cody and Waite, 1980), and a polynomial for `e^r` with
//! a relative error of 1e-8.

use super::level::{Map, map_slice, mul_add};

/// The first bits of ln 2 (355/512: a product with a small integer is exact), and the rest.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// 1.5 · 2²³: adding it rounds to an integer, which the low bits of the sum then hold.
const ROUND: f32 = 12_582_912.0;
/// `(e^r − 1 − r) / r²` on `|r| ≤ ln 2 / 2`, interpolated at Chebyshev nodes; lowest power first.
const POLYNOMIAL: [f32; 5] = [0.5, 0.166_665_78, 0.041_666_556, 0.008_363_173, 0.001_392_617_6];

/// `x ← e^x`, within 1.5 ulp; `e^−∞ = 0`, above 88.73 `∞`, NaN stays NaN.
pub fn exp(values: &mut [f32]) {
    map_slice(values, Exp);
}

/// `x ← 1 / (1 + e^−x)`, within 3 ulp, subnormal results included.
pub fn sigmoid(values: &mut [f32]) {
    map_slice(values, Sigmoid);
}

/// `e^x` of one number, the same on every machine.
pub fn exp1(x: f32) -> f32 {
    Exp.eval::<false>(x)
}

/// `1 / (1 + e^−x)` of one number, the same on every machine.
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
        // 2^n is out of range at both ends: two factors, the second of which rounds.
        let half = n >> 1;
        (expm1_r + 1.0) * power_of_two(half) * power_of_two(n - half)
    }
}

/// `e^x` for x ≤ 87, and 0 below −87: every result is 0 or normal, so one factor 2^n is enough.
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
        // e^−|x| never overflows, and keeps the small results on the negative side.
        let e = Exp.eval::<FMA>(-x.abs());
        let numerator = if x < 0.0 { e } else { 1.0 };
        numerator / (1.0 + e)
    }
}

/// `(n, e^r − 1)` with `x = n ln 2 + r`, for `|x| ≤ 2^20`.
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

/// `2^n` for `−126 ≤ n ≤ 127`.
#[inline(always)]
pub(super) fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}
