//! Ranks of sentences by their features (Lin et al., 2017, section 3).
//!
//! The relevance of a sentence s to a reference u is the cosine of their features times γ, `γ cos(y_s, y_u)`. Among a set C of
//! sentences of the other side
//!
//! - `P(s | u, C) = exp(γ cos(y_s, y_u)) / (exp(γ cos(y_s, y_u)) + Σ_{c ∈ C} exp(γ cos(y_c, y_u)))`,
//! - `R(s | U, C)`, the mean over the references u of U, is the rank score.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, s};

use crate::game::JudgeStatistics;
use crate::math::gemm;

/// Squared length that is added to that of every vector of features, so that one of zeros has no direction and
/// a bounded gradient.
const LEAST_SQUARE: f32 = 1e-6;

/// Directions of vectors of features.
pub(super) struct Directions {
    /// Vectors of length 1: `[N, F]`.
    pub units: Array2<f32>,
    lengths: Vec<f32>, // of the features: [N]
}

impl Directions {
    /// Takes `features: [N, F]`.
    pub fn of(mut features: Array2<f32>) -> Self {
        let length = |mut row: ndarray::ArrayViewMut1<'_, f32>| {
            let length = (row.dot(&row) + LEAST_SQUARE).sqrt();
            row /= length;
            length
        };
        let lengths = features.rows_mut().into_iter().map(length).collect();
        Self { units: features, lengths }
    }

    /// Turns the gradient at the directions into that at the features: `(d − (d · ŷ) ŷ) / ‖y‖`.
    fn backward(&self, mut d: Array2<f32>) -> Array2<f32> {
        for ((mut d, unit), &length) in d.rows_mut().into_iter().zip(self.units.rows()).zip(&self.lengths) {
            let along = d.dot(&unit);
            d.zip_mut_with(&unit, |d, &unit| *d = (*d - along * unit) / length);
        }
        d
    }
}

/// Returns the relevance of every sentence to every reference by their directions, `[N, F]` and `[U, F]`: `[N, U]`.
pub(super) fn relevance(
    gamma: f32,
    sentences: ArrayView2<'_, f32>,
    references: ArrayView2<'_, f32>,
) -> Array2<f32> {
    let mut relevance = Array2::zeros((sentences.nrows(), references.nrows()));
    gemm::gemm(gamma, sentences, references.t(), 0.0, relevance.view_mut());
    relevance
}

/// Returns `log Σ_c exp(relevance)` of a set for every reference, from `relevance: [C, U]`: `[U]`.
pub(super) fn log_sums(relevance: ArrayView2<'_, f32>) -> Vec<f64> {
    let of_reference = |column: ndarray::ArrayView1<'_, f32>| {
        let top = column.iter().fold(f32::NEG_INFINITY, |top, &value| top.max(value));
        let sum: f64 = column.iter().map(|&value| f64::from(value - top).exp()).sum();
        f64::from(top) + sum.ln()
    };
    relevance.columns().into_iter().map(of_reference).collect()
}

/// Returns P for every reference, `[U]`, with its mean, the rank score, of a sentence of this relevance among a set of these
/// `log_sums`.
fn probabilities<'a>(relevance: impl IntoIterator<Item = &'a f32>, log_sums: &[f64]) -> (Vec<f64>, f64) {
    let of_reference = |(&relevance, &sum): (&f32, &f64)| 1.0 / (1.0 + (sum - f64::from(relevance)).exp());
    let p: Vec<f64> = relevance.into_iter().zip(log_sums).map(of_reference).collect();
    let mean = p.iter().sum::<f64>() / p.len() as f64;
    (p, mean)
}

/// Returns the rank score of every sentence among a set of these `log_sums`, from `relevance: [N, U]`: `[N]`.
pub(super) fn ranks(relevance: ArrayView2<'_, f32>, log_sums: &[f64]) -> Vec<f64> {
    relevance.rows().into_iter().map(|row| probabilities(row, log_sums).1).collect()
}

