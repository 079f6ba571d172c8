//! Any scorer of items, so that players and baselines of different kinds stand in one comparison.

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::scored::Scored;
use super::{Factors, ItemPools, ItemWeights, NeighbourWeights};
use crate::data::interactions::{Ids, Interactions};
use crate::nn::{TableGradient, impl_parameters};
use crate::ranking::{Candidates, Scorer};
use crate::seed::Rng;

/// A scorer of items.
#[derive(Clone, Debug, PartialEq)]
pub enum Recommender {
    /// Matrix factorisation.
    Factors(Factors),
    /// Weights between all items.
    ItemWeights(ItemWeights),
    /// Weights between each item and its neighbours.
    NeighbourWeights(NeighbourWeights),
}

/// The kind of a [`Recommender`], and its size beside the numbers of users and items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Matrix factorisation of this rank.
    Factors(usize),
    /// Weights between all items.
    ItemWeights,
    /// This many weights between items and their neighbours.
    NeighbourWeights(usize),
}

impl Recommender {
    /// Its kind and size.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Factors(factors) => Shape::Factors(factors.dim().2),
            Self::ItemWeights(_) => Shape::ItemWeights,
            Self::NeighbourWeights(weights) => Shape::NeighbourWeights(weights.pattern().len()),
        }
    }

    /// Returns this network for the users and items of `data`, known to it by the names of `named`; none when one is
    /// missing there.
    pub fn renamed(&self, named: &Interactions, data: &Interactions) -> Option<Self> {
        let places = |from: &Ids, to: &Ids| {
            let place = |name: &String| from.find(name).map(|place| place as usize);
            to.names().iter().map(place).collect::<Option<Vec<usize>>>()
        };
        let items = places(named.items(), data.items())?;
        Some(match self {
            Self::Factors(factors) => {
                let users = places(named.users(), data.users())?;
                Self::Factors(factors.select(&users, &items))
            }
            Self::ItemWeights(weights) => {
                let weights = weights.weights().select(Axis(0), &items).select(Axis(1), &items);
                Self::ItemWeights(ItemWeights::new(weights))
            }
            Self::NeighbourWeights(weights) => Self::NeighbourWeights(weights.select(&items)),
        })
    }

    /// Returns a network of this shape whose values are all 0; of one with neighbours, those of `pattern`.
    ///
    /// # Panics
    /// When such a network has no pattern of its size.
    pub(super) fn zeros(shape: Shape, users: usize, items: usize, pattern: Option<Pattern>) -> Self {
        match shape {
            Shape::Factors(rank) => {
                let table = ndarray::Array2::zeros((items, rank));
                let p = ndarray::Array2::zeros((users, rank));
                Self::Factors(Factors::from_parts(p, table.view(), &vec![0.0; items]))
            }
            Shape::ItemWeights => Self::ItemWeights(ItemWeights::new(ndarray::Array2::zeros((items, items)))),
            Shape::NeighbourWeights(count) => {
                let pattern =
                    pattern.filter(|pattern| pattern.len() == count).expect("a pattern of this size");
                Self::NeighbourWeights(NeighbourWeights::zeros(pattern))
            }
        }
    }
}

impl Scorer for Recommender {
    type Pools = ItemPools;
    type Cache<'a> = Scored<'a>;
    type Gradient = Vec<TableGradient>;

    fn score(&self, pools: &ItemPools, candidates: Candidates<'_>) -> Vec<f32> {
        match self {
            Self::Factors(scorer) => scorer.score(pools, candidates),
            Self::ItemWeights(scorer) => scorer.score(pools, candidates),
            Self::NeighbourWeights(scorer) => scorer.score(pools, candidates),
        }
    }

    fn forward<'a>(
        &self,
        pools: &'a ItemPools,
        candidates: Candidates<'_>,
        rng: &mut Rng,
    ) -> (Vec<f32>, Scored<'a>) {
        match self {
            Self::Factors(scorer) => scorer.forward(pools, candidates, rng),
            Self::ItemWeights(scorer) => scorer.forward(pools, candidates, rng),
            Self::NeighbourWeights(scorer) => scorer.forward(pools, candidates, rng),
        }
    }

    fn no_gradient(&self) -> Vec<TableGradient> {
        match self {
            Self::Factors(scorer) => scorer.no_gradient(),
            Self::ItemWeights(scorer) => scorer.no_gradient(),
            Self::NeighbourWeights(scorer) => scorer.no_gradient(),
        }
    }

    fn backward(&self, scored: &Scored<'_>, d_scores: &[f32], gradient: &mut Vec<TableGradient>) {
        match self {
            Self::Factors(scorer) => scorer.backward(scored, d_scores, gradient),
            Self::ItemWeights(scorer) => scorer.backward(scored, d_scores, gradient),
            Self::NeighbourWeights(scorer) => scorer.backward(scored, d_scores, gradient),
        }
    }
}

impl_parameters!(
    enum Recommender {
        Factors,
        ItemWeights,
        NeighbourWeights,
    }
);
