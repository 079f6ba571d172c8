//! Draws by inverse CDF: a uniform number selects the item in whose share of the total mass it falls.

use std::borrow::Cow;

use rand::Rng as _;

use crate::math::simd;
use crate::seed::Rng;

/// Number of weights in a block: a draw finds its block by the blocks' sums, then its item.
const BLOCK: usize = 64;

/// Draws one item with probability proportional to `weights: [A]`, which need not be normalised.
///
/// # Panics
/// When a weight is negative or NaN, or when their sum is zero or infinite.
///
/// ```
/// use irgan::{math::sampling::sample_cdf, seed::Stream};
///
/// let mut rng = Stream::new(1).rng();
/// assert_eq!(sample_cdf(&[0.0, 0.3, 0.0], &mut rng), 1);
/// ```
pub fn sample_cdf(weights: &[f32], rng: &mut Rng) -> usize {
    let total: f64 = weights.chunks(BLOCK).map(mass).sum();
    let mut target = threshold(total, rng);
    for (block, chunk) in weights.chunks(BLOCK).enumerate() {
        let mass = mass(chunk);
        if target < mass {
            return block * BLOCK + within(chunk, target);
        }
        target -= mass;
    }
    last_positive(weights)
}

/// Cumulative distribution over A items by blocks of 16, for several draws.
///
/// ```
/// use irgan::{math::sampling::Cdf, seed::Stream};
///
/// let weights = [0.0, 2.0, 0.0];
/// let (cdf, mut rng) = (Cdf::new(&weights[..]), Stream::new(1).rng());
/// assert_eq!([cdf.sample(&mut rng), cdf.sample(&mut rng)], [1, 1]);
/// ```
#[derive(Clone, Debug)]
pub struct Cdf<'a> {
    weights: Cow<'a, [f32]>, // [A]
    cumulative: Vec<f64>,    // [A / STEP]: mass of the blocks up to and including each
}

/// Number of items in a block of a [`Cdf`].
const STEP: usize = simd::LANES;

impl<'a> Cdf<'a> {
    /// Makes the distribution of `weights: [A]`, which need not be normalised.
    ///
    /// # Panics
    /// When a weight is negative or NaN, or when their sum is zero or infinite.
    pub fn new(weights: impl Into<Cow<'a, [f32]>>) -> Self {
        let weights = weights.into();
        // A loop without early end compares many at once, which is faster.
        let valid = weights.iter().fold(true, |valid, &weight| valid & (weight >= 0.0));
        assert!(valid, "weights must not be negative or NaN");
        let mut cumulative = simd::block_sums(&weights);
        let mut sum = 0.0;
        for mass in &mut cumulative {
            sum += *mass;
            *mass = sum;
        }
        assert!(sum > 0.0 && sum.is_finite(), "weights must have a positive, finite sum, found {sum}");
        Self { weights, cumulative }
    }

    /// Draws one item, in O(log A).
    pub fn sample(&self, rng: &mut Rng) -> usize {
        self.find(self.target(rng))
    }

    /// Draws the mass before the place of a draw, for [`Cdf::find`].
    pub(crate) fn target(&self, rng: &mut Rng) -> f64 {
        threshold(self.cumulative[self.cumulative.len() - 1], rng)
    }

    /// Returns the item into whose share a `target` falls.
    pub(crate) fn find(&self, target: f64) -> usize {
        // The first block whose cumulative mass exceeds the target is never one without mass.
        let block = self.cumulative.partition_point(|&mass| mass <= target);
        let before = if block == 0 { 0.0 } else { self.cumulative[block - 1] };
        let items = &self.weights[block * STEP..];
        let item = match items.first_chunk() {
            Some(items) => within_block(items, target - before),
            None => within(items, target - before),
        };
        block * STEP + item
    }

