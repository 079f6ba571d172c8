//! Parts of the queries, and what each fold trains on and is measured by.

use rand::seq::SliceRandom as _;

use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::ranking::TrainConfig;
use crate::ranking::features::FeaturePools;
use crate::seed::Stream;
use crate::team::Team;

/// Training and held-out pools of one fold.
pub(in crate::ranking::features) struct Fold {
    pub train: FeaturePools,
    pub held_out: FeaturePools,
    /// Places of the held-out queries among all that train and choose.
    pub places: Vec<usize>,
}

impl Fold {
    /// Returns the pools of two normalised sets.
    pub fn new(train: RankingSet, held_out: RankingSet) -> Self {
        let places = (0..held_out.queries().len()).collect();
        Self { train: FeaturePools::new(train), held_out: FeaturePools::new(held_out), places }
    }

    /// Shares the work on both pools with other processes from now on.
    pub fn share(&mut self, team: Team) {
        self.train.share(team);
        self.held_out.share(team);
    }
}

/// Cuts the queries of `learned_from` into the parts that `config` asks for, at most as many as there are queries that can be
/// learned from, which are spread evenly. A fold trains on all others, and is measured on its own part with all documents of
/// `ranked`, which has the same queries.
pub(super) fn cut(learned_from: &RankingSet, ranked: &RankingSet, config: &TrainConfig) -> Result<Vec<Fold>> {
    let useful = learned_from.useful();
    let (mut order, others): (Vec<usize>, Vec<usize>) = (0..useful.len()).partition(|&query| useful[query]);
    if order.is_empty() {
        let message = "no training query has both a positive (grade 1 or more) and another document: nothing to learn from";
        return Err(Error::Unfit(message.into()));
    }
    if order.len() < 2 {
        return Err(Error::Unfit(format!(
            "{} queries have both a positive and another candidate; at least 2 are needed, to train and to choose",
            order.len()
        )));
    }
    order.shuffle(&mut Stream::new(config.seed).named("inner folds").rng());
    let count = config.choice.folds.clamp(2, order.len());
    order.extend(others);
    let fold = |number: usize| {
        let mut part: Vec<usize> = order.iter().skip(number).step_by(count).copied().collect();
        part.sort_unstable();
        let others: Vec<usize> =
            (0..useful.len()).filter(|query| part.binary_search(query).is_err()).collect();
        let fold = Fold::new(learned_from.with_queries(&others), ranked.with_queries(&part));
        Fold { places: part, ..fold }
    };
    Ok((0..count).map(fold).collect())
}
