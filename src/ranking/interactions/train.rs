//! The front door: positives and a configuration in, a recommender and a comparison out.

use std::sync::Arc;

use super::closed_form::{ease, ials, item_knn, popularity, pure_svd};
use super::{Factors, ItemPools, Recommender, RecommenderModel};
use crate::data::interactions::Interactions;
use crate::error::Result;
use crate::event::Listener;
use crate::math::sampling::subset;
use crate::ranking::config::Init;
use crate::ranking::validation::Curve;
use crate::ranking::{
    Extras, Method, Pools as _, Source, TrainConfig, Trained, Validation, refit_scorers, train_scorers,
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
    let source = Data { config, train, valid, given };
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

/// Data of more positives choose the weights of the players alone, without further splits.
const MOST_DIVIDED_AGAIN: usize = 1 << 18;

/// Divides the positives of both again at random, with as many of every user to choose by as before.
fn divided_again(train: &Interactions, valid: &Interactions, stream: Stream) -> (Interactions, Interactions) {
    let all = train.and(valid);
    let (mut kept, mut held) = (vec![], vec![]);
    for (user, list) in all.positives().iter().enumerate() {
        let count = valid.positives()[user].len().min(list.len());
        let mut is_held = vec![false; list.len()];
        for place in subset(list.len(), count, &mut stream.at(user as u64).rng()) {
            is_held[place] = true;
        }
        let part = |wanted: bool| {
            list.iter().zip(&is_held).filter(|&(_, &held)| held == wanted).map(|(&item, _)| item).collect()
        };
        kept.push(part(false));
        held.push(part(true));
    }
    let of = |positives| Interactions::new(Arc::clone(all.users()), Arc::clone(all.items()), positives);
    (of(kept), of(held))
}

struct Data<'a> {
    config: &'a TrainConfig,
    train: &'a Interactions,
    valid: &'a Interactions,
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

    fn has(&self, method: Method) -> bool {
        !method.is_trees()
    }

    fn weighs_players(&self) -> bool {
        true
    }

    fn further_curves(&self) -> Result<Vec<Curve>> {
        let config = self.config;
        let (Init::Baseline(g), Init::Baseline(d)) = (config.generator.init, config.discriminator.init)
        else {
            return Ok(vec![]);
        };
        let fit_at_once = self.given.is_none() && g.is_closed_form() && d.is_closed_form();
        if !fit_at_once || self.train.count() > MOST_DIVIDED_AGAIN {
            return Ok(vec![]);
        }
        let curve = |number: usize| {
            let stream = Stream::new(config.seed).named("further splits").at(number as u64);
            let (train, valid) = divided_again(self.train, self.valid, stream.named("split"));
            let held_out = ItemPools::held_out(&train, &valid, MOST_JUDGED, stream.named("judged users"));
            let data = Data { train: &train, valid: &valid, ..*self };
            let start = |method: Method| {
                let made = data.closed_form(method, stream.named(&method.to_string()))?;
                Ok(made.expect("a method without epochs"))
            };
            let mut validation = Validation::new(&held_out, config.measure()?);
            let [g, d] = [start(g)?, start(d)?].map(|start| validation.scores(&start));
            Ok(validation.curve(&g, &d))
        };
        (1..config.choice.folds).map(curve).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::interactions::Ids;

    #[test]
    fn a_further_division_holds_out_as_many_of_every_user() {
        let ids = |count: usize| Arc::new((0..count).map(|i| i.to_string()).collect::<Ids>());
        let of = |positives: &[&[u32]]| {
            Interactions::new(ids(3), ids(9), positives.iter().map(|list| list.to_vec()).collect())
        };
        let train = of(&[&[0, 1, 2, 3, 4], &[5], &[]]);
        let valid = of(&[&[6, 7, 8], &[], &[]]);
        let again = |number| divided_again(&train, &valid, Stream::new(1).at(number));
        for number in 0..4 {
            let (kept, held) = again(number);
            assert_eq!(kept.and(&held).positives(), train.and(&valid).positives());
            assert_eq!(held.positives().iter().map(|list| list.len()).collect::<Vec<_>>(), [3, 0, 0]);
            assert_eq!(kept.count(), 6);
        }
        assert!((1..4).any(|number| again(number).1.positives() != again(0).1.positives()));
    }
}
