//! Prior scores: a feature that ranks well untrained, which networks correct.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::data::features::{FeatureSelection, RankingSet};
use crate::error::{Error, Result};
use crate::evaluation::Measure;

/// Prior score `weight · x_column` of a document, to which a network adds its own: `score = prior + f`.
///
/// A network that starts at 0 and is pulled back to it by its weight decay ranks as the feature does until the judgements say
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prior {
    /// Column of the feature among those that networks read, from 0.
    pub column: usize,
    /// Factor of the normalised feature.
    pub weight: f32,
}

impl Prior {
    /// Returns the prior of documents with normalised `features: [D, F]`: `[D]`.
    pub(super) fn of(self, features: ArrayView2<'_, f32>) -> Vec<f32> {
        features.column(self.column).iter().map(|x| self.weight * x).collect()
    }

    /// Returns the column of the prior: the feature that is `asked` for by number or name, none for `none`; otherwise the one of the
    /// `references` that ranks the queries of `set` best by `measure`.
    pub(super) fn column(
        asked: Option<&str>,
        references: &[String],
        set: &RankingSet,
        measure: &Measure,
    ) -> Result<Option<usize>> {
        let names = set.feature_names();
        match asked {
            Some("none") => Ok(None),
            Some(feature) => {
                let found = feature.parse::<FeatureSelection>()?.columns(set.feature_count(), names)?;
                match found.as_slice() {
                    [column] => Ok(Some(*column)),
                    _ => Err(Error::Config(format!("`choice.prior` {feature}: expected one feature"))),
                }
            }
            None => {
                let known = references.iter().filter_map(|name| names.iter().position(|other| other == name));
                let valued = known.map(|column| (set.measure(measure, &set.feature_scores(column)), column));
                let best = valued.reduce(|best, next| if next.0 > best.0 { next } else { best });
                Ok(best.map(|(_, column)| column))
            }
        }
    }

    /// Refuses a column that `features` features do not have.
    pub(super) fn validate(self, features: usize) -> Result<()> {
        match self.column < features && self.weight.is_finite() {
            true => Ok(()),
            false => Err(Error::Config(format!("the prior does not fit {features} features"))),
        }
    }
}
