//! Folds of ratings: the positives of every user are dealt out to the folds.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use rand::seq::SliceRandom as _;

use super::training_data::{InteractionData, network};
use super::{InteractionTask, ItemPools, Recommender, train_recommender};
use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::evaluation::qrels::write_qrels;
use crate::event::{Listener, Silent};
use crate::ranking::fold::tested;
use crate::ranking::{
    Extras, Fold, FoldPlan, Folds, Pools, ScoredCandidates, TestQueries, Tested, TrainConfig,
    TrainingData as _,
};
use crate::seed::Stream;

/// Items that are ranked for a user and measured.
const RANKED: usize = 100;

/// Positives that a user needs to be tested: one to test, one to choose by, one to learn from.
const LEAST: usize = 3;

/// Deals the positives of every user out to the number of parts that `plan` says, at random: each part is tested once, by a
/// model that the next part chose and the others trained. Users with fewer than three positives are only trained on.
pub(super) fn cut(
    task: &InteractionTask,
    plan: &FoldPlan,
    config: &TrainConfig,
    listener: &mut dyn Listener,
) -> Result<Folds> {
    let (_, positives) = task.format.read(&task.ratings, listener)?;
    let count = fold_count(&plan.folds)?;
    let deal = Deal::of(&positives, count, Stream::new(config.seed).named("folds"));
    if deal.dealt < count {
        return Err(Error::Config(format!(
            "{count} folds: {} has {} positives of users with {LEAST} or more, and each fold tests at least one; change \
             `folds.count`",
            task.ratings.display(),
            deal.dealt
        )));
    }
    if deal.small > 0 {
        listener.note(&format!("users with fewer than {LEAST} positives, only trained on: {}", deal.small));
    }
    let start = task.init_model.as_ref().map(|path| network(path, &positives)).transpose()?.map(Arc::new);
    let (mut folds, mut judgements): (Vec<Box<dyn Fold>>, _) = (vec![], String::new());
    for fold in 0..count {
        let test = deal.part(|part| part == fold);
        let valid = deal.part(|part| part == (fold + 1) % count);
        let train = deal.part(|part| ![fold, (fold + 1) % count].contains(&part));
        let stream = Stream::new(config.seed).named("tested users");
        let pools = ItemPools::held_out(&train.and(&valid), &test, usize::MAX, stream);
        let users = (0..pools.queries()).map(|query| format!("Fold{}/{}", fold + 1, pools.name(query)));
        let test = TestUsers { names: users.collect(), pools };
        test.judge(&mut judgements)?;
        folds.push(Box::new(InteractionFold {
            task: task.clone(),
            start: start.clone(),
            train,
            valid,
            test,
        }));
    }
    Ok(Folds { by_seed: vec![folds], judgements, settings: String::new() })
}

/// Reads the number of folds.
fn fold_count(folds: &Path) -> Result<usize> {
    match folds.to_str().and_then(|text| text.parse().ok()) {
        Some(count) if count >= 3 => Ok(count),
        Some(count) => Err(Error::Config(format!(
            "{count} folds: expected at least 3 (to train, to choose, to test); change `folds.count`"
        ))),
        None => Err(Error::Config("of ratings, `folds.count` is a number, such as 5".into())),
    }
}

/// Positives and the part that each belongs to.
struct Deal<'a> {
    positives: &'a Interactions,
    /// Part of every positive, from 0; of a user with few positives, one beyond all parts.
    parts: Vec<Vec<usize>>,
    /// Number of positives of the users who are tested.
    dealt: usize,
    /// Number of users with positives, but too few to be tested.
    small: usize,
}

impl<'a> Deal<'a> {
    /// Deals `positives` out as cards are: user after user, each one's in random order, to one part after the other.
    fn of(positives: &'a Interactions, count: usize, stream: Stream) -> Self {
        let (mut dealt, mut small) = (0, 0);
        let mut parts = vec![];
        for (user, list) in positives.positives().iter().enumerate() {
            if list.len() < LEAST {
                small += usize::from(!list.is_empty());
                parts.push(vec![count; list.len()]);
                continue;
            }
            let mut of_user: Vec<usize> = (dealt..dealt + list.len()).map(|card| card % count).collect();
            of_user.shuffle(&mut stream.at(user as u64).rng());
            dealt += list.len();
            parts.push(of_user);
        }
        Self { positives, parts, dealt, small }
    }

