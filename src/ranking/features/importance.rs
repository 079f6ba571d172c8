//! Permutation importance (Breiman, 2001): what a ranking loses when one feature tells nothing.

use ndarray::{Array1, s};
use rand::seq::SliceRandom as _;

use super::FeatureRanker;
use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::math::parallel::ordered_map;
use crate::ranking::Player;
use crate::seed::Stream;

/// Importance of a feature for a ranker, by a measure on some data.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// Name of the feature, or its number from 1.
    pub feature: String,
    /// Mean loss of the measure over the repeats; negative when the ranking is better without the feature.
    pub loss: f64,
    /// Standard deviation of the loss over the repeats; NaN of one repeat.
    pub deviation: f64,
}

/// Importances of all features that a ranker reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Importances {
    /// Value of the measure with all features.
    pub value: f64,
    /// Features, the most important first.
    pub features: Vec<Importance>,
}

/// Measures how much worse `player` ranks the documents of `set` when the values of one feature are shuffled among the
/// documents of each query, `repeats` times for every feature.
///
/// # Errors
/// When the set does not fit the model, the model has no such player, or there is no repeat.
pub fn importance(
    model: &FeatureRanker,
    set: &RankingSet,
    player: Player,
    measure: &Measure,
    repeats: usize,
    stream: Stream,
) -> Result<Importances> {
    if repeats == 0 {
        return Err(Error::Config("importance needs 1 repeat or more".into()));
    }
    let columns = model.columns(set)?;
    let value = set.measure(measure, &model.score(set, player)?);
    let of_column = |place: usize| -> Result<Importance> {
        let stream = stream.named("importance").at(columns[place] as u64);
        let losses = losses(model, set, player, (measure, value), columns[place], repeats, stream)?;
        let mean = losses.mean().expect("a repeat");
        let deviation = if repeats > 1 { losses.std(1.0) } else { f64::NAN };
        Ok(Importance { feature: named(set, columns[place]), loss: mean, deviation })
    };
    let mut features = ordered_map(columns.len(), of_column).into_iter().collect::<Result<Vec<_>>>()?;
    features.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    Ok(Importances { value, features })
}

/// Returns the losses of every repeat of one feature.
fn losses(
    model: &FeatureRanker,
    set: &RankingSet,
    player: Player,
    (measure, value): (&Measure, f64),
    column: usize,
    repeats: usize,
    stream: Stream,
) -> Result<Array1<f64>> {
    let rows: Vec<_> = set.queries().iter().map(|query| query.rows.clone()).collect();
    let mut features = set.features().to_owned();
    let mut losses = vec![];
    for repeat in 0..repeats {
        let mut rng = stream.at(repeat as u64).rng();
        for rows in &rows {
            let mut values = set.features().slice(s![rows.clone(), column]).to_vec();
            values.shuffle(&mut rng);
            features.slice_mut(s![rows.clone(), column]).assign(&Array1::from(values));
        }
        let scores = model.scores((features.view(), set.feature_names()), &rows, player)?;
        losses.push(value - set.measure(measure, &scores));
    }
    Ok(Array1::from(losses))
}

/// Returns the name of a feature, or its number from 1.
pub(super) fn named(set: &RankingSet, column: usize) -> String {
    set.feature_names().get(column).cloned().unwrap_or_else(|| (column + 1).to_string())
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::ranking::{Method, Preset, TrainConfig};

    #[test]
    fn the_feature_that_tells_the_relevant_document_loses_all_and_the_others_nothing() {
        // Two documents a query: feature 2 is larger for the relevant one, feature 1 the same for both.
        let features = Array2::from_shape_fn((80, 2), |(row, column)| match column {
            0 => 0.5,
            _ => f32::from(u8::from(row % 2 == 0)),
        });
        let set = RankingSet::from_rows(features.view(), &[1, 0].repeat(40), &[2; 40]).expect("they fit");
        let config = TrainConfig::preset(Preset::Ours, Method::Listnet);
        let model = crate::train_ranker(&config, set.clone(), set.clone()).expect("it trains").model;
        let measure = "P@1".parse().expect("a measure");
        let found = importance(&model, &set, Player::Single, &measure, 20, Stream::new(1)).expect("it fits");
        assert_eq!(found.value, 1.0);
        assert_eq!((found.features[0].feature.as_str(), found.features[1].feature.as_str()), ("2", "1"));
        assert_eq!((found.features[1].loss, found.features[1].deviation), (0.0, 0.0));
        // A shuffle of two values swaps them half of the time: a loss of 1/2, and over 40 queries a deviation of
        // √(1/4 / 40) = 0.079.
        assert!((found.features[0].loss - 0.5).abs() < 0.06, "{found:?}");
        assert!((found.features[0].deviation - 0.079).abs() < 0.04, "{found:?}");
    }
}
