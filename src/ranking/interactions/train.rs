//! The front door: positives and a configuration in, a recommender and a comparison out.

use super::closed_form::{ease, ials, item_knn, popularity, pure_svd};
use super::{Factors, ItemPools, Recommender, RecommenderModel};
use crate::data::interactions::Interactions;
use crate::error::Result;
use crate::event::Listener;
use crate::ranking::{
    Extras, Method, Pools as _, Source, TrainConfig, Trained, refit_scorers, train_scorers,
};
use crate::seed::Stream;

/// Validation pools have no more candidates than this between them: of more users a part is drawn.
const MOST_JUDGED: usize = 1 << 26;

/// Trains `config.method` and what stands `beside` it on the positives of `train`, choosing by the measure on
/// those of `valid`; both have the same users and items. The generator starts from `given`,
/// where there is one.
///
/// With `refit` the chosen epochs and rounds are trained again on the positives of both, and these networks are
/// the model; the comparison stays that of the validation data.
///
/// # Errors
/// When a setting is out of range, or nothing can be learnt or chosen from the data.
///
/// ```
/// use std::sync::Arc;
///
/// use irgan::data::interactions::{Ids, Interactions};
/// use irgan::event::Silent;
/// use irgan::ranking::interactions::{ItemPools, train_recommender};
/// use irgan::ranking::{Method, Ranker as _, TrainConfig};
///
/// let users: Arc<Ids> = Arc::new(["ann", "ben", "cleo"].into_iter().collect());
/// let items: Arc<Ids> = Arc::new(["tea", "milk", "sugar", "soap"].into_iter().collect());
/// let liked = |items_of: [&[u32]; 3]| {
///     Interactions::new(users.clone(), items.clone(), items_of.map(<[u32]>::to_vec).to_vec())
/// };
/// let (train, valid) = (liked([&[0, 1], &[0, 2], &[0]]), liked([&[2], &[1], &[1]]));
///
/// let config = TrainConfig { method: Method::Ease, ..TrainConfig::default() };
/// let trained =
///     train_recommender(&config, &Default::default(), (&train, &valid), None, false, &mut Silent)?;
/// let model = trained.model;
/// let cleo = ItemPools::unseen(model.known(), vec![2]);
/// let best = model.top(&cleo, model.chosen(), 1)?;
/// assert_eq!(items.name(best[0][0].0), "sugar"); // liked with tea; soap by nobody
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn train_recommender(
    config: &TrainConfig,
    extras: &Extras,
    (train, valid): (&Interactions, &Interactions),
    given: Option<&Recommender>,
    refit: bool,
    listener: &mut dyn Listener,
) -> Result<Trained<RecommenderModel>> {
    let config =
        &TrainConfig { interactions: config.interactions.fitted_to(train.count()), ..config.clone() };
    let pools = ItemPools::training(train);
    let stream = Stream::new(config.seed).named("judged users");
    let held_out = ItemPools::held_out(train, valid, MOST_JUDGED, stream);
    let (judged, held) =
        (held_out.queries(), valid.positives().iter().filter(|list| !list.is_empty()).count());
    if judged < held {
        listener.note(&format!("validation {judged} of {held} users are judged, drawn at random"));
    }
    let source = Data { config, train, given };
    let mut trained = train_scorers(config, extras, &pools, &held_out, &source, listener)?;
    let known = train.and(valid);
    if refit {
        let nothing = ItemPools::unseen(&known, vec![]);
        let pools = (&ItemPools::training(&known), &nothing);
        let source = Data { train: &known, ..source };
        (trained.model, trained.baselines) =
            refit_scorers(config, &trained.plan, extras, pools, &source, listener)?;
    }
    Ok(trained.map(|networks| RecommenderModel::new(networks, known.clone())))
}

struct Data<'a> {
    config: &'a TrainConfig,
    train: &'a Interactions,
    given: Option<&'a Recommender>,
}

impl Source<Recommender> for Data<'_> {
    fn fresh(&self, stream: Stream) -> Recommender {
        let (users, items) = (self.train.users().len(), self.train.items().len());
        let settings = &self.config.interactions;
        let rng = &mut stream.rng();
        Recommender::Factors(Factors::new(users, items, settings.rank, settings.initializer, rng))
    }

    fn generator(&self) -> Option<Recommender> {
        self.given.cloned()
    }

    fn has_closed_forms(&self) -> bool {
        true
    }

    fn weighs_players(&self) -> bool {
        true
    }

    fn closed_form(&self, method: Method, stream: Stream) -> Result<Option<Recommender>> {
        let settings = &self.config.interactions;
        Ok(Some(match method {
            Method::Pop => Recommender::Factors(popularity(self.train)),
            Method::PureSvd => Recommender::Factors(pure_svd(self.train, settings.svd_rank, stream)?),
            Method::ItemKnn => Recommender::NeighbourWeights(item_knn(self.train, settings.item_knn())),
            Method::Ease => ease(self.train, settings.ease(), settings.item_knn())?,
            Method::Ials => Recommender::Factors(ials(self.train, settings.ials(), stream)?),
            _ => return Ok(None),
        }))
    }
}
