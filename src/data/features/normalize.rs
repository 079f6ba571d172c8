//! Normalisation: features on a common scale before they enter a network.

use ndarray::parallel::prelude::*;
use ndarray::{ArrayViewMut1, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use super::{RankingSet, check_width};
use crate::error::{Error, Result};

/// Scale to which features are brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// As in the data; a missing feature becomes its minimum within the query.
    None,
    /// To [0, 1] within each query, as LETOR's own normalised files; a missing one becomes 0.
    #[default]
    QueryMinmax,
    /// To mean 0 and deviation 1 within each query; a missing one becomes 0.
    QueryZscore,
    /// `sign(x) · ln(1 + |x|)`, then to the mean 0 and deviation 1 of the training data; a missing
    /// one becomes 0.
    Log1p,
}

/// Normalisation with the statistics of the training data; it is saved with the model.
///
/// ```
/// use irgan::data::features::RankingSet;
/// use irgan::data::features::normalize::{Normalization, Normalizer};
/// use ndarray::array;
///
/// let set = RankingSet::from_rows(array![[2.0], [6.0], [f32::NAN]].view(), &[0, 1, 0], &[3])?;
/// let normalizer = Normalizer::fit(Normalization::QueryMinmax, &set);
/// assert_eq!(normalizer.apply(set)?.features(), array![[0.0], [1.0], [0.0]]);
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Normalizer {
    kind: Normalization,
    features: usize,
    mean: Vec<f32>,  // [F] for log1p, else empty
    scale: Vec<f32>, // [F] for log1p, else empty: 1 / deviation, 0 for a constant feature
}

impl Normalizer {
    /// Returns the normalisation `kind` with the statistics of `train`, as read from its file.
    pub fn fit(kind: Normalization, train: &RankingSet) -> Self {
        let mut normalizer = Self { kind, features: train.feature_count(), mean: vec![], scale: vec![] };
        if kind == Normalization::Log1p {
            for column in train.features().columns() {
                let known = || column.iter().filter(|x| !x.is_nan()).map(|&x| f64::from(signed_log(x)));
                let n = known().count().max(1) as f64;
                let mean = known().sum::<f64>() / n;
                let variance = known().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
                normalizer.mean.push(mean as f32);
                normalizer.scale.push(if variance > 1e-12 { variance.sqrt().recip() as f32 } else { 0.0 });
            }
        }
        normalizer
    }

    /// Returns `set` with its features normalised.
    ///
    /// # Errors
    /// When `set` has another number of features than the training data.
    pub fn apply(&self, mut set: RankingSet) -> Result<RankingSet> {
        check_width(set.feature_count(), self.features)?;
        let queries: Vec<_> = set.queries().iter().map(|query| query.rows.clone()).collect();
        let mut blocks = vec![];
        let mut rest = set.features_mut();
        for rows in queries {
            let (block, after) = rest.split_at(Axis(0), rows.len());
            blocks.push(block);
            rest = after;
        }
        blocks.into_par_iter().for_each(|block| self.apply_to_query(block));
        Ok(set)
    }

    /// Refuses statistics that no training can have, as an edited file may hold.
    pub(crate) fn validate(&self) -> Result<()> {
        let learned = if self.kind == Normalization::Log1p { self.features } else { 0 };
        let finite = self.mean.iter().chain(&self.scale).all(|value| value.is_finite());
        if self.mean.len() == learned && self.scale.len() == learned && finite {
            return Ok(());
        }
        Err(Error::Config(format!("normalizer: expected {learned} finite means and scales")))
    }

    /// Number of features of a document.
    pub(crate) fn features(&self) -> usize {
        self.features
    }

    /// Normalises the feature vectors of one query in place: `[D_q, F]`.
    pub(crate) fn apply_to_query(&self, mut block: ArrayViewMut2<'_, f32>) {
        for (feature, column) in block.columns_mut().into_iter().enumerate() {
            match self.kind {
                Normalization::None => fill_with_minimum(column),
                Normalization::QueryMinmax => minmax(column),
                Normalization::QueryZscore => zscore(column),
                Normalization::Log1p => {
                    let (mean, scale) = (self.mean[feature], self.scale[feature]);
                    replace(column, |x| (signed_log(x) - mean) * scale, 0.0);
                }
            }
        }
    }
}

fn signed_log(x: f32) -> f32 {
    x.signum() * x.abs().ln_1p()
}

