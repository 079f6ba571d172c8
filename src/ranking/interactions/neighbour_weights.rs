//! Weights between items that are 0 but for a few neighbours of each: `s(u, i) = Σ_{j ∈ history(u)} B_ji` for any number of
//! items.
//!
//! Item-KNN, and EASE among neighbours, are closed forms of B; by gradients the weights that are kept can learn, the
//! others stay 0.

use std::sync::Arc;

use ndarray::Array2;

use super::ItemPools;
use super::pattern::Pattern;
use super::scored::{Scored, What};
use crate::nn::{TableGradient, impl_parameters};
use crate::ranking::{Candidates, Scorer};
use crate::seed::Rng;

/// Sparse weights between items.
#[derive(Clone, Debug, PartialEq)]
pub struct NeighbourWeights {
    pattern: Arc<Pattern>,
    values: Array2<f32>, // [N, 1], row after row of B
}

impl NeighbourWeights {
    /// Weights by the neighbours of each item: `columns[i]` lists the j with their `B_ji`.
    ///
    /// # Panics
    /// When a j is named twice for one item, is the item itself, or is no item.
    pub fn from_columns(columns: &[Vec<(u32, f32)>]) -> Self {
        let mut starts = vec![0_u32; columns.len() + 1];
        for &(j, _) in columns.iter().flatten() {
            starts[j as usize + 1] += 1;
        }
        for row in 0..columns.len() {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let total = starts[columns.len()] as usize;
        let (mut items, mut values) = (vec![0; total], vec![0.0; total]);
        for (i, column) in columns.iter().enumerate() {
            for &(j, value) in column {
                let place = &mut next[j as usize];
                (items[*place as usize], values[*place as usize]) = (i as u32, value);
                *place += 1;
            }
        }
        let pattern = Pattern::new(starts, items).expect("every neighbour is another item, named once");
        Self::new(Arc::new(pattern), values)
    }

    fn new(pattern: Arc<Pattern>, values: Vec<f32>) -> Self {
        let values = Array2::from_shape_vec((pattern.len(), 1), values).expect("a value for each place");
        Self { pattern, values }
    }

    /// Weights of 0 at the places of `pattern`.
    pub(super) fn zeros(pattern: Pattern) -> Self {
        let values = vec![0.0; pattern.len()];
        Self::new(Arc::new(pattern), values)
    }

    pub(super) fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// `B_ji`.
    pub fn weight(&self, j: u32, i: u32) -> f32 {
        self.pattern.place(j, i).map_or(0.0, |place| self.values[[place, 0]])
    }

    /// The weights between `chosen` items, in their order.
    pub(super) fn select(&self, chosen: &[usize]) -> Self {
        let mut now = vec![None; self.pattern.rows()];
        chosen.iter().enumerate().for_each(|(new, &old)| now[old] = Some(new));
        let mut columns = vec![vec![]; chosen.len()];
        for (j, &old) in chosen.iter().enumerate() {
            for (i, value) in self.row(old as u32) {
                if let Some(i) = now[i as usize] {
                    columns[i].push((j as u32, value));
                }
            }
        }
        Self::from_columns(&columns)
    }

    fn row(&self, item: u32) -> impl Iterator<Item = (u32, f32)> {
        let row = self.pattern.row(item);
        let values = &self.values.as_slice().expect("the weights are in standard layout")[row.clone()];
        self.pattern.columns(row).iter().copied().zip(values.iter().copied())
    }

    /// The scores of all items for one query: `[I]`.
    fn all(&self, pools: &ItemPools, query: u32) -> Vec<f32> {
        let mut scores = vec![0.0; pools.items()];
        for &liked in pools.history(query) {
            self.row(liked).for_each(|(item, value)| scores[item as usize] += value);
        }
        scores
    }
}

impl Scorer for NeighbourWeights {
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
                let of_user = |pairs: &[(u32, u32)]| {
                    let scores = self.all(pools, pairs[0].0);
                    pairs.iter().map(|&(q, c)| scores[pools.item(q, c) as usize]).collect::<Vec<_>>()
                };
                pairs.chunk_by(|a, b| a.0 == b.0).flat_map(of_user).collect()
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
        vec![TableGradient::new(self.values.dim())]
    }

    fn backward(&self, scored: &Scored<'_>, d_scores: &[f32], gradient: &mut Vec<TableGradient>) {
        let d_values = &mut gradient[0];
        let history = |q: u32| scored.pools.history(q);
        match &scored.what {
            What::Pools(queries) => {
                for (&q, d_scores) in queries.iter().zip(d_scores.chunks_exact(scored.pools.items())) {
                    d_values.expect_rows(history(q).iter().map(|&liked| self.pattern.row(liked).len()).sum());
                    for place in history(q).iter().flat_map(|&liked| self.pattern.row(liked)) {
                        d_values.row(place as u32)[0] += d_scores[self.pattern.column(place) as usize];
                    }
                }
            }
            What::Pairs(pairs) => {
                let mut start = 0;
                for pairs in pairs.chunk_by(|a, b| a.0 == b.0) {
                    let d_scores = &d_scores[start..start + pairs.len()];
                    start += pairs.len();
                    self.pairs_backward(history(pairs[0].0), pairs, d_scores, d_values);
                }
            }
        }
    }
}

/// Pairs of one user from which on a walk along the user's rows is shorter than a search for each pair.
const MANY: usize = 16;

impl NeighbourWeights {
    /// Adds the gradients of pairs of one user, who likes `history`.
    fn pairs_backward(
        &self,
        history: &[u32],
        pairs: &[(u32, u32)],
        d_scores: &[f32],
        d_values: &mut TableGradient,
    ) {
        if pairs.len() < MANY {
            for (&(_, item), d) in pairs.iter().zip(d_scores) {
                for place in history.iter().filter_map(|&liked| self.pattern.place(liked, item)) {
                    d_values.row(place as u32)[0] += d;
                }
            }
            return;
        }
        let mut d_items = vec![0.0; self.pattern.rows()];
        pairs.iter().zip(d_scores).for_each(|(&(_, item), d)| d_items[item as usize] += d);
        for place in history.iter().flat_map(|&liked| self.pattern.row(liked)) {
            let d = d_items[self.pattern.column(place) as usize];
            if d != 0.0 {
                d_values.row(place as u32)[0] += d;
            }
        }
    }
}

impl_parameters!(NeighbourWeights { "weights": values });