/// Numbers of the sentences of a step of the ranker, whose features follow each other in this order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    /// Real sentences.
    pub real: usize,
    /// Drawn sentences.
    pub drawn: usize,
    /// Drawn sentences that the real ones are compared with, C⁻.
    pub among_drawn: usize,
    /// Real sentences that the drawn ones are compared with, C⁺.
    pub among_real: usize,
}

impl Sides {
    /// Returns the number of all sentences before the references.
    fn total(self) -> usize {
        self.real + self.drawn + self.among_drawn + self.among_real
    }

    /// Returns the gradient of the ranker's loss at the `features: [N + U, F]` of all sentences and the references after them, with
    /// the statistics of the step.
    ///
    /// The loss is `mean log R(drawn | U, C⁺) − mean log R(real | U, C⁻)`. A sentence is taken for real where its rank score is above
    /// that of chance, `1 / (C + 1)`.
    pub fn loss_gradient(self, gamma: f32, features: Array2<f32>) -> (Array2<f32>, JudgeStatistics) {
        let directions = Directions::of(features);
        let (sentences, references) = directions.units.view().split_at(Axis(0), self.total());
        let relevance = relevance(gamma, sentences, references);
        let mut d_relevance = Array2::zeros(relevance.raw_dim());
        let second = self.real + self.drawn;
        let third = second + self.among_drawn;
        let mut side = |ranked: Range<usize>, compared: Range<usize>, is_real| {
            Side { ranked, compared, is_real }.differentiate(relevance.view(), &mut d_relevance)
        };
        let real = side(0..self.real, second..third, true);
        let drawn = side(self.real..second, third..self.total(), false);
        let mut d = Array2::zeros(directions.units.raw_dim());
        let (of_sentences, of_references) = d.view_mut().split_at(Axis(0), self.total());
        gemm::gemm(gamma, d_relevance.view(), references, 0.0, of_sentences);
        gemm::gemm(gamma, d_relevance.t(), sentences, 0.0, of_references);
        let count = (self.real + self.drawn).max(1) as f64;
        let accuracy = (real.1 + drawn.1) as f64 / count;
        let seen = JudgeStatistics { accuracy, loss: Some(real.0 + drawn.0), calibration: None };
        (directions.backward(d), seen)
    }
}

/// Returns the number of `ranks` above that of chance among `compared` others.
pub(super) fn above_chance(ranks: &[f64], compared: usize) -> usize {
    ranks.iter().filter(|&&rank| rank > 1.0 / (compared + 1) as f64).count()
}

/// Sentences that are ranked among others: rows of the relevance.
struct Side {
    ranked: Range<usize>,
    compared: Range<usize>,
    is_real: bool,
}

