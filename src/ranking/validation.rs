//! Judging a scorer on held-out pools.

use std::ops::Range;

use super::batch::segments;
use super::{Pools, Scorer};
use crate::evaluation::{Judged, Measure, UNJUDGED, rank_order_to};
use crate::math::parallel::ordered_map;

/// Held-out pools and the measure that chooses a model.
#[derive(Debug)]
pub struct Validation<'a, P> {
    /// Weight of the discriminator's standardised scores when both players rank together; the generator's have the rest.
    pub weight: f32,
    pools: &'a P,
    measure: Measure,
    queries: Vec<u32>,
    segments: Vec<Range<usize>>,
    judged: Vec<Judged>,
}

impl<'a, P: Pools> Validation<'a, P> {
    /// Judges on all queries of `pools` by `measure`.
    pub fn new(pools: &'a P, measure: Measure) -> Self {
        let queries: Vec<u32> = (0..pools.queries() as u32).collect();
        let segments = segments(pools, &queries);
        let judged = |q| {
            let grades = pools.grades(q);
            let all = grades.iter().chain(pools.unretrieved(q));
            Judged::new(all.filter_map(|&grade| observed(grade)))
        };
        let judged = (0..pools.queries()).map(judged).collect();
        Self { weight: EVEN, pools, measure, queries, segments, judged }
    }

    /// The scores of all pools, one after the other.
    pub fn scores<S: Scorer<Pools = P>>(&self, scorer: &S) -> Vec<f32> {
        scorer.score_together(self.pools, &self.queries)
    }

    /// Mean of the choosing measure over the queries.
    pub fn value(&self, scores: &[f32]) -> f64 {
        self.mean(&self.measure, scores)
    }

    /// Mean of any measure over the queries it does not skip.
    pub fn mean(&self, measure: &Measure, scores: &[f32]) -> f64 {
        measure.aggregate(self.by_query(measure, scores))
    }

    /// The choosing measure of every query; NaN where it skips one.
    pub fn values(&self, scores: &[f32]) -> Vec<f64> {
        self.by_query(&self.measure, scores)
    }

    fn by_query(&self, measure: &Measure, scores: &[f32]) -> Vec<f64> {
        let depth = measure.cutoff().unwrap_or(usize::MAX);
        let of_query = |q: usize| {
            let scores = &scores[self.segments[q].clone()];
            let order = rank_order_to(depth, scores, |i| self.pools.document(q, i));
            let grades = self.pools.grades(q);
            let grade = |i: usize| observed(grades[i]).unwrap_or(UNJUDGED);
            let ranked: Vec<i32> = order.into_iter().map(grade).collect();
            measure.value(&ranked, &self.judged[q])
        };
        self.pools.team().map(self.queries.len(), of_query)
    }

    /// The sum of two players' scores, each standardised within its query, by their weights.
    pub fn combine(&self, g: &[f32], d: &[f32]) -> Vec<f32> {
        let of_query = |q: usize| {
            let segment = &self.segments[q];
            combine(&g[segment.clone()], &d[segment.clone()], self.weight)
        };
        ordered_map(self.segments.len(), of_query).concat()
    }

    /// Mean of the choosing measure of both players' scores together with every weight of the discriminator, in twentieths.
    pub fn curve(&mut self, g: &[f32], d: &[f32]) -> Curve {
        let mut curve = [0.0; 21];
        for (step, value) in curve.iter_mut().enumerate() {
            self.weight = step as f32 / 20.0;
            *value = self.value(&self.combine(g, d));
        }
        curve
    }

    /// Sets the weight to the one with the best mean of the choosing measure, over these scores and the curves of `further` data: of 0.1,
    /// 0.2, …, 0.9, then of the two between that and its neighbours. Of equal ones it is the nearest to ½.
    pub fn choose_weight(&mut self, g: &[f32], d: &[f32], further: &[Curve]) {
        let mut best = (f64::NEG_INFINITY, 10);
        let mut try_all = |steps: &[u8]| {
            for &step in steps {
                self.weight = f32::from(step) / 20.0;
                let own = self.value(&self.combine(g, d));
                let value = own + further.iter().map(|curve| curve[usize::from(step)]).sum::<f64>();
                if value > best.0 {
                    best = (value, step);
                }
            }
            best.1
        };
        let coarse = try_all(&[10, 8, 12, 6, 14, 4, 16, 2, 18]);
        let fine = try_all(&[coarse - 1, coarse + 1]);
        self.weight = f32::from(fine) / 20.0;
    }
}

/// Means of a measure by the weight of the discriminator: 0, 1/20, …, 1.
pub(super) type Curve = [f64; 21];

/// Weight of either player when nothing says which is better.
pub(super) const EVEN: f32 = 0.5;

/// A grade, where there is one.
fn observed(grade: i8) -> Option<i32> {
    (grade >= 0).then(|| i32::from(grade))
}

/// The sum of two players' scores for one pool, each standardised to mean 0 and deviation 1, with this weight of the
/// discriminator's.
pub(super) fn combine(g: &[f32], d: &[f32], weight: f32) -> Vec<f32> {
    standardised(g).zip(standardised(d)).map(|(g, d)| (1.0 - weight) * g + weight * d).collect()
}

/// Returns the mean of several models' scores for one pool, each standardised to mean 0 and deviation 1: `[D_q]`. Scores that
/// are equal to every model stay equal; a model to which all are equal says nothing.
///
/// Models that were trained alike may have chosen other weight decays and weights of the prior, which change the scale of their
/// scores by factors of ten; without standardising, the least regularised would rank alone.
pub(super) fn mean_of_models(models: &[&[f32]]) -> Vec<f32> {
    let mut mean = vec![0.0; models.first().map_or(0, |scores| scores.len())];
    for scores in models {
        mean.iter_mut().zip(standardised(scores)).for_each(|(sum, score)| *sum += score);
    }
    mean.iter_mut().for_each(|sum| *sum /= models.len() as f32);
    mean
}

fn standardised(scores: &[f32]) -> impl Iterator<Item = f32> {
    let (mean, scale) = standard(scores);
    scores.iter().map(move |score| (score - mean) * scale)
}

/// Returns the mean of `scores` and the inverse of their deviation, 0 where all are equal.
pub(super) fn standard(scores: &[f32]) -> (f32, f32) {
    let n = scores.len().max(1) as f32;
    let mean = scores.iter().sum::<f32>() / n;
    let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / n;
    (mean, if variance > 0.0 { variance.sqrt().recip() } else { 0.0 })
}
