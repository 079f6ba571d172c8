//! Network over feature vectors as a scorer.

use ndarray::{Array2, ArrayView2, CowArray, Ix2, s};

use super::pools::FeaturePools;
use crate::nn::{Mlp, MlpCache, Parameters as _};
use crate::ranking::config::ScorerConfig;
use crate::ranking::scorer::{Candidates, Scorer};
use crate::seed::{Rng, Stream};

impl ScorerConfig {
    /// Returns a fresh network over `features` values.
    pub fn network(&self, features: usize, stream: Stream) -> Mlp {
        let mut widths = vec![features];
        widths.extend(&self.hidden);
        widths.push(1);
        Mlp::new(&widths, self.activation, self.dropout, self.initializer, &mut stream.rng())
    }
}

/// Scorer with one output, linear when it has no hidden layer.
impl Scorer for Mlp {
    type Pools = FeaturePools;
    type Cache<'a> = MlpCache<'a>;
    type Gradient = Self;

    fn score(&self, pools: &FeaturePools, candidates: Candidates<'_>) -> Vec<f32> {
        scores_with_prior(pools, candidates, |features| self.predict(features).into_raw_vec_and_offset().0)
    }

    fn forward<'a>(
        &self,
        pools: &'a FeaturePools,
        candidates: Candidates<'_>,
        rng: &mut Rng,
    ) -> (Vec<f32>, MlpCache<'a>) {
        let (scores, cache) = Mlp::forward(self, rows(pools, candidates), Some(rng));
        let mut scores = scores.into_raw_vec_and_offset().0;
        pools.add_prior(candidates, &mut scores);
        (scores, cache)
    }

    fn is_linear(&self) -> bool {
        self.depth() == 1
    }

    fn no_gradient(&self) -> Self {
        self.zeros_like()
    }

    fn backward(&self, cache: &MlpCache<'_>, d_scores: &[f32], gradient: &mut Self) {
        let d_scores = ArrayView2::from_shape((d_scores.len(), 1), d_scores).expect("one column of scores");
        Mlp::backward(self, cache, d_scores, gradient);
    }
}

/// Returns the scores of the candidates by `predict`, `[B, F]` to `[B]`, with the prior of the pools added.
pub(super) fn scores_with_prior(
    pools: &FeaturePools,
    candidates: Candidates<'_>,
    predict: impl FnOnce(ArrayView2<'_, f32>) -> Vec<f32>,
) -> Vec<f32> {
    let mut scores = predict(rows(pools, candidates).view());
    pools.add_prior(candidates, &mut scores);
    scores
}

/// The feature vectors of the candidates, `[B, F]`: a view when they lie side by side.
fn rows<'a>(pools: &'a FeaturePools, candidates: Candidates<'_>) -> CowArray<'a, f32, Ix2> {
    let set = pools.set();
    let mut gathered = Array2::zeros((0, 0));
    match candidates {
        Candidates::Pools(queries) => {
            let range = |q: u32| set.queries()[q as usize].rows.clone();
            let consecutive = queries.windows(2).all(|pair| range(pair[0]).end == range(pair[1]).start);
            if let (true, Some(&first), Some(&last)) = (consecutive, queries.first(), queries.last()) {
                return set.features().slice_move(s![range(first).start..range(last).end, ..]).into();
            }
            let total = queries.iter().map(|&q| range(q).len()).sum();
            gathered = Array2::zeros((total, set.feature_count()));
            let mut start = 0;
            for &q in queries {
                let block = set.query_features(q as usize);
                gathered.slice_mut(s![start..start + block.nrows(), ..]).assign(&block);
                start += block.nrows();
            }
        }
        Candidates::Pairs(pairs) => {
            if !pairs.is_empty() {
                gathered = Array2::zeros((pairs.len(), set.feature_count()));
            }
            for (mut row, &(q, candidate)) in gathered.rows_mut().into_iter().zip(pairs) {
                let source = set.queries()[q as usize].rows.start + candidate as usize;
                row.assign(&set.features().row(source));
            }
        }
    }
    gathered.into()
}
