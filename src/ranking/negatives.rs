//! Samplers of the documents that a positive is set against: chance, the model itself, a generator.

use rand::Rng as _;

use super::batch::{chunks, segments};
use super::discriminator::Example;
use super::{Pools, Scorer};
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::math::sampling::Cdf;
use crate::math::simd;
use crate::seed::{Rng, Stream};

/// Which documents may be drawn for a positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum DrawFrom {
    /// Documents with a lower grade than the positive, or with none.
    #[default]
    Lower,
    /// The whole pool, as in the paper: the positives themselves may be drawn.
    Pool,
}

/// A drawing distribution over each query's pool.
pub enum NegativeSampler<'a, S> {
    /// Random negative sampling (RNS): uniform.
    Uniform,
    /// Dynamic negative sampling (DNS): the highest scored of this many uniform draws (Zhang et
    /// al., SIGIR 2013).
    Dynamic(&'a S, usize),
    /// A generator: softmax of its scores at this temperature, mixed with this share of uniform
    /// draws.
    Softmax(&'a S, f32, f32),
}

/// `per_positive` examples for every observed positive of `queries`.
pub fn draw_examples<S: Scorer>(
    drawer: &NegativeSampler<'_, S>,
    pools: &S::Pools,
    queries: &[u32],
    from: DrawFrom,
    per_positive: usize,
    stream: Stream,
) -> Vec<Example> {
    pools.team().joined(queries.len(), |share| {
        let queries = &queries[share];
        let lengths = queries.iter().map(|&q| pools.candidates(q as usize));
        let blocks = chunks_by_rows(lengths, MOST_SCORES).into_iter().map(|block| &queries[block]);
        blocks.flat_map(|queries| draw_block(drawer, pools, queries, (from, per_positive), stream)).collect()
    })
}

/// Scores that are kept at a time: 64 MiB.
const MOST_SCORES: usize = 1 << 24;

/// The examples of some queries, whose scores are kept at once.
fn draw_block<S: Scorer>(
    drawer: &NegativeSampler<'_, S>,
    pools: &S::Pools,
    queries: &[u32],
    kind: (DrawFrom, usize),
    stream: Stream,
) -> Vec<Example> {
    let scores = match drawer {
        NegativeSampler::Uniform => vec![],
        NegativeSampler::Dynamic(scorer, _) | NegativeSampler::Softmax(scorer, ..) => {
            scorer.score_pools(pools, queries)
        }
    };
    let (chunks, segments) = (chunks(pools, queries), segments(pools, queries));
    let draw = |i: usize| {
        let mut examples = vec![];
        for place in chunks[i].clone() {
            let scores = scores.get(segments[place].clone()).unwrap_or(&[]);
            draw_query(drawer, pools, queries[place], scores, kind, stream, &mut examples);
        }
        examples
    };
    ordered_map(chunks.len(), draw).concat()
}

/// Adds the examples of one query; `scores` are those of its pool, where the drawer needs them.
fn draw_query<S: Scorer>(
    drawer: &NegativeSampler<'_, S>,
    pools: &S::Pools,
    query: u32,
    scores: &[f32],
    (from, per_positive): (DrawFrom, usize),
    stream: Stream,
    examples: &mut Vec<Example>,
) {
    let mut rng = stream.at(u64::from(query)).rng();
    let grades = pools.grades(query as usize);
    let mut last = None; // positives of one grade share their draws' distribution
    for &positive in pools.positives(query as usize) {
        let grade = grades[positive as usize];
        let allowed = last.take_if(|(of, _)| *of == grade).map_or_else(
            || {
                let allowed = |&i: &u32| from == DrawFrom::Pool || grades[i as usize] < grade;
                let members: Vec<u32> = (0..grades.len() as u32).filter(allowed).collect();
                Urn::new(drawer, members, scores)
            },
            |(_, urn)| urn,
        );
        for _ in 0..per_positive {
            if let Some(drawn) = allowed.draw(&mut rng) {
                examples.push(Example { query, positive, drawn });
            }
        }
        last = Some((grade, allowed));
    }
}

/// The documents that may be drawn for one positive, with their distribution.
struct Urn<'a> {
    members: Vec<u32>,
    kind: UrnKind<'a>,
}

enum UrnKind<'a> {
    Uniform,
    Best(&'a [f32], usize),
    Weighted(Cdf<'a>, f32),
}

impl<'a> Urn<'a> {
    fn new<S>(drawer: &NegativeSampler<'_, S>, members: Vec<u32>, scores: &'a [f32]) -> Self {
        let kind = match *drawer {
            _ if members.is_empty() => UrnKind::Uniform, // nothing to draw
            NegativeSampler::Uniform => UrnKind::Uniform,
            NegativeSampler::Dynamic(_, tries) => UrnKind::Best(scores, tries.max(1)),
            NegativeSampler::Softmax(_, temperature, share) => {
                let mut weights: Vec<f32> =
                    members.iter().map(|&i| scores[i as usize] / temperature).collect();
                simd::softmax(&mut weights);
                match weights.iter().all(|weight| weight.is_finite()) {
                    true => UrnKind::Weighted(Cdf::new(weights), share),
                    false => UrnKind::Uniform, // scores beyond f32; the generator's next step reports them
                }
            }
        };
        Self { members, kind }
    }

    fn draw(&self, rng: &mut Rng) -> Option<u32> {
        if self.members.is_empty() {
            return None;
        }
        let uniform = |rng: &mut Rng| self.members[rng.random_range(0..self.members.len())];
        Some(match &self.kind {
            UrnKind::Uniform => uniform(rng),
            UrnKind::Weighted(_, share) if rng.random::<f32>() < *share => uniform(rng),
            UrnKind::Weighted(cdf, _) => self.members[cdf.sample(rng)],
            UrnKind::Best(scores, tries) => {
                let draws = (0..*tries).map(|_| uniform(rng));
                draws.max_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]))?
            }
        })
    }
}
