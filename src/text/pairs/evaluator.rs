//! Adversarial evaluation (Li et al., 2017, section 4): an evaluator that is trained apart tells real answers from those of a
//! system; a system is good when it is fooled.
//!
//! A weak evaluator flatters every system. So it is also put to cases whose answer is known: real answers against other real
//! ones, which nobody can tell apart; answers to shuffled sources; and random words, which a good one tells at once.

use rand::Rng as _;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};

use super::judges::{HierarchicalJudge, HierarchicalShape, Lesson, accuracy, train_epoch};
use crate::data::pairs::Pairs;
use crate::data::sentences::{Sequences, without_end};
use crate::data::words::END;
use crate::error::{Error, Result};
use crate::nn::{Embedding, Learner, OptimizerConfig};
use crate::seed::Stream;

/// Fewest pairs that an evaluator is trained and tested on.
pub const LEAST_PAIRS: usize = 200;
/// Most epochs of an evaluator, and epochs without a better accuracy before it stops.
const EPOCHS: usize = 30;
const PATIENCE: usize = 5;
/// Learning rate of Adam.
const RATE: f32 = 3e-3;
/// Pairs in a mini-batch.
const BATCH: usize = 64;

/// Evaluator of answers to the sources of real pairs.
#[derive(Clone, Debug)]
pub struct Evaluator<'a> {
    /// Held-out pairs: three fifths of them train an evaluator, one chooses its epoch, one is what it is tested on.
    pub real: &'a Pairs,
    /// Vectors of tokens that it begins with, `[V, E]`.
    pub vectors: &'a Embedding,
    /// Token between two turns of a source.
    pub turn_end: Option<u32>,
    /// Stream of everything drawn.
    pub stream: Stream,
}

/// Share of the test examples on which an evaluator is fooled, in cases whose answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownCases {
    /// Real answers against real answers to other sources; 0.5 is right.
    pub real: f64,
    /// Real answers dealt to other sources; 0 is best.
    pub shuffled: f64,
    /// Random words; 0 is best.
    pub random: f64,
}

impl KnownCases {
    /// Returns the mean distance to what is right: the error of the evaluator (ERE of the paper).
    pub fn error(&self) -> f64 {
        ((self.real - 0.5).abs() + self.shuffled + self.random) / 3.0
    }
}

impl Evaluator<'_> {
    /// Checks that there are pairs enough.
    ///
    /// # Errors
    /// When there are fewer than [`LEAST_PAIRS`].
    pub fn validate(&self) -> Result<()> {
        match self.real.len() {
            LEAST_PAIRS.. => Ok(()),
            count => Err(Error::Unfit(format!(
                "{count} pairs: an evaluator needs {LEAST_PAIRS} at least to be trained and tested on"
            ))),
        }
    }

    /// Trains an evaluator on `answers` to the sources of the real pairs and returns the adversarial success: the share of
    /// the test examples, real and not in equal parts, on which it is wrong. 0.5 is the best that a system can do.
    ///
    /// # Panics
    /// When there are not as many answers as real pairs.
    pub fn success(&self, answers: &Sequences) -> f64 {
        assert_eq!(answers.len(), self.real.len(), "an answer a source");
        let other = Pairs { sources: self.real.sources.clone(), answers: answers.clone() };
        let steps = answers.steps().max(self.real.steps());
        let wide = |pairs: &Pairs| Pairs { answers: pairs.answers.with_steps(steps), ..pairs.clone() };
        self.fooled(&wide(self.real), &wide(&other))
    }

    /// Puts evaluators to the cases whose answer is known.
    pub fn known_cases(&self) -> KnownCases {
        let real = self.real;
        let half = real.len() / 2;
        let rows = |from: usize, count: usize| (from..from + count).collect::<Vec<_>>();
        let (one, other) = (real.select(&rows(0, half)), real.select(&rows(half, half)));
        let mut rng = self.stream.named("known cases").rng();
        // Every answer goes to the next source of a random order: none keeps its own.
        let mut order = rows(0, real.len());
        order.shuffle(&mut rng);
        let mut dealt = vec![0; real.len()];
        for (i, &row) in order.iter().enumerate() {
            dealt[row] = order[(i + 1) % order.len()];
        }
        let shuffled = real.answers.select(&dealt);
        let words: Vec<u32> =
            real.answers.iter().flat_map(|answer| without_end(answer, Some(END)).to_vec()).collect();
        let random = real.answers.iter().map(|answer| {
            let drawn = answer.iter().map(|&token| match token {
                END => END,
                _ => words[rng.random_range(0..words.len())],
            });
            drawn.collect::<Vec<u32>>()
        });
        let random = Sequences::of(&random.collect::<Vec<_>>());
        KnownCases {
            real: self.fooled(&one, &other),
            shuffled: self.success(&shuffled),
            random: self.success(&random),
        }
    }

    /// Trains an evaluator on three fifths of both kinds of pairs and returns the share of the last fifth on which it is
    /// wrong.
    fn fooled(&self, real: &Pairs, other: &Pairs) -> f64 {
        let count = real.len();
        let part = |pairs: &Pairs, from: usize, to: usize| {
            pairs.select(&(count * from / 5..count * to / 5).collect::<Vec<_>>())
        };
        let shape = HierarchicalShape { embedding: self.vectors.dim().1, ..HierarchicalShape::default() };
        let mut rng = self.stream.named("evaluator").rng();
        let network = HierarchicalJudge::new(&shape, self.vectors, self.turn_end, &mut rng);
        let mut learner = Learner::new(
            network.clone(),
            OptimizerConfig { learning_rate: RATE, ..OptimizerConfig::default() },
        );
        let lesson = Lesson::new(part(real, 0, 3), part(other, 0, 3));
        let (mut best, mut found, mut at) = (network, 0.0, 0);
        for epoch in 1..=EPOCHS {
            train_epoch(&mut learner, &lesson, BATCH, false, self.stream.named("epoch").at(epoch as u64));
            let right = accuracy(learner.model(), &part(real, 3, 4), &part(other, 3, 4));
            if right > found {
                (best, found, at) = (learner.model().clone(), right, epoch);
            } else if epoch >= at + PATIENCE {
                break;
            }
        }
        1.0 - accuracy(&best, &part(real, 4, 5), &part(other, 4, 5))
    }
}
