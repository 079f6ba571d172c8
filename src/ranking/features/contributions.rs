//! Contributions of features to a score: what a document has that the mean document of its query has not.

use ndarray::{Array2, ArrayView1, Axis};

use super::FeatureRanker;
use super::importance::named;
use crate::data::features::RankingSet;
use crate::error::Result;
use crate::ranking::Player;
use crate::ranking::validation::standard;

/// Contribution of a feature to the score of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Name of the feature, or its number from 1.
    pub feature: String,
    /// Loss of the score when the feature, as the model normalises it, has the mean of the query's documents instead.
    pub value: f32,
}

/// Returns the contributions of all features to the scores by `player` of the documents at `places` among those of the `query`th query
/// of `set`, the largest first: `[K]`, each `[F]`.
///
/// For a linear model they add up to the difference between the score and the mean score of the query's documents. Scores that
/// are standardised, those of two players together or of a bag, keep the mean and the deviation that the whole query has.
///
/// # Errors
/// When the set does not fit the model, or the model has no such player.
///
/// # Panics
/// When the set has no such query, or the query no such place.
pub fn contributions(
    model: &FeatureRanker,
    set: &RankingSet,
    query: usize,
    places: &[usize],
    player: Player,
) -> Result<Vec<Vec<Contribution>>> {
    let columns = model.columns(set)?;
    let mut sums = Array2::zeros((places.len(), columns.len()));
    if model.models() == 1 {
        sums = of_model(model, set, query, places, player)?;
    } else {
        let members = model.members(player);
        for (member, player) in &members {
            let rows = set.queries()[query].rows.clone();
            let scores = member.own_scores((set.features(), set.feature_names()), &[rows], *player)?;
            let (_, scale) = standard(&scores);
            sums += &(of_model(member, set, query, places, *player)? * (scale / members.len() as f32));
        }
    }
    let of_document = |values: ArrayView1<'_, f32>| {
        let named = |(&column, &value): (&usize, &f32)| Contribution { feature: named(set, column), value };
        let mut all: Vec<Contribution> = columns.iter().zip(values).map(named).collect();
        all.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        all
    };
    Ok(sums.axis_iter(Axis(0)).map(of_document).collect())
}

/// Returns the contributions in one model of a bag: `[K, F]`.
fn of_model(
    model: &FeatureRanker,
    set: &RankingSet,
    query: usize,
    places: &[usize],
    player: Player,
) -> Result<Array2<f32>> {
    let columns = model.selected(set.feature_count(), set.feature_names())?;
    let block = model.prepared(set.query_features(query), columns.as_deref());
    let mean = block.mean_axis(Axis(0)).unwrap_or_default();
    let mut sums = Array2::zeros((places.len(), block.ncols()));
    for (network, weight) in model.weighted_networks(player)? {
        let scores = model.network_scores(network, block.view(), player);
        let scale = weight.map_or(1.0, |weight| weight * standard(&scores).1);
        for (&place, mut sums) in places.iter().zip(sums.rows_mut()) {
            // One row a feature, in which that feature is the mean.
            let mut without = block.row(place).broadcast((mean.len(), mean.len())).expect("a row").to_owned();
            without.diag_mut().assign(&mean);
            let losses = model.network_scores(network, without.view(), player);
            sums.iter_mut().zip(losses).for_each(|(sum, without)| *sum += scale * (scores[place] - without));
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::features::RankingSet;
    use crate::game::Schedule;
    use crate::ranking::{Method, Preset, Ranker as _, TrainConfig};

    /// Ten queries of four documents with three features, of which the second tells the grade.
    fn set() -> RankingSet {
        let features = Array2::from_shape_fn((40, 3), |(row, feature)| match feature {
            1 => (row % 4) as f32 + ((row * 5) % 7) as f32 / 10.0,
            _ => ((row * 7 + feature * 5) % 11) as f32,
        });
        RankingSet::from_rows(features.view(), &[0, 0, 1, 2].repeat(10), &[4; 10]).expect("they fit")
    }

    /// Contributions to a linear score add up to its distance from the mean, for networks alone, together and in a bag.
    #[test]
    fn contributions_of_a_linear_model_add_up_to_the_score_above_the_mean() {
        let linear = |method| {
            let schedule = Schedule { rounds: 2, ..Default::default() };
            let mut config = TrainConfig { schedule, ..TrainConfig::preset(Preset::Ours, method) };
            config.scorer.hidden = vec![];
            crate::train_ranker(&config, set(), set()).expect("it trains").model
        };
        let (one, game) = (linear(Method::Listnet), linear(Method::IrganPairwise));
        let bag = FeatureRanker::bag(vec![one.clone(), linear(Method::Mle)]);
        let cases = [(&one, one.chosen()), (&game, Player::G), (&game, Player::Both), (&bag, bag.chosen())];
        for (model, player) in cases {
            let set = set();
            let scores = model.score(&set, player).expect("3 features");
            for query in [0, 7] {
                let rows = set.queries()[query].rows.clone();
                let mean = scores[rows.clone()].iter().sum::<f32>() / 4.0;
                let found = contributions(model, &set, query, &[3, 0], player).expect("3 features");
                for (found, place) in found.iter().zip([3, 0]) {
                    let sum: f32 = found.iter().map(|one| one.value).sum();
                    let above = scores[rows.start + place] - mean;
                    assert!((sum - above).abs() < 1e-4 * (1.0 + above.abs()), "{player}: {sum}, {above}");
                }
            }
        }
        let first = contributions(&one, &set(), 0, &[3], one.chosen()).expect("3 features").remove(0);
        assert_eq!(first[0].feature, "2");
        assert!(first[0].value > 0.0 && first.len() == 3, "{first:?}");
    }
}
