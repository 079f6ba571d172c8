//! Bias and variance of estimators of one gradient, on a distribution small enough for the exact one.

use crate::math::simd;
use crate::seed::{Rng, Stream};

use super::gumbel::RelaxedDraws;
use ndarray::Array2;
use rand::Rng as _;

/// Estimator of the gradient of `E[r(token)]` at the logits, from one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Estimator {
    /// Score function, `(r(a) − b) (onehot(a) − π)`, with this constant reward baseline b.
    ScoreFunction(f32),
    /// Soft Gumbel-softmax at this temperature.
    Soft(f32),
    /// Straight-through Gumbel-softmax at this temperature.
    StraightThrough(f32),
}

/// Errors of an estimator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EstimatorError {
    /// Norm of the difference of the estimator's mean and the exact gradient, over the norm of the exact gradient.
    pub bias: f64,
    /// Variance of one estimate, summed over the logits, over the squared norm of the exact gradient.
    pub variance: f64,
}

/// Measures `estimators` of the gradient of `E[r]` by as many `draws` of each, against the sum over all tokens.
///
/// The reward of a mixture y of tokens is `reward(y)`; that of a token is the reward of its one-hot vector. `reward` returns
/// the value and writes its gradient at y: both `[V]`.
///
/// ```
/// use irgan::pathwise::{Estimator, compare_estimators};
/// use irgan::seed::Stream;
///
/// // A reward that is linear in the mixture: the straight-through estimator differentiates it exactly.
/// let reward = |mixture: &[f32], slope: &mut [f32]| {
///     slope.copy_from_slice(&[1.0, 0.0, -1.0]);
///     mixture[0] - mixture[2]
/// };
/// let all = [Estimator::ScoreFunction(0.0), Estimator::Soft(0.5)];
/// let found = compare_estimators(&[0.5, 0.0, -0.5], reward, &all, 20_000, Stream::new(1));
/// assert!(found[0].bias < 0.05 && found[0].variance > found[1].variance);
/// ```
///
/// # Panics
/// When there are fewer than two draws, or a temperature is not above 0.
pub fn compare_estimators(
    logits: &[f32],
    reward: impl Fn(&[f32], &mut [f32]) -> f32,
    estimators: &[Estimator],
    draws: usize,
    stream: Stream,
) -> Vec<EstimatorError> {
    assert!(draws > 1, "a variance needs two draws");
    let problem = Problem::new(logits, reward);
    let of = |(number, &estimator): (usize, &Estimator)| {
        let mut rng = stream.at(number as u64).rng();
        let size = logits.len();
        let (mut sum, mut squares) = (vec![0.0_f64; size], vec![0.0_f64; size]);
        for _ in 0..draws {
            for (place, value) in problem.estimate(estimator, &mut rng).into_iter().enumerate() {
                sum[place] += f64::from(value);
                squares[place] += f64::from(value) * f64::from(value);
            }
        }
        let count = draws as f64;
        let norm: f64 = problem.exact.iter().map(|value| value * value).sum();
        let of_mean = |(sum, exact): (&f64, &f64)| (sum / count - exact).powi(2);
        let bias: f64 = sum.iter().zip(&problem.exact).map(of_mean).sum();
        let of_logit = |(sum, squares): (&f64, &f64)| (squares - sum * sum / count) / (count - 1.0);
        let variance: f64 = sum.iter().zip(&squares).map(of_logit).sum();
        EstimatorError { bias: (bias / norm).sqrt(), variance: variance / norm }
    };
    estimators.iter().enumerate().map(of).collect()
}

/// Distribution and reward, with the exact gradient.
struct Problem<R> {
    logits: Vec<f32>,
    pi: Vec<f32>,
    reward: R,
    rewards: Vec<f32>, // of the one-hot vectors
    exact: Vec<f64>,   // π_a (r_a − Σ_b π_b r_b)
}

