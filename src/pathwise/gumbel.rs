//! Gumbel-softmax: relaxed draws from a categorical distribution (Jang et al., ICLR 2017; Maddison et al., ICLR 2017).
//!
//! With Gumbel noise g, `argmax(h + g)` is a draw from `softmax(h)`, and `y = softmax((h + g) / τ)` its relaxation: one-hot
//! as τ → 0, uniform as τ → ∞.

use ndarray::{Array2, ArrayView2};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::soft::softmax_gradient;
use crate::math::simd;
use crate::seed::Rng;

/// Value that a relaxed draw has where it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Relaxation {
    /// Drawn token; the gradient is that of the soft draw.
    #[default]
    StraightThrough,
    /// Soft draw itself, a mixture of all tokens.
    Soft,
}

/// Relaxed draws, one from each of N distributions over V tokens.
///
/// ```
/// use irgan::pathwise::RelaxedDraws;
/// use irgan::seed::Stream;
/// use ndarray::array;
///
/// let mut rng = Stream::new(1).rng();
/// let draws = RelaxedDraws::new(array![[0.0, 1.0, 2.0]], 0.5, std::slice::from_mut(&mut rng));
/// let soft = draws.soft();
/// assert!((soft.sum() - 1.0).abs() < 1e-6);
/// // The drawn token is the largest part of its soft draw.
/// assert!(soft.iter().all(|&part| part <= soft[[0, draws.tokens()[0] as usize]]));
/// ```
#[derive(Clone, Debug)]
pub struct RelaxedDraws {
    soft: Array2<f32>, // y: [N, V]
    tokens: Vec<u32>,  // argmax of y: [N]
    temperature: f32,
}

impl RelaxedDraws {
    /// Draws from `softmax(logits)`, row by row, by the random numbers `rngs: [N]`, and relaxes the draws at `temperature`.
    ///
    /// # Panics
    /// When there is not one stream of random numbers a row, or the temperature is not above 0.
    pub fn new(mut logits: Array2<f32>, temperature: f32, rngs: &mut [Rng]) -> Self {
        assert_eq!(logits.nrows(), rngs.len(), "one stream a row");
        assert!(temperature > 0.0, "a temperature is above 0");
        let mut noise = vec![0.0; logits.ncols()];
        let mut tokens = Vec::with_capacity(rngs.len());
        for (mut row, rng) in logits.rows_mut().into_iter().zip(rngs) {
            let row = row.as_slice_mut().expect("rows are contiguous");
            gumbel_noise(&mut noise, rng);
            row.iter_mut().zip(&noise).for_each(|(logit, noise)| *logit = (*logit + noise) / temperature);
            tokens.push(largest(row));
            simd::softmax(row);
        }
        Self { soft: logits, tokens, temperature }
    }

    /// Returns the drawn tokens, exact draws from the distributions: `[N]`.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Returns the soft draws, `softmax((h + g) / τ)`: `[N, V]`.
    pub fn soft(&self) -> ArrayView2<'_, f32> {
        self.soft.view()
    }

    /// Computes the gradient at the logits from `d_soft: [N, V]`, that at the soft draws: `y ⊙ (d − ⟨d, y⟩) / τ`, in place.
    ///
    /// # Panics
    /// When the sizes differ.
    pub fn backward(&self, d_soft: Array2<f32>) -> Array2<f32> {
        softmax_gradient(self.soft.view(), d_soft) / self.temperature
    }
}

/// Fills `noise` with draws from the Gumbel distribution, `−log(−log u)`.
fn gumbel_noise(noise: &mut [f32], rng: &mut Rng) {
    // Numbers halfway between the multiples of 2⁻²³ lie inside (0, 1), so that no logarithm is infinite.
    let uniform = |rng: &mut Rng| ((rng.random::<u32>() >> 9) as f32 + 0.5) * (-23.0_f32).exp2();
    noise.iter_mut().for_each(|value| *value = uniform(rng));
    simd::ln(noise);
    noise.iter_mut().for_each(|value| *value = -*value);
    simd::ln(noise);
    noise.iter_mut().for_each(|value| *value = -*value);
}

/// Returns the place of the largest value, the first of several.
fn largest(values: &[f32]) -> u32 {
    let mut best = 0;
    for (place, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = place;
        }
    }
    best as u32
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::math::sampling::chi_square::assert_fits;
    use crate::seed::Stream;

    fn rngs(count: u64, seed: u64) -> Vec<Rng> {
        (0..count).map(|row| Stream::new(seed).at(row).rng()).collect()
    }

    #[test]
    fn drawn_tokens_follow_the_softmax_at_every_temperature() {
        let logits = [0.2_f32, -1.0, 1.5, 0.7];
        let total: f32 = logits.iter().map(|logit| logit.exp()).sum();
        let expected: Vec<f32> = logits.iter().map(|logit| logit.exp() / total).collect();
        for (temperature, seed) in [(0.1, 1), (1.0, 2), (10.0, 3)] {
            let rows = Array2::from_shape_fn((20_000, 4), |(_, token)| logits[token]);
            let draws = RelaxedDraws::new(rows, temperature, &mut rngs(20_000, seed));
            assert_fits(&expected, draws.tokens().iter().map(|&token| token as usize));
        }
    }

    #[test]
    fn the_temperature_leads_from_one_hot_to_uniform() {
        let largest = |temperature: f32| {
            let draws = RelaxedDraws::new(array![[0.3, -0.4, 0.1, 0.0]], temperature, &mut rngs(1, 4));
            draws.soft().iter().copied().fold(0.0, f32::max)
        };
        assert!(largest(0.01) > 0.999 && (largest(1e4) - 0.25).abs() < 1e-3);
        assert!(largest(0.5) > largest(1.0) && largest(1.0) > largest(2.0));
    }

    #[test]
    fn the_gradient_equals_finite_differences() {
        let logits = array![[0.3_f32, -0.4, 0.1], [1.0, 0.0, -1.0]];
        let weights = array![[0.7_f32, -0.2, 0.4], [-1.0, 0.5, 0.3]];
        let loss = |logits: &Array2<f32>| {
            let draws = RelaxedDraws::new(logits.clone(), 0.7, &mut rngs(2, 5));
            (&draws.soft() * &weights).mapv(f64::from).sum()
        };
        let gradient = RelaxedDraws::new(logits.clone(), 0.7, &mut rngs(2, 5)).backward(weights.clone());
        for place in [(0, 0), (0, 2), (1, 0), (1, 1)] {
            let moved = |by: f32| {
                let mut logits = logits.clone();
                logits[place] += by;
                loss(&logits)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((slope - f64::from(gradient[place])).abs() < 1e-4, "{slope} {}", gradient[place]);
        }
    }
}
