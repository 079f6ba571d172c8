//! Proposal distribution of the sampled estimator: `q = (1 − λ) π + λ · uniform(observed positives)`.

use rand::Rng as _;

use crate::math::sampling::Cdf;
use crate::seed::Rng;

/// The proposal of one context, and the importance ratios ρ = π/q of what it draws.
#[derive(Debug)]
pub struct Proposal<'a> {
    probabilities: &'a [f32], // π: [A]
    positives: &'a [u32],     // sorted actions
    observed: Vec<bool>,      // [A], whether an action is among them
    lambda: f32,
    cdf: Cdf<'a>,
}

impl<'a> Proposal<'a> {
    /// Mixes `probabilities: [A]` with the uniform distribution over `positives` (sorted). Without
    /// positives, or with λ = 0, the policy itself is drawn from.
    pub fn new(probabilities: &'a [f32], positives: &'a [u32], lambda: f32) -> Self {
        assert!((0.0..=1.0).contains(&lambda), "λ is a probability");
        let lambda = if positives.is_empty() { 0.0 } else { lambda };
        let mut observed = vec![false; probabilities.len()];
        positives.iter().for_each(|&action| observed[action as usize] = true);
        Self { probabilities, positives, observed, lambda, cdf: Cdf::new(probabilities) }
    }

    /// Draws `count` actions, and appends them and their importance ratios.
    pub fn draw(&self, count: usize, rng: &mut Rng, actions: &mut Vec<u32>, importance: &mut Vec<f32>) {
        let first = actions.len();
        // All numbers are drawn first: one search need not wait for how the next draw is made.
        let mut searched = Vec::with_capacity(count);
        actions.extend((first..first + count).map(|place| {
            if self.lambda > 0.0 && rng.random::<f32>() < self.lambda {
                return self.positives[rng.random_range(0..self.positives.len())];
            }
            searched.push((place, self.cdf.target(rng)));
            0
        }));
        for (place, target) in searched {
            actions[place] = self.cdf.find(target) as u32;
        }
        importance.extend(actions[first..].iter().map(|&action| self.importance(action)));
    }

    /// `ρ(a) = π(a) / q(a)`.
    pub fn importance(&self, action: u32) -> f32 {
        if self.lambda == 0.0 {
            return 1.0;
        }
        let policy = self.probabilities[action as usize];
        let uniform = f32::from(u8::from(self.observed[action as usize])) / self.positives.len() as f32;
        policy / ((1.0 - self.lambda) * policy + self.lambda * uniform)
    }
}
