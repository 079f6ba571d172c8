//! Settings that fit the size of the data.

use crate::data::interactions::Interactions;
use crate::event::Listener;
use crate::ranking::{Extras, Init, Method, TrainConfig};

/// Most items of which all weights may be a player's: a game holds about ten copies of a player.
const MOST_PLAYED: usize = 6_000;
/// Most pairs of a user and an item of a game that scores them all in every epoch.
const MOST_PAIRS: usize = 1 << 26;
/// Candidates of the generator's softmax in a game with more pairs.
const CANDIDATES: usize = 1024;
/// Updates in an epoch of either player of a game with more pairs: about as many as on MovieLens-100k by the preset.
const UPDATES: (usize, usize) = (16, 64);

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

/// Bounds what an epoch of a game with many pairs costs: candidates, and updates by larger batches.
fn fit_game(config: &mut TrainConfig, data: &Interactions, listener: &mut dyn Listener) {
    let (users, items) = (data.users().len(), data.items().len());
    if users.saturating_mul(items) <= MOST_PAIRS {
        return;
    }
    let (generator, discriminator) = (&mut config.generator, &mut config.discriminator);
    if generator.candidates == 0 {
        generator.candidates = CANDIDATES;
    }
    let at_least = |batch: usize, least: usize| if batch == 0 { 0 } else { batch.max(least) };
    generator.batch = at_least(generator.batch, users / UPDATES.0);
    discriminator.batch = at_least(discriminator.batch, data.count() / UPDATES.1);
    discriminator.draws = 1;
    listener.note(&format!(
        "{users} users and {items} items: the generator's softmax takes {} candidates of a user; batches of {} users, and of {} \
         examples with one draw for each positive",
        generator.candidates, generator.batch, discriminator.batch
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
