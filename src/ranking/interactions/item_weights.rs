//! Scores from what a user likes already: `s(u, i) = Σ_{j ∈ history(u)} B_ji`, a linear auto-encoder.
//!
//! Its diagonal is 0 and stays 0: an item says nothing about itself (Ning and Karypis, ICDM 2011; Steck, WWW
//! 2019). EASE and item-KNN are closed forms of B; here it can also learn by gradients.

use ndarray::Array2;

use super::ItemPools;
use super::scored::{Scored, What};
use crate::math::axpy;
use crate::nn::{TableGradient, impl_parameters};
use crate::ranking::{Candidates, Scorer};
use crate::seed::Rng;

/// Weights between items.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemWeights {
    weights: Array2<f32>, // B: [I, I]
}

impl ItemWeights {
    /// Given weights, `[I, I]`; their diagonal is set to 0.
    ///
    /// # Panics
    /// When they are not square.
    pub fn new(weights: Array2<f32>) -> Self {
        assert_eq!(weights.nrows(), weights.ncols(), "one row and one column an item");
        let mut weights = weights.as_standard_layout().into_owned();
        weights.diag_mut().fill(0.0);
        Self { weights }
    }

    /// B: `[I, I]`.
    pub fn weights(&self) -> &Array2<f32> {
        &self.weights
    }

    /// The scores of all items for one query: `[I]`.
    fn all(&self, pools: &ItemPools, query: u32) -> Vec<f32> {
        let mut scores = vec![0.0; self.weights.ncols()];
        pools.history(query).iter().for_each(|&item| axpy(1.0, self.row(item), &mut scores));
        scores
    }

    fn row(&self, item: u32) -> &[f32] {
        let items = self.weights.ncols();
        &self.weights.as_slice().expect("the weights are in standard layout")[item as usize * items..]
            [..items]
    }
}

impl Scorer for ItemWeights {
    type Pools = ItemPools;
    type Cache<'a> = Scored<'a>;
    type Gradient = Vec<TableGradient>;

    fn score(&self, pools: &ItemPools, candidates: Candidates<'_>) -> Vec<f32> {
        match candidates {
            Candidates::Pools(queries) => {
                let mut kept = vec![];
                for &q in queries {
                    pools.extend_with_candidates(&mut kept, &self.all(pools, q), q);
                }
                kept
            }
            Candidates::Pairs(pairs) => {
                let of_pair = |&(q, candidate): &(u32, u32)| {
                    let item = pools.item(q, candidate) as usize;
                    pools.history(q).iter().map(|&liked| self.row(liked)[item]).sum()
                };
                pairs.iter().map(of_pair).collect()
            }
        }
    }

    fn forward<'a>(
        &self,
        pools: &'a ItemPools,
        candidates: Candidates<'_>,
        _rng: &mut Rng,
    ) -> (Vec<f32>, Scored<'a>) {
        (self.score(pools, candidates), Scored::new(pools, candidates))
    }

    fn no_gradient(&self) -> Vec<TableGradient> {
        vec![TableGradient::new(self.weights.dim())]
    }

    fn backward(&self, scored: &Scored<'_>, d_scores: &[f32], gradient: &mut Vec<TableGradient>) {
        let d_weights = &mut gradient[0];
        let items = self.weights.ncols();
        match &scored.what {
            What::Pools(queries) => {
                for (&q, d_scores) in queries.iter().zip(d_scores.chunks_exact(items)) {
                    d_weights.expect_rows(scored.pools.history(q).len());
                    for &liked in scored.pools.history(q) {
                        let row = d_weights.row(liked);
                        let diagonal = row[liked as usize];
                        axpy(1.0, d_scores, row);
                        row[liked as usize] = diagonal;
                    }
                }
            }
            What::Pairs(pairs) => {
                // A row for every pair would be long: as many as there are items become the whole table.
                let rows = pairs.iter().map(|&(q, _)| scored.pools.history(q).len()).sum();
                d_weights.expect_rows(rows);
                for (&(q, item), d) in pairs.iter().zip(d_scores) {
                    for &liked in scored.pools.history(q).iter().filter(|&&liked| liked != item) {
                        d_weights.row(liked)[item as usize] += d;
                    }
                }
            }
        }
    }
}

impl_parameters!(ItemWeights { "weights": weights });
