//! L-BFGS: minimisation of smooth functions of some hundreds of variables, to a tolerance.

use std::collections::VecDeque;

/// Pairs of steps and changes of the gradient that approximate the curvature.
const MEMORY: usize = 10;
/// Share of the expected decrease that a step must reach (Armijo's condition).
const DECREASE: f64 = 1e-4;
/// Halvings of a step before the search gives up: the function is as low as its precision can tell.
const HALVINGS: usize = 30;

/// Result of a minimisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minimum {
    /// Value of the function.
    pub value: f64,
    /// Number of steps that were taken.
    pub steps: usize,
    /// True when the gradient is within the tolerance, or no step lowers the value any more.
    pub converged: bool,
}

/// Minimises a function by L-BFGS with backtracking (Nocedal and Wright, *Numerical Optimization*, algorithms 7.4 and 7.5).
///
/// `function` takes a point, writes the gradient there and returns the value. `x` is the start and becomes the minimum. The
/// search ends when no component of the gradient is above `tolerance · max(1, |value|)`, or after `most` steps.
///
/// ```
/// use irgan::math::lbfgs::minimize;
///
/// // (x − 3)² + 10 (y + 1)²
/// let mut point = [0.0, 0.0];
/// let found = minimize(&mut point, 1e-9, 100, |at, gradient| {
///     let (dx, dy) = (at[0] - 3.0, at[1] + 1.0);
///     gradient.copy_from_slice(&[2.0 * dx, 20.0 * dy]);
///     dx * dx + 10.0 * dy * dy
/// });
/// assert!(found.converged && (point[0] - 3.0).abs() < 1e-6 && (point[1] + 1.0).abs() < 1e-6);
/// ```
pub fn minimize(
    x: &mut [f64],
    tolerance: f64,
    most: usize,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Minimum {
    let n = x.len();
    let (mut gradient, mut next, mut next_gradient) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut value = function(x, &mut gradient);
    let mut memory = Memory::default();
    for steps in 0..most {
        let largest = gradient.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
        if largest <= tolerance * value.abs().max(1.0) || !value.is_finite() {
            return Minimum { value, steps, converged: value.is_finite() };
        }
        let mut direction = memory.direction(&gradient);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            memory = Memory::default();
            direction = gradient.iter().map(|g| -g).collect();
            slope = -dot(&gradient, &gradient);
        }
        // The first step has no scale yet: it moves by at most one.
        let mut length = if memory.pairs.is_empty() { 1.0 / norm(&gradient).max(1.0) } else { 1.0 };
        let mut found = None;
        for _ in 0..HALVINGS {
            for i in 0..n {
                next[i] = x[i] + length * direction[i];
            }
            let reached = function(&next, &mut next_gradient);
            if reached <= value + DECREASE * length * slope {
                found = Some(reached);
                break;
            }
            length /= 2.0;
        }
        let Some(reached) = found else { return Minimum { value, steps, converged: true } };
        memory.push(
            (0..n).map(|i| next[i] - x[i]).collect(),
            (0..n).map(|i| next_gradient[i] - gradient[i]).collect(),
        );
        x.copy_from_slice(&next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        value = reached;
    }
    Minimum { value, steps: most, converged: false }
}

/// The last steps and what they changed in the gradient.
#[derive(Default)]
struct Memory {
    pairs: VecDeque<(Vec<f64>, Vec<f64>, f64)>, // step, change, 1 / (step · change)
}

impl Memory {
    /// Keeps a pair where the function curves upwards along the step.
    fn push(&mut self, step: Vec<f64>, change: Vec<f64>) {
        let curvature = dot(&step, &change);
        if curvature > 1e-12 * dot(&change, &change) {
            self.pairs.push_back((step, change, curvature.recip()));
        }
        if self.pairs.len() > MEMORY {
            self.pairs.pop_front();
        }
    }

    /// Returns minus the approximate inverse Hessian times the gradient.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut alphas = vec![];
        for (step, change, inverse) in self.pairs.iter().rev() {
            let alpha = inverse * dot(step, &q);
            q.iter_mut().zip(change).for_each(|(q, y)| *q -= alpha * y);
            alphas.push(alpha);
        }
        if let Some((_, change, inverse)) = self.pairs.back() {
            let scale = (inverse * dot(change, change)).recip();
            q.iter_mut().for_each(|q| *q *= scale);
        }
        for ((step, change, inverse), alpha) in self.pairs.iter().zip(alphas.into_iter().rev()) {
            let beta = inverse * dot(change, &q);
            q.iter_mut().zip(step).for_each(|(q, s)| *q += (alpha - beta) * s);
        }
        q
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_end() {
        let mut x = [-1.2, 1.0];
        let found = minimize(&mut x, 1e-8, 500, |at, gradient| {
            let (a, b) = (1.0 - at[0], at[1] - at[0] * at[0]);
            gradient.copy_from_slice(&[-2.0 * a - 400.0 * at[0] * b, 200.0 * b]);
            a * a + 100.0 * b * b
        });
        assert!(found.converged && found.steps < 100, "{found:?}");
        assert!((x[0] - 1.0).abs() < 1e-6 && (x[1] - 1.0).abs() < 1e-6, "{x:?}");
    }

    #[test]
    fn a_value_that_is_not_finite_ends_the_search() {
        let found = minimize(&mut [1.0], 1e-8, 500, |_, gradient| {
            gradient[0] = 1.0;
            f64::NAN
        });
        assert!(!found.converged && found.value.is_nan());
    }

    #[test]
    fn few_steps_are_told() {
        let found = minimize(&mut [10.0], 1e-12, 1, |at, gradient| {
            gradient[0] = 4.0 * at[0].powi(3);
            at[0].powi(4)
        });
        assert!(!found.converged && found.steps == 1);
    }
}
