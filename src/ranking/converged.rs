//! Convex fits, to the end: linear scorers by L-BFGS.

use super::pool_gradient::pool_gradient;
use super::{Objective, Pools as _, Scorer};
use crate::math::lbfgs::{Minimum, minimize};
use crate::nn::{Gradient as _, Part};
use crate::seed::Stream;

/// Largest component of the gradient at the minimum, relative to the loss.
const TOLERANCE: f64 = 1e-5;
/// Steps at most.
const STEPS: usize = 500;

/// Minimises `mean loss of a query + weight_decay / 2 · ‖θ‖²` over the parameters of `scorer`, which is the start and becomes the
/// minimum. Returns the mean loss of a query there, without the decay, and how the search ended.
///
/// # Panics
/// When the scorer is not linear.
pub(super) fn converge<S: Scorer>(
    objective: Objective,
    scorer: &mut S,
    pools: &S::Pools,
    queries: &[u32],
    weight_decay: f32,
) -> (f64, Minimum) {
    assert!(scorer.is_linear(), "a convex objective needs a linear scorer");
    let mut point: Vec<f64> = values(scorer);
    let (decay, count) = (f64::from(weight_decay), queries.len().max(1) as f64);
    let mut loss = 0.0;
    let minimum = minimize(&mut point, TOLERANCE, STEPS, |at, slope| {
        set(scorer, at);
        let of_query = |q: usize, scores: &[f32], d_scores: &mut [f32]| {
            objective.gradient(scores, &pools.grades(q), d_scores)
        };
        let (mut gradient, total) = pool_gradient(scorer, pools, queries, Stream::new(0), of_query);
        let flat = gradient.parts().into_iter().flat_map(|part| match part {
            Part::Whole(values) => values.iter().copied(),
            Part::Rows(..) => unreachable!("linear scorers have dense gradients"),
        });
        for ((slope, gradient), at) in slope.iter_mut().zip(flat).zip(at) {
            *slope = f64::from(gradient) / count + decay * at;
        }
        loss = total / count;
        loss + decay / 2.0 * at.iter().map(|x| x * x).sum::<f64>()
    });
    set(scorer, &point);
    (minimum.value - decay / 2.0 * point.iter().map(|x| x * x).sum::<f64>(), minimum)
}

/// The parameters, one behind the other.
fn values<S: Scorer>(scorer: &S) -> Vec<f64> {
    scorer.tensors().iter().flat_map(|tensor| tensor.values.iter().map(|&x| f64::from(x))).collect()
}

/// Sets the parameters to `values`, in the order of [`values`].
fn set<S: Scorer>(scorer: &mut S, values: &[f64]) {
    let mut values = values.iter();
    for mut tensor in scorer.tensors_mut() {
        for (into, &value) in tensor.values.iter_mut().zip(&mut values) {
            *into = value as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::features::planted::{Planted, PlantedConfig};
    use crate::ranking::{FeaturePools, ScorerConfig};

    /// The mean loss with its decay, by its own formula in f64 and from weights alone, for maximum likelihood.
    fn loss(pools: &FeaturePools, weights: &[f64], decay: f64) -> (f64, Vec<f64>) {
        let set = pools.set();
        let queries = pools.trainable();
        let mut total = decay / 2.0 * weights.iter().map(|w| w * w).sum::<f64>();
        let mut slope: Vec<f64> = weights.iter().map(|w| decay * w).collect();
        for &q in &queries {
            let x = set.query_features(q as usize).mapv(f64::from);
            let scores: Vec<f64> =
                x.rows().into_iter().map(|row| row.iter().zip(weights).map(|(x, w)| x * w).sum()).collect();
            let most = scores.iter().fold(f64::MIN, |most, &score| most.max(score));
            let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
            let grades: Vec<f64> =
                set.query_grades(q as usize).iter().map(|&g| f64::from(g.max(0))).collect();
            let mass: f64 = grades.iter().sum();
            for (d, score) in scores.iter().enumerate() {
                let (p, target) = ((score - most).exp() / sum, grades[d] / mass);
                total -= target * (score - most - sum.ln()) / queries.len() as f64;
                for (slope, x) in slope.iter_mut().zip(x.row(d)) {
                    *slope += (p - target) * x / queries.len() as f64;
                }
            }
        }
        (total, slope)
    }

    #[test]
    fn the_loss_is_that_of_gradient_descent_after_thousands_of_steps() {
        let config = PlantedConfig { queries: 12, documents: 15, features: 4, ..Default::default() };
        let pools = FeaturePools::new(Planted::generate(&config).expect("a benchmark").train);
        let scorer = ScorerConfig { hidden: vec![], ..Default::default() };
        for decay in [0.01f32, 0.3] {
            let mut linear = scorer.network(pools.set().feature_count(), Stream::new(1));
            let queries = pools.trainable();
            let (alone, found) = converge(Objective::Mle, &mut linear, &pools, &queries, decay);
            assert!(found.converged && alone <= found.value, "{found:?}");
            let decay = f64::from(decay);
            let mut weights = vec![0.0; pools.set().feature_count()];
            for _ in 0..20_000 {
                let (_, slope) = loss(&pools, &weights, decay);
                weights.iter_mut().zip(slope).for_each(|(w, slope)| *w -= 0.1 * slope);
            }
            let (least, _) = loss(&pools, &weights, decay);
            assert!((found.value - least).abs() < 1e-3, "decay {decay}: {} and {least}", found.value);
        }
    }
}
