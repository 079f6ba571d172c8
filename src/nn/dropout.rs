//! Dropout: each value is kept with probability `keep` and divided by it (Srivastava et al., 2014).

use ndarray::{Array, Dimension, ShapeBuilder};
use rand::RngCore as _;

use crate::seed::Rng;

/// Draws a dropout mask of `shape`: `1 / keep` where a value is kept, 0 where it is dropped.
///
/// The forward and the backward pass both multiply by it.
///
/// # Panics
/// When `keep` is not in (0, 1].
pub fn dropout_mask<D: Dimension, Sh: ShapeBuilder<Dim = D>>(
    shape: Sh,
    keep: f32,
    rng: &mut Rng,
) -> Array<f32, D> {
    assert!(keep > 0.0 && keep <= 1.0, "the share kept lies in (0, 1]");
    // Each random number serves two values, with 32 bits each.
    let threshold = (f64::from(keep) * 2f64.powi(32)) as u64;
    let (mut bits, mut left) = (0, 0);
    let mut coin = || {
        if left == 0 {
            (bits, left) = (rng.next_u64(), 2);
        }
        let kept = (bits & 0xffff_ffff) < threshold;
        bits >>= 32;
        left -= 1;
        if kept { keep.recip() } else { 0.0 }
    };
    Array::from_shape_simple_fn(shape, &mut coin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;

    #[test]
    fn masks_keep_the_given_share_and_the_mean() {
        let mask = dropout_mask((300, 400), 0.75, &mut Stream::new(1).rng());
        let kept = mask.iter().filter(|&&m| m > 0.0).count() as f64 / mask.len() as f64;
        // Standard error √(0.75 · 0.25 / 120,000) = 0.00125; four of them.
        assert!((kept - 0.75).abs() < 0.005, "{kept}");
        assert!(mask.iter().all(|&m| m == 0.0 || m == 1.0 / 0.75));
        assert!(dropout_mask(100, 1.0, &mut Stream::new(1).rng()).iter().all(|&m| m == 1.0));
    }
}
