//! Two towers: a query's and a document's text become vectors, and their product is the score.

use std::sync::Arc;

use ndarray::{Array1, Array2};
use rand::Rng as _;

use super::TextPools;
use super::scratch::Scratch;
use crate::math::{axpy, dot};
use crate::nn::{Embedding, Parameters as _, impl_parameters};
use crate::ranking::{Candidates, Pools, Scorer};
use crate::retrieval::Bag;
use crate::seed::{Rng, Stream};

/// From a cosine to a score whose softmax is not flat.
const SCALE: f32 = 20.0;
/// Weight of the embeddings beside the grams themselves: many of them move at once, by steps of the same size.
const EMBEDDED: f32 = 0.1;

/// Two towers over bags of hashed n-grams, `q, d: [V]`.
///
/// The query's vector is `[q, (R + A)ᵀq]`, the document's `[(1 + w) ⊙ d, 0.1 Bᵀd]`, and the score is 20 times their
/// product: `20 (Σ_i q_i (1 + w_i) d_i + 0.1 ((R + A)ᵀq) · (Bᵀd))`. All that is learned, `w`, `A` and `B`, starts at 0:
/// the untrained score is the cosine of the bags, and weight decay leads back to it. R holds fixed random signs `±1/√E`, so
/// that `Rᵀq · Rᵀq'` is about the cosine of two queries (Johnson–Lindenstrauss): a document's grams learn from the queries
/// that are like the one at hand. An empty text scores 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Towers {
    signs: Arc<Embedding>, // R: [V, E]
    own: Array1<f32>,      // w: [V]
    queries: Embedding,    // A: [V, E]
    documents: Embedding,  // B: [V, E]
}

impl Towers {
    /// Untrained towers over `buckets` buckets with embeddings of `width` values.
    pub fn new(buckets: usize, width: usize) -> Self {
        let mut rng = Stream::new(0).named("signs").rng(); // the same for all: they are not saved
        let size = 1.0 / (width.max(1) as f32).sqrt();
        let signs = Array2::from_shape_simple_fn((buckets, width), || match rng.random::<bool>() {
            true => size,
            false => -size,
        });
        let zeros = || Embedding::from_weight(Array2::zeros((buckets, width)));
        Self {
            signs: Arc::new(Embedding::from_weight(signs)),
            own: Array1::zeros(buckets),
            queries: zeros(),
            documents: zeros(),
        }
    }

    /// `0.1 (R + A)ᵀq`: `[E]`.
    fn query(&self, query: &Bag) -> Vec<f32> {
        let mut vector = vec![0.0; self.queries.dim().1];
        for (bucket, weight) in query.iter() {
            axpy(EMBEDDED * weight, self.signs.vector(bucket), &mut vector);
            axpy(EMBEDDED * weight, self.queries.vector(bucket), &mut vector);
        }
        vector
    }

    /// Scores of some candidates. A score is linear in the document's bag: what each bucket adds for the query,
    /// `q_i (1 + w_i) + B_i · 0.1 (R + A)ᵀq`, is worked out once a query.
    fn scores(&self, pools: &TextPools, pairs: &[(u32, u32)]) -> Vec<f32> {
        let mut scores = Vec::with_capacity(pairs.len());
        let mut responses = Scratch::new(self.own.len());
        for run in pairs.chunk_by(|a, b| a.0 == b.0) {
            let query = pools.query(run[0].0);
            let vector = self.query(query);
            let learned = |bucket: u32| dot(self.documents.vector(bucket), &vector);
            responses.clear();
            for (bucket, weight) in query.iter() {
                responses.value(bucket, || weight * (1.0 + self.own[bucket as usize]) + learned(bucket));
            }
            for &(query, candidate) in run {
                let text = pools.text(query, candidate);
                let parts = text.iter().map(|(bucket, w)| w * *responses.value(bucket, || learned(bucket)));
                scores.push(SCALE * parts.sum::<f32>());
            }
        }
        scores
    }
}

/// Candidates that were scored, for the backward pass.
#[derive(Debug)]
pub struct Pairs<'a> {
    pools: &'a TextPools,
    pairs: Vec<(u32, u32)>,
}

impl Scorer for Towers {
    type Pools = TextPools;
    type Cache<'a> = Pairs<'a>;
    type Gradient = Self;

    fn score(&self, pools: &TextPools, candidates: Candidates<'_>) -> Vec<f32> {
        self.scores(pools, &pairs(pools, candidates))
    }

    fn forward<'a>(
        &self,
        pools: &'a TextPools,
        candidates: Candidates<'_>,
        _rng: &mut Rng,
    ) -> (Vec<f32>, Pairs<'a>) {
        let pairs = pairs(pools, candidates);
        (self.scores(pools, &pairs), Pairs { pools, pairs })
    }

    /// The gradient at the responses of all buckets, `r = Σ_d 20 · d_score_d · d`, carries that at everything else:
    /// `d_w_i = q_i r_i`, `d_B = r ⊗ 0.1 (R + A)ᵀq`, `d_A = 0.1 q ⊗ Bᵀr`.
    fn no_gradient(&self) -> Self {
        self.zeros_like()
    }

    fn backward(&self, cache: &Pairs<'_>, d_scores: &[f32], gradient: &mut Self) {
        let mut d_responses = Scratch::new(self.own.len());
        let mut start = 0;
        for run in cache.pairs.chunk_by(|a, b| a.0 == b.0) {
            let query = cache.pools.query(run[0].0);
            d_responses.clear();
            for (&(query, candidate), &d_score) in run.iter().zip(&d_scores[start..]) {
                for (bucket, weight) in cache.pools.text(query, candidate).iter() {
                    *d_responses.value(bucket, || 0.0) += SCALE * d_score * weight;
                }
            }
            start += run.len();
            let vector = self.query(query);
            let mut d_vector = vec![0.0; vector.len()];
            for (bucket, d) in d_responses.iter() {
                axpy(d, &vector, gradient.documents.vector_mut(bucket));
                axpy(d, self.documents.vector(bucket), &mut d_vector);
            }
            for (bucket, weight) in query.iter() {
                gradient.own[bucket as usize] += weight * *d_responses.value(bucket, || 0.0);
                axpy(EMBEDDED * weight, &d_vector, gradient.queries.vector_mut(bucket));
            }
        }
    }
}

/// The candidates one by one, those of a query together.
fn pairs(pools: &TextPools, candidates: Candidates<'_>) -> Vec<(u32, u32)> {
    match candidates {
        Candidates::Pairs(pairs) => pairs.to_vec(),
        Candidates::Pools(queries) => {
            let of_query = |&q: &u32| (0..pools.candidates(q as usize) as u32).map(move |c| (q, c));
            queries.iter().flat_map(of_query).collect()
        }
    }
}

impl_parameters!(Towers { "own": own, "queries": queries, "documents": documents });
