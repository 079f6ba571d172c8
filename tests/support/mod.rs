//! What the tests of several promises share: finite differences, a χ² test, small judged sets.
#![allow(dead_code)] // every test binary uses a part of it

pub mod npy;
pub mod program;

use irgan::data::features::{Query, RankingSet};
use irgan::nn::{Activation, Initializer, Mlp, Parameters};
use irgan::seed::Stream;
use ndarray::Array2;
use rand::Rng as _;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Central finite differences in f32 parameters of a loss summed in f64.
///
/// With the step h = 2⁻⁷ the loss's own curvature adds about h² / 6 ≈ 1e-5 of its third derivative,
/// and rounding of an f32 forward pass about 1e-7 / h ≈ 1e-5 of its size: the tolerance stands two
/// orders above both, and far below any wrong sign, factor or missing term.
#[derive(Clone, Copy, Debug)]
pub struct Differences {
    /// Half the distance between the two evaluations.
    pub step: f32,
    /// Error allowed, absolute and relative to the gradient at once.
    pub tolerance: f64,
}

impl Default for Differences {
    fn default() -> Self {
        Self { step: 1.0 / 128.0, tolerance: 1e-3 }
    }
}

impl Differences {
    /// The slope of `loss` along the value that `set` changes; `at` is where it stands.
    fn slope(self, at: f32, mut loss_with: impl FnMut(f32) -> f64) -> f64 {
        let (above, below) = (at + self.step, at - self.step); // rounded, hence the distance is taken from them
        let rise = loss_with(above) - loss_with(below);
        rise / (f64::from(above) - f64::from(below))
    }

    fn assert(self, what: &str, gradient: f32, slope: f64) {
        let error = (f64::from(gradient) - slope).abs();
        let allowed = self.tolerance * (1.0 + slope.abs());
        assert!(error <= allowed, "{what}: gradient {gradient}, finite difference {slope}");
    }

    /// Every value of every tensor of `model`: `gradient` against the slope of `loss`.
    pub fn parameters<P: Parameters>(self, model: &P, gradient: &P, loss: impl Fn(&P) -> f64) {
        let mut probe = model.clone();
        for (t, tensor) in gradient.tensors().into_iter().enumerate() {
            for (i, &d) in tensor.values.iter().enumerate() {
                let at = *model.tensors()[t].values.iter().nth(i).expect("same shapes");
                let slope = self.slope(at, |value| {
                    set(&mut probe, t, i, value);
                    loss(&probe)
                });
                set(&mut probe, t, i, at);
                self.assert(&format!("{}[{i}]", tensor.name), d, slope);
            }
        }
    }

    /// Every value of an input (or of scores): `gradient` against the slope of `loss`.
    pub fn values(self, values: &[f32], gradient: &[f32], loss: impl Fn(&[f32]) -> f64) {
        assert_eq!(values.len(), gradient.len(), "one gradient a value");
        let mut probe = values.to_vec();
        for (i, &d) in gradient.iter().enumerate() {
            let slope = self.slope(values[i], |value| {
                probe[i] = value;
                loss(&probe)
            });
            probe[i] = values[i];
            self.assert(&format!("value {i}"), d, slope);
        }
    }
}

/// Sets value `i` of tensor `t`.
fn set(model: &mut impl Parameters, t: usize, i: usize, value: f32) {
    *model.tensors_mut()[t].values.iter_mut().nth(i).expect("same shapes") = value;
}

/// `Σ weights · outputs`, summed in f64: a loss whose gradient at the outputs is `weights`.
pub fn projection<'a>(
    outputs: impl IntoIterator<Item = &'a f32>,
    weights: impl IntoIterator<Item = &'a f32>,
) -> f64 {
    outputs.into_iter().zip(weights).map(|(&y, &w)| f64::from(y) * f64::from(w)).sum()
}

/// Uniform on ± `bound`.
pub fn random(rows: usize, columns: usize, bound: f32, seed: u64) -> Array2<f32> {
    let mut rng = Stream::new(seed).named("test data").rng();
    Array2::from_shape_simple_fn((rows, columns), || rng.random_range(-bound..bound))
}

