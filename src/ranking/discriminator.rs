//! IRGAN's discriminator: tells observed positives from drawn documents (equations 3 and 9).
//!
//! The same epochs train the sampled baselines: RNS and DNS differ only in who draws.

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::batch::sum;
use super::example_loss::{ExampleLoss, Mode};
use super::pools::Pools as _;
use super::scorer::{Candidates, Scorer};
use crate::nn::{Gradient as _, Learner};
use crate::seed::Stream;
use crate::team::Wire;

/// Examples of one unit of parallel work.
const CHUNK_EXAMPLES: usize = 512;

/// An observed positive of a query beside a document drawn for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The query.
    pub query: u32,
    /// Index of the observed positive in the query's pool.
    pub positive: u32,
    /// Index of the drawn document in the query's pool.
    pub drawn: u32,
}

impl Wire for Example {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.query, (self.positive, self.drawn)).write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let (query, (positive, drawn)) = Wire::read(bytes);
        Self { query, positive, drawn }
    }
}

/// Statistics of a discriminator's epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiscriminatorStats {
    /// Mean loss of an example.
    pub loss: f64,
    /// Share of examples in which the positive scores higher than the drawn document.
    pub accuracy: f64,
    /// Calibration: the mean of `σ(f⁺ − f⁻)` minus the accuracy (pairwise), or the mean predicted
    /// label minus the share of positives (pointwise). 0 is calibrated.
    pub calibration: f64,
}

/// One pass over `examples` in random order, one update for every `batch` of them.
pub fn discriminator_epoch<S: Scorer>(
    learner: &mut Learner<S>,
    pools: &S::Pools,
    examples: &[Example],
    kind: ExampleLoss,
    batch: usize,
    stream: Stream,
) -> DiscriminatorStats {
    let mut order = examples.to_vec();
    order.shuffle(&mut stream.named("order").rng());
    let batch = if batch == 0 { order.len().max(1) } else { batch };
    let mut totals = Totals::default();
    let (mut gradient, mut lists) = (learner.no_gradient(), Lists::default());
    for (step, batch) in order.chunks(batch).enumerate() {
        let stream = stream.at(step as u64);
        let scorer = learner.model();
        let add = |examples: &[Example], i: usize, gradient: &mut S::Gradient, lists: &mut Lists| {
            add_gradient(scorer, pools, examples, kind, stream.at(i as u64), gradient, lists)
        };
        let part = if batch.len() <= CHUNK_EXAMPLES && pools.team().size() == 1 {
            add(batch, 0, &mut gradient, &mut lists) // which the update before left empty
        } else {
            let chunks: Vec<_> = batch.chunks(CHUNK_EXAMPLES).collect();
            let of_chunk = |i: usize| {
                let mut gradient = scorer.no_gradient();
                let part = add(chunks[i], i, &mut gradient, &mut Lists::default());
                (gradient, part)
            };
            let summed = sum(pools.team(), chunks.len(), || scorer.no_gradient(), of_chunk, Totals::add);
            let Some((summed, part)) = summed else { continue };
            gradient = summed;
            part
        };
        gradient.multiply(1.0 / batch.len() as f32);
        learner.update(&mut gradient);
        totals.add(part);
    }
    totals.mean(kind)
}

/// Lists of a batch, kept for the next.
#[derive(Default)]
struct Lists {
    pairs: Vec<(u32, u32)>, // of query and candidate: the positives, then the drawn documents
    d_scores: Vec<f32>,     // of each pair
}

/// Adds the summed gradient of some examples.
fn add_gradient<S: Scorer>(
    scorer: &S,
    pools: &S::Pools,
    examples: &[Example],
    kind: ExampleLoss,
    stream: Stream,
    gradient: &mut S::Gradient,
    Lists { pairs, d_scores }: &mut Lists,
) -> Totals {
    let n = examples.len();
    pairs.clear();
    pairs.extend(examples.iter().map(|e| (e.query, e.positive)));
    pairs.extend(examples.iter().map(|e| (e.query, e.drawn)));
    let (scores, cache) = scorer.forward(pools, Candidates::Pairs(pairs), &mut stream.rng());
    let (preferred, other) = scores.split_at(n);
    d_scores.resize(2 * n, 0.0);
    let loss = kind.gradient(&scores, d_scores);
    let residual = kind.residual(&scores, d_scores);
    let correct = preferred.iter().zip(other).filter(|(p, o)| p > o).count();
    scorer.backward(&cache, d_scores, gradient);
    Totals { examples: n, correct, loss, residual }
}

#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    examples: usize,
    correct: usize,
    loss: f64,
    residual: f64,
}

impl Wire for Totals {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { examples, correct, loss, residual } = *self;
        ((examples as u64, correct as u64), (loss, residual)).write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let ((examples, correct), (loss, residual)) = <((u64, u64), (f64, f64))>::read(bytes);
        Self { examples: examples as usize, correct: correct as usize, loss, residual }
    }
}

impl Totals {
    fn add(&mut self, other: Self) {
        self.examples += other.examples;
        self.correct += other.correct;
        self.loss += other.loss;
        self.residual += other.residual;
    }

    fn mean(self, kind: ExampleLoss) -> DiscriminatorStats {
        let n = self.examples.max(1) as f64;
        let accuracy = self.correct as f64 / n;
        let calibration = match kind.mode {
            Mode::Pointwise => self.residual / (2.0 * n),
            Mode::Pairwise => 1.0 + self.residual / n - accuracy,
        };
        DiscriminatorStats { loss: self.loss / n, accuracy, calibration }
    }
}
