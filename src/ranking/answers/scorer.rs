//! QA-CNN (dos Santos et al., 2016; IRGAN, section 4.3): the cosine of question and answer.
//!
//! `s(q, a) = scale · (⟨u(q), u(a)⟩ + ⟨w, o(q, a)⟩)`, u the encoder's unit vectors, o the overlap features.
//!
//! # Differences from the paper
//! The overlap features are ours to add, as in other work on these data; without them (`overlap = false`)
//! w has no values, and the score is the paper's cosine.

use ndarray::{Array1, Array2};

use super::encoder::EncoderCache;
use super::{AnswerConfig, AnswerPools, OVERLAPS, TextEncoder};
use crate::math::parallel::ordered_map;
use crate::math::{axpy, dot};
use crate::nn::{Embedding, Parameters as _, impl_parameters};
use crate::ranking::{Candidates, Pools, Scorer};
use crate::seed::{Rng, Stream};

/// Texts encoded by one task.
const TEXTS: usize = 128;

/// The scorer of questions and answers.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerScorer {
    encoder: TextEncoder,
    overlap: Array1<f32>, // [K], or [0] without overlap features
    scale: f32,
}

/// Forward pass of a scorer, for the backward pass.
#[derive(Debug)]
pub struct AnswerCache<'a> {
    encoded: EncoderCache<'a>,
    pairs: Vec<(usize, usize)>, // rows of `encoded`: question and answer of each candidate
    overlaps: Vec<&'a [f32; OVERLAPS]>, // of each candidate
}

impl AnswerScorer {
    /// A fresh scorer over the vectors of `embedding`.
    pub fn new(config: &AnswerConfig, embedding: Embedding, stream: Stream) -> Self {
        Self {
            encoder: TextEncoder::new(config, embedding, &mut stream.named("encoder").rng()),
            overlap: Array1::zeros(if config.overlap { OVERLAPS } else { 0 }),
            scale: config.scale,
        }
    }

    /// The directions of `texts`, `[N, F]`, each encoded once, in parallel.
    fn encode(&self, pools: &AnswerPools, texts: &[u32]) -> Vec<Array2<f32>> {
        let words: Vec<&[u32]> = texts.iter().map(|&text| pools.words(text)).collect();
        let parts: Vec<&[&[u32]]> = words.chunks(TEXTS).collect();
        ordered_map(parts.len(), |i| self.encoder.encode(parts[i]))
    }

    fn total(&self, cosine: f32, overlaps: &[f32; OVERLAPS]) -> f32 {
        let overlap = self.overlap.as_slice().expect("a vector is contiguous");
        self.scale * (cosine + dot(overlap, &overlaps[..overlap.len()]))
    }
}

/// The different texts of some candidates.
struct Gathered {
    texts: Vec<u32>,
    pairs: Vec<(usize, usize)>, // places in `texts`: question and answer of each candidate
}

impl Gathered {
    fn new(pools: &AnswerPools, candidates: &[(u32, u32)]) -> Self {
        let mut places = std::collections::HashMap::new();
        let mut texts = vec![];
        let mut place = |text: u32| {
            *places.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len() - 1
            })
        };
        let pair = |&(question, candidate): &(u32, u32)| {
            let (question, answer) = pools.pair(question, candidate);
            (place(question), place(answer))
        };
        let pairs = candidates.iter().map(pair).collect();
        Self { texts, pairs }
    }
}

/// The candidates one by one.
fn listed(pools: &AnswerPools, candidates: Candidates<'_>) -> Vec<(u32, u32)> {
    match candidates {
        Candidates::Pairs(pairs) => pairs.to_vec(),
        Candidates::Pools(queries) => {
            let pool = |&q: &u32| (0..pools.candidates(q as usize) as u32).map(move |c| (q, c));
            queries.iter().flat_map(pool).collect()
        }
    }
}

impl Scorer for AnswerScorer {
    type Pools = AnswerPools;
    type Cache<'a> = AnswerCache<'a>;
    type Gradient = Self;

    fn score(&self, pools: &AnswerPools, candidates: Candidates<'_>) -> Vec<f32> {
        let candidates = listed(pools, candidates);
        let gathered = Gathered::new(pools, &candidates);
        let units = self.encode(pools, &gathered.texts);
        let unit =
            |place: usize| units[place / TEXTS].row(place % TEXTS).to_slice().expect("rows are contiguous");
        let score = |(&(q, c), &(question, answer)): (&(u32, u32), &(usize, usize))| {
            self.total(dot(unit(question), unit(answer)), pools.overlaps(q, c))
        };
        candidates.iter().zip(&gathered.pairs).map(score).collect()
    }

    /// Every text of all the pools is encoded once.
    fn score_pools(&self, pools: &AnswerPools, queries: &[u32]) -> Vec<f32> {
        self.score(pools, Candidates::Pools(queries))
    }

    fn forward<'a>(
        &self,
        pools: &'a AnswerPools,
        candidates: Candidates<'_>,
        rng: &mut Rng,
    ) -> (Vec<f32>, AnswerCache<'a>) {
        let candidates = listed(pools, candidates);
        let Gathered { texts, pairs } = Gathered::new(pools, &candidates);
        let encoded = self.encoder.forward(texts.iter().map(|&text| pools.words(text)).collect(), rng);
        let overlaps: Vec<_> = candidates.iter().map(|&(q, c)| pools.overlaps(q, c)).collect();
        let units = encoded.units();
        let unit = |row: usize| units.row(row).to_slice().expect("rows are contiguous");
        let score = |(&(question, answer), overlaps): (&(usize, usize), &&[f32; OVERLAPS])| {
            self.total(dot(unit(question), unit(answer)), overlaps)
        };
        let scores = pairs.iter().zip(&overlaps).map(score).collect();
        (scores, AnswerCache { encoded, pairs, overlaps })
    }

    fn no_gradient(&self) -> Self {
        self.zeros_like()
    }

    fn backward(&self, cache: &AnswerCache<'_>, d_scores: &[f32], gradient: &mut Self) {
        let units = cache.encoded.units();
        let mut d_units = Array2::zeros(units.raw_dim());
        let d_overlap = gradient.overlap.as_slice_mut().expect("a vector is contiguous");
        for ((&(question, answer), overlaps), &d) in cache.pairs.iter().zip(&cache.overlaps).zip(d_scores) {
            let d = d * self.scale;
            axpy(d, &overlaps[..d_overlap.len()], d_overlap);
            for (into, other) in [(question, answer), (answer, question)] {
                let other = units.row(other).to_slice().expect("rows are contiguous");
                let mut into = d_units.row_mut(into);
                axpy(d, other, into.as_slice_mut().expect("rows are contiguous"));
            }
        }
        self.encoder.backward(&cache.encoded, d_units, &mut gradient.encoder);
    }
}

impl_parameters!(AnswerScorer { "": encoder, "overlap": overlap });
