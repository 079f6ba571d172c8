//! Networks that tell real answers from others, and their training.

use ndarray::Array2;
use rand::seq::SliceRandom as _;

use crate::data::pairs::{Pairs, Source};
use crate::data::sentences::Sequences;
use crate::game::{Divergence, JudgeStatistics};
use crate::nn::{Learner, Parameters};
use crate::seed::{Rng, Stream};
use crate::text::judges::{random_prefixes, share_right, train_batches};

/// A network with a binary head; its judgement is P(the answer is real | source, answer), unless it minimises another
/// divergence.
pub trait PairClassifier: Parameters {
    /// Returns the divergence that it minimises.
    fn divergence(&self) -> Divergence;

    /// Adds the gradient of the mean loss of pairs, of which `real: [B]` are real.
    fn gradient(
        &self,
        sources: &[Source],
        answers: &Sequences,
        real: &[bool],
        rng: &mut Rng,
        gradient: &mut Self,
    ) -> JudgeStatistics;

    /// Returns the judgement of every pair: `[B]`.
    fn judgements(&self, sources: &[Source], answers: &Sequences) -> Vec<f32>;

    /// Returns the judgement of every prefix of every answer, `[B, T]`, from an answer's end on that of the whole; `None` where
    /// prefixes are judged one by one.
    fn prefix_judgements(&self, _sources: &[Source], _answers: &Sequences) -> Option<Array2<f32>> {
        None
    }
}

/// Real pairs and drawn answers to the same sources.
#[derive(Clone, Debug)]
pub(in crate::text) struct Lesson {
    all: Pairs, // the real ones come first
    real: usize,
}

impl Lesson {
    /// Mixes `real` and `drawn` pairs.
    pub fn new(real: Pairs, drawn: Pairs) -> Self {
        let count = real.len();
        let sources = real.sources.into_iter().chain(drawn.sources).collect();
        Self { all: Pairs::new(sources, real.answers.chain(&drawn.answers)), real: count }
    }

    /// Returns batches of `size` pairs in a random order, each with a label a pair: true for a real one.
    pub fn batches(&self, size: usize, stream: Stream) -> Vec<(Pairs, Vec<bool>)> {
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        order.shuffle(&mut stream.named("order").rng());
        let batch =
            |rows: &[usize]| (self.all.select(rows), rows.iter().map(|&row| row < self.real).collect());
        order.chunks(size.max(1)).map(batch).collect()
    }
}

/// Passes once over a lesson in batches of `batch` pairs and returns the means over the batches. For a judge of `prefixes`
/// every answer is cut at one random length: with all its prefixes the many short ones, which are alike in real and drawn
/// answers, would dominate (Li et al., 2017, section 3.3).
pub(in crate::text::pairs) fn train_epoch<C: PairClassifier>(
    learner: &mut Learner<C>,
    lesson: &Lesson,
    batch: usize,
    prefixes: bool,
    stream: Stream,
) -> JudgeStatistics {
    let batches = lesson.batches(batch, stream).into_iter();
    train_batches(learner, batches, stream, |network, (pairs, labels), stream, gradient| {
        let answers = match prefixes {
            true => random_prefixes(&pairs.answers, stream.named("prefix")),
            false => pairs.answers,
        };
        network.gradient(&pairs.sources, &answers, &labels, &mut stream.named("dropout").rng(), gradient)
    })
}

/// Returns the share of `real` and `other` pairs that the network classifies rightly, both sides with the same weight.
pub(in crate::text::pairs) fn accuracy<C: PairClassifier>(network: &C, real: &Pairs, other: &Pairs) -> f64 {
    let share = |pairs: &Pairs, is_real: bool| {
        let judged = network.judgements(&pairs.sources, &pairs.answers);
        share_right(network.divergence(), &judged, is_real)
    };
    (share(real, true) + share(other, false)) / 2.0
}
