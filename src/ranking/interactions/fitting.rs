//! Settings that fit the size of the data.

use crate::data::interactions::Interactions;
use crate::event::Listener;
use crate::ranking::interactions::preset;
use crate::ranking::{Extras, Init, Method, Preset, TrainConfig};

/// Most items of which all weights may be a player's: a game holds about ten copies of a player.
const MOST_PLAYED: usize = 6_000;
/// Most pairs of a user and an item of a game that scores them all in every epoch.
const MOST_PAIRS: usize = 1 << 26;
/// Candidates of the generator's softmax in a game with more pairs.
const CANDIDATES: usize = 1024;
/// Updates in an epoch of either player of a game with more pairs: about as many as on MovieLens-100k by the preset.
const UPDATES: (usize, usize) = (16, 64);
/// Rounds of a game with more pairs.
const ROUNDS: usize = 4;

/// Returns the settings that the data allow, and tells `listener` of those that are changed.
pub(super) fn fitted(
    config: &TrainConfig,
    extras: &Extras,
    data: &Interactions,
    listener: &mut dyn Listener,
) -> TrainConfig {
    let mut config = config.clone();
    config.interactions = config.interactions.fitted_to(data.count());
    if config.method.mode().is_some() {
        fit_starts(&mut config, data.items().len(), listener);
        fit_game(&mut config, data, listener);
    }
    fit_svd(&mut config, extras, data, listener);
    config
}

/// Puts item-KNN in the place of EASE as a start where weights between all items are too many for a player.
fn fit_starts(config: &mut TrainConfig, items: usize, listener: &mut dyn Listener) {
    let starts =
        [(&mut config.generator.init, "generator"), (&mut config.discriminator.init, "discriminator")];
    for (init, player) in starts {
        if items > MOST_PLAYED && *init == Init::Baseline(Method::Ease) {
            *init = Init::Baseline(Method::ItemKnn);
            listener.note(&format!(
                "{items} items are too many for a player with weights between all of them, as EASE has: the {player} \
                 starts from itemknn"
            ));
        }
    }
}

/// Bounds what a game with many pairs costs, where the settings are those of the preset: candidates, draws, updates of an
/// epoch, epochs and rounds.
fn fit_game(config: &mut TrainConfig, data: &Interactions, listener: &mut dyn Listener) {
    let (users, items) = (data.users().len(), data.items().len());
    if users.saturating_mul(items) <= MOST_PAIRS {
        return;
    }
    let ours = preset(Preset::Ours, config.method);
    let unless_given = |value: &mut usize, preset: usize, fitting: usize| {
        if *value == preset {
            *value = fitting;
        }
    };
    let (generator, discriminator) = (&mut config.generator, &mut config.discriminator);
    unless_given(&mut generator.candidates, ours.generator.candidates, CANDIDATES);
    unless_given(&mut generator.batch, ours.generator.batch, users / UPDATES.0);
    unless_given(&mut discriminator.batch, ours.discriminator.batch, data.count() / UPDATES.1);
    unless_given(&mut discriminator.draws, ours.discriminator.draws, 1);
    let schedule = &mut config.schedule;
    unless_given(&mut schedule.rounds, ours.schedule.rounds, ROUNDS);
    unless_given(&mut schedule.d_epochs, ours.schedule.d_epochs, 1);
    unless_given(&mut schedule.g_epochs, ours.schedule.g_epochs, 1);
    listener.note(&format!(
        "{users} users and {items} items: at most {} rounds of {} and {} epochs; a softmax of {} candidates, batches of {} users and \
         of {} examples",
        schedule.rounds,
        schedule.d_epochs,
        schedule.g_epochs,
        generator.candidates,
        generator.batch,
        discriminator.batch
    ));
}

/// Gives PureSVD no larger rank than the data have.
fn fit_svd(config: &mut TrainConfig, extras: &Extras, data: &Interactions, listener: &mut dyn Listener) {
    let (users, items) = (data.users().len(), data.items().len());
    let most = users.min(items);
    let starts = [config.generator.init, config.discriminator.init];
    let used = config.method == Method::PureSvd
        || extras.baselines.contains(&Method::PureSvd)
        || (config.method.mode().is_some() && starts.contains(&Init::Baseline(Method::PureSvd)));
    let rank = &mut config.interactions.svd_rank;
    if used && *rank > most {
        listener
            .note(&format!("{users} users and {items} items: PureSVD has rank {most} in place of {rank}"));
        *rank = most;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Silent;
    use std::sync::Arc;

    fn ours() -> TrainConfig {
        preset(Preset::Ours, Method::IrganPointwise)
    }

    fn fitted_to(users: usize, items: usize, positives: usize, config: &TrainConfig) -> TrainConfig {
        let ids = |count: usize| Arc::new((0..count).map(|i| i.to_string()).collect());
        let mut lists = vec![vec![]; users];
        (0..positives).for_each(|i| lists[i % users].push((i / users) as u32));
        let data = Interactions::new(ids(users), ids(items), lists);
        fitted(config, &Extras::default(), &data, &mut Silent)
    }

    #[test]
    fn small_data_change_no_setting_but_the_rank_of_ials() {
        let mut expected = ours();
        expected.interactions.ials_rank = 48; // √40,000 / 4 = 50
        assert_eq!(fitted_to(943, 1650, 40_000, &ours()), expected);
    }

    #[test]
    fn large_data_get_sparse_starts_few_candidates_and_large_batches() {
        let config = fitted_to(16_000, 8_000, 640_000, &ours());
        assert_eq!(config.generator.init, Init::Baseline(Method::ItemKnn));
        assert_eq!(config.discriminator.init, Init::Baseline(Method::Ials));
        assert_eq!((config.generator.candidates, config.generator.batch), (1024, 1000));
        assert_eq!((config.discriminator.draws, config.discriminator.batch), (1, 10_000));
        assert_eq!(config.schedule.rounds, 4);
        assert_eq!(config.interactions.ials_rank, 208); // √640,000 / 4 = 200: 12.5 steps of 16, rounded up

        let mut given = ours();
        (given.schedule.rounds, given.generator.candidates) = (30, 5_000);
        let config = fitted_to(16_000, 8_000, 640_000, &given);
        assert_eq!((config.schedule.rounds, config.generator.candidates), (30, 5_000));
    }
}
