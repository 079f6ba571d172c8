//! Initial values of parameters.

use ndarray::{Array, Dimension, ShapeBuilder};
use ndarray_rand::RandomExt;
use ndarray_rand::rand::Rng as _;
use ndarray_rand::rand_distr::{Normal, Uniform};
use serde::{Deserialize, Serialize};

use crate::seed::Rng;

/// Distribution of the initial weights of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initializer {
    /// Uniform on ±√(6 / (fan-in + fan-out)) (Glorot and Bengio, 2010).
    #[default]
    Xavier,
    /// Normal with variance 2 / fan-in (He et al., 2015).
    He,
    /// Normal with mean 0 and the given standard deviation.
    Normal(f32),
    /// Normal with mean 0 and the given standard deviation, redrawn beyond two standard deviations.
    TruncatedNormal(f32),
    /// Uniform on ± the given bound.
    Uniform(f32),
}

impl Initializer {
    /// Draws an array of `shape` for a layer from `fan_in` to `fan_out` values.
    pub fn sample<D: Dimension, Sh: ShapeBuilder<Dim = D>>(
        self,
        shape: Sh,
        fan_in: usize,
        fan_out: usize,
        rng: &mut Rng,
    ) -> Array<f32, D> {
        let uniform = |bound: f32| Uniform::new_inclusive(-bound, bound).expect("the bound is finite");
        let normal = |deviation: f32| Normal::new(0.0, deviation).expect("the deviation is finite");
        match self {
            Self::Xavier => {
                Array::random_using(shape, uniform((6.0 / (fan_in + fan_out) as f32).sqrt()), rng)
            }
            Self::He => Array::random_using(shape, normal((2.0 / fan_in as f32).sqrt()), rng),
            Self::Normal(deviation) => Array::random_using(shape, normal(deviation.abs()), rng),
            Self::TruncatedNormal(deviation) => {
                let normal = Normal::new(0.0, 1.0).expect("a standard normal");
                let mut draw = || loop {
                    let value: f32 = rng.sample(normal);
                    if value.abs() <= 2.0 {
                        return value * deviation;
                    }
                };
                Array::from_shape_simple_fn(shape, &mut draw)
            }
            Self::Uniform(bound) => Array::random_using(shape, uniform(bound.abs()), rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;
    use approx::assert_abs_diff_eq;
    use ndarray::Array2;

    fn moments(initializer: Initializer) -> (f32, f32) {
        let values: Array2<f32> = initializer.sample((100, 200), 100, 200, &mut Stream::new(3).rng());
        (values.mean().unwrap_or(f32::NAN), values.std(0.0))
    }

    #[test]
    fn weights_have_the_stated_spread() {
        // Xavier: bound √(6/300) = 0.1414, and a uniform on ±a has deviation a/√3 = 0.0816.
        for (initializer, deviation) in [
            (Initializer::Xavier, 0.0816),
            (Initializer::He, 0.1414),
            (Initializer::Normal(0.5), 0.5),
            (Initializer::Uniform(0.3), 0.1732),
            // Cut at two deviations, a normal has √(1 − 4 φ(2) / (2 Φ(2) − 1)) = 0.8796 of its spread.
            (Initializer::TruncatedNormal(0.5), 0.4398),
        ] {
            let (mean, spread) = moments(initializer);
            assert_abs_diff_eq!(mean, 0.0, epsilon = 0.03 * deviation);
            assert_abs_diff_eq!(spread, deviation, epsilon = 0.02 * deviation);
        }
    }
}
