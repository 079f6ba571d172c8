//! Hyperbolic tangent.

use super::exp::{power_of_two, reduce};
use super::level::{Map, map_slice};

/// Computes `x ← tanh x` within 3 ulp, including small `x` and the sign of zero.
pub fn tanh(values: &mut [f32]) {
    map_slice(values, Tanh);
}

/// Returns `tanh x`, with the same bits on every machine.
pub fn tanh1(x: f32) -> f32 {
    Tanh.eval::<false>(x)
}

#[derive(Clone, Copy)]
pub(super) struct Tanh;

impl Map for Tanh {
    #[inline(always)]
    fn eval<const FMA: bool>(self, x: f32) -> f32 {
        // tanh |x| = −t / (2 + t) with t = e^(−2|x|) − 1 keeps its precision near zero.
        let y = -2.0 * x.abs();
        let y = if y < -20.0 { -20.0 } else { y };
        let (n, expm1_r) = reduce::<FMA>(y);
        let scale = power_of_two(n);
        let t = expm1_r * scale + (scale - 1.0);
        (-t / (2.0 + t)).copysign(x)
    }
}