    /// Returns the positives of the parts that `belongs` says.
    fn part(&self, belongs: impl Fn(usize) -> bool) -> Interactions {
        let of_user = |(list, parts): (&Vec<u32>, &Vec<usize>)| {
            list.iter().zip(parts).filter(|&(_, &part)| belongs(part)).map(|(&item, _)| item).collect()
        };
        let lists = self.positives.positives().iter().zip(&self.parts).map(of_user).collect();
        Interactions::new(Arc::clone(self.positives.users()), Arc::clone(self.positives.items()), lists)
    }
}

struct InteractionFold {
    task: InteractionTask,
    start: Option<Arc<Recommender>>,
    train: Interactions,
    valid: Interactions,
    test: TestUsers,
}

impl Fold for InteractionFold {
    fn test(&self, config: &TrainConfig, extras: &Extras) -> Result<Vec<Tested>> {
        let Self { task, train, valid, test, .. } = self;
        let start = self.start.as_deref();
        let mut data =
            InteractionData { task, train: train.clone(), valid: valid.clone(), start: start.cloned() };
        let config = data.prepare(config, extras, &mut Silent)?;
        let trained = train_recommender(&config, extras, (train, valid), start, task.refit, &mut Silent);
        let trained = trained.map_err(|error| error.in_file(&task.ratings))?;
        tested(&trained, |model, player| {
            let best = model.top(&test.pools, player, RANKED)?;
            let numbered = |(query, best): (u32, Vec<(u32, f32)>)| -> ScoredCandidates {
                best.into_iter().map(|(item, score)| (test.pools.candidate(query, item), score)).collect()
            };
            Ok((0..).zip(best).map(numbered).collect())
        })
    }

    fn queries(&self) -> &dyn TestQueries {
        &self.test
    }
}

/// Users of one fold with the items that are held out to test.
struct TestUsers {
    pools: ItemPools,
    names: Vec<String>, // after the fold, as a user is tested in several
}

impl TestUsers {
    /// Adds the positives to `judgements`, as lines of `user 0 item 1`.
    fn judge(&self, judgements: &mut String) -> Result<()> {
        for (query, name) in self.names.iter().enumerate() {
            let positives = self.pools.positives(query).iter();
            let items = positives.map(|&candidate| (self.document(query, candidate as usize), 1));
            write_qrels(judgements, name, items)?;
        }
        Ok(())
    }
}

impl TestQueries for TestUsers {
    fn name(&self, query: usize) -> &str {
        &self.names[query]
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        Pools::document(&self.pools, query, candidate)
    }

    fn grades(&self, query: usize) -> Cow<'_, [i8]> {
        Pools::grades(&self.pools, query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::interactions::Ids;

    #[test]
    fn every_positive_of_a_user_with_three_is_tested_once_and_something_is_left_to_learn_from() {
        let ids = |count: usize| Arc::new((0..count).map(|i| i.to_string()).collect::<Ids>());
        let lists: Vec<Vec<u32>> = [7, 3, 2, 0, 1, 12].iter().map(|&n| (0..n).collect()).collect();
        let data = Interactions::new(ids(6), ids(20), lists.clone());
        for count in [3, 5] {
            let deal = Deal::of(&data, count, Stream::new(1));
            assert_eq!((deal.dealt, deal.small), (22, 2));
            let parts: Vec<Interactions> = (0..count).map(|fold| deal.part(|part| part == fold)).collect();
            for (user, list) in lists.iter().enumerate() {
                let mut tested: Vec<u32> =
                    parts.iter().flat_map(|part| part.positives()[user].clone()).collect();
                tested.sort_unstable();
                assert_eq!(tested, if list.len() < 3 { vec![] } else { list.clone() }, "user {user}");
            }
            // 22 positives in 3 parts: 8, 7, 7; in 5: 5, 5, 4, 4, 4
            let sizes: Vec<usize> = parts.iter().map(Interactions::count).collect();
            assert!(sizes.iter().all(|size| [22 / count, 22 / count + 1].contains(size)), "{sizes:?}");
            for fold in 0..count {
                let train = deal.part(|part| ![fold, (fold + 1) % count].contains(&part));
                let without = (0..6).filter(|&user| train.positives()[user].is_empty());
                assert_eq!(without.collect::<Vec<_>>(), [3], "only the user without a positive");
            }
        }
    }
}