/// Maps the values of a column, and fills `missing` in for NaN.
fn replace(mut column: ArrayViewMut1<'_, f32>, map: impl Fn(f32) -> f32, missing: f32) {
    column.map_inplace(|x| *x = if x.is_nan() { missing } else { map(*x) });
}

fn extremes(column: &ArrayViewMut1<'_, f32>) -> (f32, f32) {
    // `f32::min` and `f32::max` pass over NaN.
    column.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)))
}

fn fill_with_minimum(column: ArrayViewMut1<'_, f32>) {
    let (low, _) = extremes(&column);
    replace(column, |x| x, if low.is_finite() { low } else { 0.0 });
}

fn minmax(column: ArrayViewMut1<'_, f32>) {
    let (low, high) = extremes(&column);
    let range = f64::from(high) - f64::from(low); // may be beyond f32
    replace(
        column,
        |x| if range > 0.0 { ((f64::from(x) - f64::from(low)) / range) as f32 } else { 0.0 },
        0.0,
    );
}

fn zscore(column: ArrayViewMut1<'_, f32>) {
    let known = || column.iter().filter(|x| !x.is_nan()).map(|&x| f64::from(x));
    let n = known().count().max(1) as f64;
    let mean = known().sum::<f64>() / n;
    let deviation = (known().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let scale = if deviation > 1e-12 * mean.abs().max(1e-30) { deviation.recip() } else { 0.0 };
    replace(column, |x| ((f64::from(x) - mean) * scale) as f32, 0.0);
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::*;
    use crate::files::count::counted;
    use approx::assert_abs_diff_eq;
    use ndarray::{Array2, array};

    fn set(features: Array2<f32>) -> RankingSet {
        let rows = features.nrows();
        let queries = vec![Query { id: "a".into(), rows: 0..2 }, Query { id: "b".into(), rows: 2..rows }];
        let ids: Vec<_> = (0..rows).map(|row| row.to_string()).collect();
        RankingSet::new(features, vec![0; rows], queries, ids, vec![])
    }

    fn normalised(kind: Normalization, features: Array2<f32>) -> Array2<f32> {
        let set = set(features);
        let normalizer = Normalizer::fit(kind, &set);
        normalizer.apply(set).expect("the same features").features().to_owned()
    }

    #[test]
    fn minmax_within_each_query() {
        let out = normalised(
            Normalization::QueryMinmax,
            array![[1.0, 5.0], [3.0, 5.0], [10.0, f32::NAN], [20.0, 1.0], [15.0, 2.0]],
        );
        assert_eq!(out, array![[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.5, 1.0]]);
    }

    #[test]
    fn zscore_within_each_query() {
        // Query b: 1, 2, 3 has mean 2 and deviation √(2/3).
        let out = normalised(Normalization::QueryZscore, array![[4.0], [4.0], [1.0], [2.0], [3.0]]);
        let z = (1.5f32).sqrt();
        assert_abs_diff_eq!(out, array![[0.0], [0.0], [-z], [0.0], [z]], epsilon = 1e-6);
    }

    #[test]
    fn log1p_uses_the_training_datas_mean_and_deviation() {
        let e = std::f32::consts::E;
        let train = set(array![[0.0], [0.0], [e * e - 1.0], [1.0 - e * e]]);
        let normalizer = Normalizer::fit(Normalization::Log1p, &train);
        // Logs 0, 0, 2, −2: mean 0, deviation √2. The other data do not change them.
        let other = normalizer.apply(set(array![[e - 1.0], [f32::NAN], [0.0]])).expect("the same features");
        assert_abs_diff_eq!(other.features(), array![[0.5f32.sqrt()], [0.0], [0.0]].view(), epsilon = 1e-5);
    }

    #[test]
    fn missing_values_become_the_querys_minimum() {
        let out = normalised(Normalization::None, array![[7.0], [f32::NAN], [f32::NAN], [f32::NAN]]);
        assert_eq!(out, array![[7.0], [7.0], [0.0], [0.0]]);
    }

    #[test]
    fn another_number_of_features_is_refused() {
        let normalizer = Normalizer::fit(Normalization::None, &set(array![[1.0, 2.0], [3.0, 4.0]]));
        for count in [0, 1, 3] {
            let error = normalizer.apply(set(Array2::zeros((2, count)))).expect_err("not 2 features");
            let numbers = error.to_string().contains(&format!("{}, but", counted(count, "feature")))
                && error.to_string().contains("had 2");
            assert!(numbers, "{error}");
        }
    }
}