    /// Returns the number of items, A.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Returns false: a distribution has at least one item.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// Draws a uniform number in `[0, total)`.
pub(super) fn threshold(total: f64, rng: &mut Rng) -> f64 {
    assert!(total > 0.0 && total.is_finite(), "weights must have a positive, finite sum, found {total}");
    // The product may round up to the total, which is excluded.
    (rng.random::<f64>() * total).min(total.next_down())
}

fn mass(chunk: &[f32]) -> f64 {
    let negative = chunk.iter().any(|&weight| weight < 0.0);
    assert!(!negative, "weights must not be negative");
    simd::sum(chunk)
}

/// Returns the item of a block into whose share `target`, which is less than the block's mass, falls.
pub(super) fn within(chunk: &[f32], mut target: f64) -> usize {
    for (item, &weight) in chunk.iter().enumerate() {
        if target < f64::from(weight) {
            return item;
        }
        target -= f64::from(weight);
    }
    last_positive(chunk)
}

/// [`within`] of a whole block, by a count without an early end: the processor works on several draws at a time.
fn within_block(block: &[f32; STEP], mut target: f64) -> usize {
    let mut before = 0;
    for &weight in block {
        target -= f64::from(weight);
        before += usize::from(target >= 0.0); // once below 0 it stays there
    }
    if before < STEP { before } else { last_positive(block) }
}

/// Returns the last item of positive weight, where a search ends that rounding led beyond the last item.
pub(super) fn last_positive(weights: &[f32]) -> usize {
    weights.iter().rposition(|&weight| weight > 0.0).expect("the sum of the weights is positive")
}

#[cfg(test)]
mod tests {
    use super::super::chi_square::assert_fits;
    use super::*;
    use crate::seed::Stream;

    /// 300 items (more than four blocks), a fifth of them of weight zero, sum far from 1.
    fn weights() -> Vec<f32> {
        (0..300).map(|i| if i % 5 == 0 { 0.0 } else { 1.0 + (i % 7) as f32 }).collect()
    }

    #[test]
    fn frequencies_follow_the_weights() {
        let weights = weights();
        let mut rng = Stream::new(11).rng();
        assert_fits(&weights, (0..200_000).map(|_| sample_cdf(&weights, &mut rng)));
        let cdf = Cdf::new(weights.as_slice());
        assert_fits(&weights, (0..200_000).map(|_| cdf.sample(&mut rng)));
    }

    #[test]
    fn rounding_never_leads_to_a_weight_of_zero() {
        // A hundred thousand tiny masses after a huge one, and zeros at both ends.
        let mut weights = vec![1e-7; 100_000];
        weights[0] = 0.0;
        weights[1] = 1.0;
        weights[99_999] = 0.0;
        let cdf = Cdf::new(weights.as_slice());
        let mut rng = Stream::new(12).rng();
        for _ in 0..200 {
            assert!(weights[sample_cdf(&weights, &mut rng)] > 0.0);
            assert!(weights[cdf.sample(&mut rng)] > 0.0);
        }
        assert_eq!(within(&[0.1, 0.2, 0.0], 0.31), 1);
        let block: [f32; STEP] = std::array::from_fn(|i| if i % 5 < 3 { 0.1 * i as f32 } else { 0.0 });
        for target in [0.0, 0.1, 0.11, 1.0, 3.0, 7.09, 9.0] {
            assert_eq!(within_block(&block, target), within(&block, target), "{target}");
        }
    }

    #[test]
    #[should_panic(expected = "NaN")]
    fn nan_panics_in_cdf() {
        Cdf::new(&[0.1, f32::NAN][..]);
    }

    #[test]
    #[should_panic(expected = "NaN")]
    fn nan_panics_in_a_single_draw() {
        sample_cdf(&[0.1, f32::NAN], &mut Stream::new(1).rng());
    }

    #[test]
    #[should_panic(expected = "positive, finite sum")]
    fn nothing_to_draw_panics() {
        sample_cdf(&[0.0, 0.0], &mut Stream::new(1).rng());
    }
}
