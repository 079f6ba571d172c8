//! The one-standard-error rule: the simplest of the models that do not differ from the best by more than chance.

use super::comparison::{ComparisonRow, Snapshot};
use super::config::{ChoiceRule, Method};
use super::networks::Player;

/// Values of a model by query; none where the measure skips one.
pub(super) type Values = [Option<f64>];

/// Returns the place of the chosen one of `models`, which go from the simplest to the most complex; the first of equal ones.
pub(super) fn simplest(rule: ChoiceRule, models: &[&Values]) -> usize {
    let best = (0..models.len()).reduce(|best, next| match mean(models[next]) > mean(models[best]) {
        true => next,
        false => best,
    });
    let best = best.unwrap_or(0);
    match rule {
        ChoiceRule::Best => best,
        ChoiceRule::OneSe => (0..best).find(|&model| is_as_good(models[model], models[best])).unwrap_or(best),
    }
}

/// Returns true when the mean of `simpler` is within one standard error of that of `better`, query by query.
pub(super) fn is_as_good(simpler: &Values, better: &Values) -> bool {
    let pairs = simpler.iter().zip(better);
    let differences: Vec<f64> =
        pairs.filter_map(|(simpler, better)| Some((*better)? - (*simpler)?)).collect();
    let n = differences.len() as f64;
    if n < 2.0 {
        return mean(simpler) >= mean(better);
    }
    let lead = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - lead).powi(2)).sum::<f64>() / (n - 1.0);
    lead <= (variance / n).sqrt()
}

/// Under the one-standard-error rule, puts the start in the place of a player's best round that does not lead it by more.
pub(super) fn back_to_start<'a>(
    rule: ChoiceRule,
    rows: &mut [ComparisonRow],
    starts: impl Iterator<Item = &'a ComparisonRow>,
) {
    if rule == ChoiceRule::Best {
        return;
    }
    let starts: Vec<&ComparisonRow> = starts.filter(|row| row.state == Snapshot::Start).collect();
    for row in rows.iter_mut().filter(|row| row.state == Snapshot::Best && row.step > 0) {
        let same = |start: &&&ComparisonRow| (start.method, start.player) == (row.method, row.player);
        if let Some(start) =
            starts.iter().find(same).filter(|start| is_as_good(&start.by_query, &row.by_query))
        {
            (row.values, row.by_query, row.step) = (start.values.clone(), start.by_query.clone(), 0);
            row.scores = start.scores.clone();
        }
    }
}

/// Returns the player that ranks: of both players, which are an average, the generator and the discriminator the first that `rule`
/// allows, or the single network of a method without players; the prior alone where none of them has a higher mean.
///
/// A network that corrects a prior, with a decay that was chosen, is near it already where little can be learned: the rule that
/// favours the simpler does not count twice.
pub(super) fn simplest_player(rule: ChoiceRule, method: Method, rows: &[ComparisonRow]) -> Player {
    let order = [Player::Both, Player::Single, Player::G, Player::D];
    let best = |player: Player| {
        let of_player = |row: &&ComparisonRow| {
            row.state == Snapshot::Best && (row.method, row.player) == (method, player)
        };
        rows.iter().find(of_player)
    };
    let found: Vec<&ComparisonRow> = order.into_iter().filter_map(best).collect();
    let values: Vec<&Values> = found.iter().map(|row| row.by_query.as_slice()).collect();
    let Some(row) = found.get(simplest(rule, &values)) else { return Player::Single };
    let prior = best(Player::Prior).filter(|prior| mean(&prior.by_query) >= mean(&row.by_query));
    prior.map_or(row.player, |prior| prior.player)
}

/// Mean over the queries that the measure does not skip; minus infinity without any.
pub(super) fn mean(values: &Values) -> f64 {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    match known.is_empty() {
        true => f64::NEG_INFINITY,
        false => known.iter().sum::<f64>() / known.len() as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_of_less_than_a_standard_error_goes_to_the_simpler_model() {
        let simple = [0.5, 0.5, 0.5, 0.5].map(Some);
        let noisy = [0.9, 0.2, 0.8, 0.2].map(Some); // leads by 0.025, standard error 0.19
        let steady = [0.6, 0.61, 0.6, 0.62].map(Some); // leads by 0.1075, standard error 0.005
        let none = [None; 4];
        assert_eq!(simplest(ChoiceRule::OneSe, &[&simple, &noisy]), 0);
        assert_eq!(simplest(ChoiceRule::Best, &[&simple, &noisy]), 1);
        assert_eq!(simplest(ChoiceRule::OneSe, &[&simple, &noisy, &steady]), 1); // 0.525 is near 0.6075
        assert_eq!(simplest(ChoiceRule::OneSe, &[&simple, &steady]), 1);
        assert_eq!(simplest(ChoiceRule::OneSe, &[&none, &simple]), 1);
        assert_eq!(simplest(ChoiceRule::OneSe, &[&simple, &simple]), 0);
    }
}