impl<R: Fn(&[f32], &mut [f32]) -> f32> Problem<R> {
    fn new(logits: &[f32], reward: R) -> Self {
        let mut pi = logits.to_vec();
        simd::softmax(&mut pi);
        let size = logits.len();
        let of_token = |token: usize| reward(&one_hot(token, size), &mut vec![0.0; size]);
        let rewards: Vec<f32> = (0..size).map(of_token).collect();
        let mean: f64 = pi.iter().zip(&rewards).map(|(&p, &r)| f64::from(p) * f64::from(r)).sum();
        let exact = pi.iter().zip(&rewards).map(|(&p, &r)| f64::from(p) * (f64::from(r) - mean)).collect();
        Self { logits: logits.to_vec(), pi, reward, rewards, exact }
    }

    /// Returns the estimate of one draw: `[V]`.
    fn estimate(&self, estimator: Estimator, rng: &mut Rng) -> Vec<f32> {
        match estimator {
            Estimator::ScoreFunction(baseline) => self.score_function(baseline, rng),
            Estimator::Soft(temperature) => {
                self.pathwise(temperature, rng, |draws| draws.soft().row(0).to_vec())
            }
            Estimator::StraightThrough(temperature) => self
                .pathwise(temperature, rng, |draws| one_hot(draws.tokens()[0] as usize, self.logits.len())),
        }
    }

    fn score_function(&self, baseline: f32, rng: &mut Rng) -> Vec<f32> {
        let mut left: f32 = rng.random();
        let mut token = self.pi.len() - 1;
        for (place, p) in self.pi.iter().enumerate() {
            if left < *p {
                token = place;
                break;
            }
            left -= p;
        }
        let advantage = self.rewards[token] - baseline;
        let mut estimate: Vec<f32> = self.pi.iter().map(|p| -advantage * p).collect();
        estimate[token] += advantage;
        estimate
    }

    /// Returns the gradient through a relaxed draw of the reward at what is `read` of it.
    fn pathwise(
        &self,
        temperature: f32,
        rng: &mut Rng,
        read: impl Fn(&RelaxedDraws) -> Vec<f32>,
    ) -> Vec<f32> {
        let size = self.logits.len();
        let logits = Array2::from_shape_vec((1, size), self.logits.clone()).expect("one row");
        let draws = RelaxedDraws::new(logits, temperature, std::slice::from_mut(rng));
        let mut slope = vec![0.0; size];
        (self.reward)(&read(&draws), &mut slope);
        let d_soft = Array2::from_shape_vec((1, size), slope).expect("one row");
        draws.backward(d_soft).into_raw_vec_and_offset().0
    }
}

fn one_hot(token: usize, size: usize) -> Vec<f32> {
    (0..size).map(|place| f32::from(u8::from(place == token))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squared distance of a mixture from a target, which is no vertex: it is convex, and its slopes differ by place.
    fn reward(mixture: &[f32], slope: &mut [f32]) -> f32 {
        let target = [0.1, 0.6, 0.05, 0.25];
        for ((slope, x), t) in slope.iter_mut().zip(mixture).zip(target) {
            *slope = 2.0 * (x - t);
        }
        mixture.iter().zip(target).map(|(x, t)| (x - t) * (x - t)).sum()
    }

    #[test]
    fn the_score_function_is_unbiased_and_a_relaxation_trades_bias_for_variance() {
        let estimators = [
            Estimator::ScoreFunction(0.0),
            Estimator::ScoreFunction(0.9),
            Estimator::Soft(0.1),
            Estimator::Soft(1.0),
            Estimator::Soft(5.0),
        ];
        let logits = [0.4, -0.3, 0.0, 0.2];
        let found = compare_estimators(&logits, reward, &estimators, 200_000, Stream::new(7));
        let [plain, with_baseline, cold, warm, hot] = found.try_into().expect("five estimators");
        // The mean of 200,000 unbiased estimates lies within a few of its standard errors.
        for unbiased in [plain, with_baseline] {
            assert!(unbiased.bias < 4.0 * (unbiased.variance / 200_000.0).sqrt(), "{unbiased:?}");
        }
        assert!(with_baseline.variance < plain.variance);
        assert!(cold.bias < warm.bias && warm.bias < hot.bias, "{cold:?} {warm:?} {hot:?}");
        assert!(cold.variance > warm.variance && warm.variance > hot.variance);
    }
}