impl Side {
    /// Returns this side's loss, ± the mean of log R, with the number of sentences on the right side of chance; adds the gradient at
    /// the relevance.
    fn differentiate(self, relevance: ArrayView2<'_, f32>, d_relevance: &mut Array2<f32>) -> (f64, usize) {
        let Self { ranked, compared, is_real } = self;
        let others = relevance.slice(s![compared.clone(), ..]);
        let sums = log_sums(others);
        let share = if is_real { -1.0 } else { 1.0 } / ranked.len().max(1) as f64;
        let (mut loss, mut ranks, mut d_sums) = (0.0, vec![], vec![0.0; sums.len()]);
        for row in ranked {
            let (p, rank) = probabilities(relevance.row(row), &sums);
            loss += share * rank.ln();
            let scale = share / (rank * p.len() as f64);
            for (u, p) in p.into_iter().enumerate() {
                let d = scale * p * (1.0 - p);
                d_relevance[[row, u]] += d as f32;
                d_sums[u] -= d;
            }
            ranks.push(rank);
        }
        for (row, relevance) in compared.clone().zip(others.rows()) {
            for (u, &relevance) in relevance.iter().enumerate() {
                d_relevance[[row, u]] += (d_sums[u] * (f64::from(relevance) - sums[u]).exp()) as f32;
            }
        }
        let above = above_chance(&ranks, compared.len());
        (loss, if is_real { above } else { ranks.len() - above })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;
    use rand::Rng as _;

    const SIDES: Sides = Sides { real: 3, drawn: 2, among_drawn: 4, among_real: 3 };
    const REFERENCES: usize = 5;
    const GAMMA: f32 = 2.5;

    fn features() -> Array2<f32> {
        let mut rng = Stream::new(1).rng();
        Array2::from_shape_simple_fn((SIDES.total() + REFERENCES, 4), || rng.random_range(-1.0..1.0))
    }

    /// R of row `s` among `compared`, in one expression of the definition.
    fn rank(features: &Array2<f32>, s: usize, compared: Range<usize>) -> f64 {
        let dot = |a: usize, b: usize| -> f64 {
            features.row(a).iter().zip(features.row(b)).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let weight =
            |a: usize, u: usize| (f64::from(GAMMA) * dot(a, u) / (dot(a, a) * dot(u, u)).sqrt()).exp();
        let of_reference =
            |u: usize| weight(s, u) / (weight(s, u) + compared.clone().map(|c| weight(c, u)).sum::<f64>());
        (SIDES.total()..features.nrows()).map(of_reference).sum::<f64>() / REFERENCES as f64
    }

    /// Ranks of the real sentences and of the drawn ones, by the definition.
    fn both(features: &Array2<f32>) -> (Vec<f64>, Vec<f64>) {
        (
            (0..3).map(|s| rank(features, s, 5..9)).collect(),
            (3..5).map(|s| rank(features, s, 9..12)).collect(),
        )
    }

    fn loss(features: &Array2<f32>) -> f64 {
        let (real, drawn) = both(features);
        drawn.iter().map(|r| r.ln()).sum::<f64>() / 2.0 - real.iter().map(|r| r.ln()).sum::<f64>() / 3.0
    }

    #[test]
    fn ranks_are_those_of_the_definition() {
        let features = features();
        let units = Directions::of(features.clone()).units;
        let relevance = relevance(GAMMA, units.slice(s![..12, ..]), units.slice(s![12.., ..]));
        let found = ranks(relevance.slice(s![..3, ..]), &log_sums(relevance.slice(s![5..9, ..])));
        let (expected, drawn) = both(&features);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}");
        }
        let (_, seen) = SIDES.loss_gradient(GAMMA, features.clone());
        assert!((seen.loss.unwrap() - loss(&features)).abs() < 1e-6, "{seen:?}");
        // Chance is 1 of 5 for the real sentences, 1 of 4 for the drawn ones.
        let right =
            expected.iter().filter(|r| **r > 0.2).count() + drawn.iter().filter(|r| **r <= 0.25).count();
        assert!((seen.accuracy - right as f64 / 5.0).abs() < 1e-12, "{seen:?}, {expected:?}, {drawn:?}");
    }

    #[test]
    fn the_gradient_at_the_features_equals_finite_differences_of_the_definition() {
        let at = features();
        let (gradient, _) = SIDES.loss_gradient(GAMMA, at.clone());
        for (place, &d) in gradient.indexed_iter() {
            let step = 1.0 / 512.0;
            let moved = |by: f32| {
                let mut features = at.clone();
                features[place] += by;
                loss(&features)
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
            assert!((slope - f64::from(d)).abs() < 1e-4, "{place:?}: {d}, {slope}");
        }
    }

    #[test]
    fn a_sentence_without_features_leaves_numbers() {
        let mut features = features();
        features.row_mut(0).fill(0.0);
        features.row_mut(13).fill(0.0);
        let (gradient, seen) = SIDES.loss_gradient(GAMMA, features);
        assert!(gradient.iter().all(|d| d.is_finite()) && seen.loss.unwrap().is_finite(), "{seen:?}");
    }
}
