//! Scorers of feature vectors: networks, which learn, and trees, which are made.

use ndarray::ArrayView2;

use super::pools::FeaturePools;
use super::scorer::scores_with_prior;
use super::trees::{Trees, TreesShape};
use crate::error::Result;
use crate::nn::{Mlp, MlpCache, impl_parameters};
use crate::ranking::scorer::{Candidates, Scorer};
use crate::seed::Rng;

/// Scorer of feature vectors.
#[derive(Clone, Debug, PartialEq)]
pub enum VectorScorer {
    /// A network.
    Network(Mlp),
    /// Boosted trees: they rank, and take no part in a game.
    Trees(Trees),
}

impl_parameters!(
    enum VectorScorer {
        Network,
        Trees,
    }
);

impl VectorScorer {
    /// Returns the scores of normalised `features: [D, F]`, without a prior: `[D]`.
    pub(super) fn predict(&self, features: ArrayView2<'_, f32>) -> Vec<f32> {
        match self {
            Self::Network(network) => network.predict(features).into_raw_vec_and_offset().0,
            Self::Trees(trees) => trees.scores(features),
        }
    }

    /// Returns the numbers of trees and nodes; none of a network.
    pub(super) fn trees(&self) -> Option<TreesShape> {
        match self {
            Self::Network(_) => None,
            Self::Trees(trees) => Some(trees.shape()),
        }
    }

    /// Refuses trees that are damaged or read more than `features` features.
    pub(super) fn validate(&self, features: usize) -> Result<()> {
        match self {
            Self::Network(_) => Ok(()),
            Self::Trees(trees) => trees.validate(features),
        }
    }

    /// Returns the network.
    ///
    /// # Panics
    /// When it is trees: a training asks for no gradient of a method that is not a network's.
    fn network(&self) -> &Mlp {
        match self {
            Self::Network(network) => network,
            Self::Trees(_) => panic!("trees have no gradient: they start no player"),
        }
    }
}

impl Scorer for VectorScorer {
    type Pools = FeaturePools;
    type Cache<'a> = MlpCache<'a>;
    type Gradient = Mlp;

    fn score(&self, pools: &FeaturePools, candidates: Candidates<'_>) -> Vec<f32> {
        scores_with_prior(pools, candidates, |features| self.predict(features))
    }

    fn forward<'a>(
        &self,
        pools: &'a FeaturePools,
        candidates: Candidates<'_>,
        rng: &mut Rng,
    ) -> (Vec<f32>, MlpCache<'a>) {
        Scorer::forward(self.network(), pools, candidates, rng)
    }

    fn is_linear(&self) -> bool {
        matches!(self, Self::Network(network) if network.is_linear())
    }

    fn no_gradient(&self) -> Mlp {
        self.network().no_gradient()
    }

    fn backward(&self, cache: &MlpCache<'_>, d_scores: &[f32], gradient: &mut Mlp) {
        Scorer::backward(self.network(), cache, d_scores, gradient);
    }
}