/// Every parameter uniform on ± `bound`.
pub fn randomised<P: Parameters>(mut model: P, bound: f32, seed: u64) -> P {
    let mut rng = Stream::new(seed).named("test parameters").rng();
    for mut tensor in model.tensors_mut() {
        tensor.values.map_inplace(|value| *value = rng.random_range(-bound..bound));
    }
    model
}

/// Within `tolerance` of the expected value, absolute and relative at once.
pub fn assert_close(value: f64, expected: f64, tolerance: f64, what: &str) {
    let allowed = tolerance * (1.0 + expected.abs());
    assert!((value - expected).abs() <= allowed, "{what}: {value}, expected {expected}");
}

/// A network with random weights and biases.
pub fn network(widths: &[usize], activation: Activation, dropout: f32, seed: u64) -> Mlp {
    let mut rng = Stream::new(seed).named("test network").rng();
    let mut network = Mlp::new(widths, activation, dropout, Initializer::Xavier, &mut rng);
    for mut tensor in network.tensors_mut() {
        tensor.values.map_inplace(|value| *value += rng.random_range(-0.3..0.3)); // biases start at 0
    }
    network
}

/// A scorer that returns its one feature, so that the scores of a set are given by hand.
pub fn identity() -> Mlp {
    let mut scorer = network(&[1, 1], Activation::Tanh, 0.0, 0);
    for mut tensor in scorer.tensors_mut() {
        tensor.values.fill(if tensor.name.ends_with("weight") { 1.0 } else { 0.0 });
    }
    scorer
}

/// Queries of one grade list each, over the rows of `features: [D, F]`.
pub fn judged(features: Array2<f32>, grades: &[&[i8]]) -> RankingSet {
    let mut end = 0;
    let mut query = |(q, grades): (usize, &&[i8])| {
        end += grades.len();
        Query { id: format!("q{q}"), rows: end - grades.len()..end }
    };
    let queries = grades.iter().enumerate().map(&mut query).collect();
    let documents: Vec<String> = (0..features.nrows()).map(|row| format!("d{row}")).collect();
    RankingSet::new(features, grades.concat(), queries, documents, vec![])
}

/// Queries whose grades follow a hidden linear teacher: the best tenth has grade 1.
pub fn taught(queries: usize, documents: usize, features: usize, seed: u64) -> RankingSet {
    let x = random(queries * documents, features, 1.0, seed);
    let teacher: Vec<f32> = (0..features).map(|f| [1.0, -0.7, 0.4, 0.0, -0.2][f % 5]).collect();
    let truth: Vec<f32> =
        x.rows().into_iter().map(|row| row.iter().zip(&teacher).map(|(x, t)| x * t).sum()).collect();
    let grades: Vec<Vec<i8>> = truth
        .chunks(documents)
        .map(|scores| {
            let mut sorted = scores.to_vec();
            sorted.sort_by(|a, b| b.total_cmp(a));
            scores.iter().map(|&score| i8::from(score > sorted[documents / 10])).collect()
        })
        .collect();
    judged(x, &grades.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Pearson's χ² test of counted draws against probabilities, at p = 1e-4: a fixed seed either
/// passes for ever or shows a wrong distribution. Cells of probability 0 must stay empty.
pub fn assert_fits(probabilities: &[f64], draws: impl Iterator<Item = usize>) {
    let mut counts = vec![0u32; probabilities.len()];
    draws.for_each(|cell| counts[cell] += 1);
    let n = f64::from(counts.iter().sum::<u32>());
    let (mut statistic, mut cells) = (0.0, 0.0f64);
    for (cell, (&p, &count)) in probabilities.iter().zip(&counts).enumerate() {
        if p == 0.0 {
            assert_eq!(count, 0, "cell {cell} has probability 0");
            continue;
        }
        assert!(n * p >= 5.0, "too few draws for cell {cell}");
        statistic += (f64::from(count) - n * p).powi(2) / (n * p);
        cells += 1.0;
    }
    let critical = ChiSquared::new(cells - 1.0).expect("two cells or more").inverse_cdf(1.0 - 1e-4);
    assert!(statistic < critical, "χ² = {statistic:.1}, critical value {critical:.1}: {counts:?}");
}
