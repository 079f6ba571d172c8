//! RankGAN's judge (Lin et al., “Adversarial ranking for language generation”, NIPS 2017): a ranker, which tells how a sentence ranks
//! among others by its likeness to real references, in the place of a classifier.
//!
//! The ranker learns to rank real sentences high among drawn ones and drawn ones low among real ones: it ascends
//! `E_real[log R(s | U, C⁻)] − E_drawn[log R(s | U, C⁺)]`, the objective of their section 3 as the authors' code has it. The generator
//! earns `log R(s | U, C⁺)`, whose mean over the rollouts of a prefix is the value of the prefix.
//!
//! # Differences from the paper
//! - Each step of the ranker draws its references, both comparison sets and its own sentences apart, so that no sentence is compared
//!   with itself; each round of the game draws those of the reward once.
//! - Their code shares one softmax among all sentences of a batch, real and drawn, of likenesses summed over the references, and rewards
//!   by R; here the sets are those of the paper, and the reward is log R.
//! - The features of references and comparison sets learn too, as in the authors' code.

mod features;
mod rank;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use ndarray::{Array2, ArrayView2, Axis, s};
use rand::seq::SliceRandom as _;

pub use features::SentenceFeatures;
use rank::{Directions, Sides, above_chance, log_sums, ranks, relevance};

use super::PreparedLayers;
use super::two_classes::train_batches;
use crate::data::sentences::Sequences;
use crate::game::JudgeStatistics;
use crate::math::sampling::subset;
use crate::nn::{Learner, OptimizerConfig, Parameters, Precision, Tensor, TensorMut};
use crate::seed::{Rng, Stream};
use crate::text::RankerConfig;

/// Held-out sentences of either side that share references and comparison sets.
const GROUP: usize = 8;

/// Ranker of sentences, with the real sentences that it compares with.
#[derive(Debug)]
pub struct Ranker {
    learner: Learner<SentenceFeatures>,
    rule: RankerConfig,
    real: Arc<Sequences>,
    precision: Precision,                    // of rewards
    prepared: OnceLock<Arc<PreparedLayers>>, // of the network as it stands
    panel: RwLock<Option<Arc<Panel>>>,
}

/// Sets that a reward compares with, as the network sees them.
#[derive(Debug)]
struct Panel {
    references: Array2<f32>, // directions: [U, F]
    log_sums: Vec<f64>,      // of the comparison set: [U]
}

impl Clone for Ranker {
    fn clone(&self) -> Self {
        let panel = self.panel.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Self { learner, rule, real, precision, prepared, .. } = self;
        Self {
            learner: learner.clone(),
            rule: *rule,
            real: real.clone(),
            precision: *precision,
            prepared: prepared.clone(),
            panel: RwLock::new(panel),
        }
    }
}

/// Draws references and as many others as a comparison set has, all different, of the numbers below `count`.
fn draw_sets(rule: RankerConfig, count: usize, rng: &mut Rng) -> (Vec<usize>, Vec<usize>) {
    let mut references = subset(count, rule.references + rule.comparisons, rng);
    references.shuffle(rng);
    let others = references.split_off(rule.references);
    (references, others)
}

/// Sentences of one step of the ranker.
struct Lesson {
    sides: Sides,
    sentences: Sequences, // of both sides, then the references
}

impl Ranker {
    /// Makes a ranker of a `network`, which compares with the `real` sentences in a precision.
    ///
    /// # Panics
    /// When a step would not find its sets among them; settings are checked.
    pub fn new(
        network: SentenceFeatures,
        optimizer: OptimizerConfig,
        rule: RankerConfig,
        real: &Sequences,
        precision: Precision,
    ) -> Self {
        assert!(real.len() > rule.references + rule.comparisons, "settings are checked against the data");
        Self {
            learner: Learner::new(network, optimizer),
            rule,
            real: Arc::new(real.clone()),
            precision,
            prepared: OnceLock::new(),
            panel: RwLock::new(None),
        }
    }

    /// Returns the network with its optimiser.
    pub fn learner(&self) -> &Learner<SentenceFeatures> {
        &self.learner
    }

    /// Changes how the updates to come follow their gradients.
    pub fn set_optimizer(&mut self, config: OptimizerConfig) {
        self.learner.set_optimizer(config);
    }

    /// Passes once over the sentences `drawn` and as many real ones, half of a `batch` of both in a step, and returns the means over
    /// the steps.
    pub(super) fn epoch(&mut self, drawn: &Sequences, batch: usize, stream: Stream) -> JudgeStatistics {
        self.forget();
        let (rule, real) = (self.rule, self.real.clone());
        let lessons = lessons(rule, &real, drawn, batch, stream);
        train_batches(&mut self.learner, lessons, stream, |network, lesson, stream, gradient| {
            lesson.gradient(network, rule.gamma, &mut stream.named("dropout").rng(), gradient)
        })
    }

    /// Draws the sets of the rewards to come, and keeps what the network makes of them.
    pub(super) fn freeze(&self, stream: Stream) {
        let panel = Arc::new(self.new_panel(stream));
        *self.panel.write().unwrap_or_else(PoisonError::into_inner) = Some(panel);
    }

    fn forget(&mut self) {
        self.prepared = OnceLock::new();
        *self.panel.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn new_panel(&self, stream: Stream) -> Panel {
        let (references, compared) = draw_sets(self.rule, self.real.len(), &mut stream.rng());
        let of = |rows: &[usize]| self.directions(&self.real.select(rows));
        let (references, compared) = (of(&references), of(&compared));
        let log_sums = log_sums(relevance(self.rule.gamma, compared.view(), references.view()).view());
        Panel { references, log_sums }
    }

    /// Returns the directions of the features of sentences: `[N, F]`.
    fn directions(&self, sentences: &Sequences) -> Array2<f32> {
        let prepared = self.prepared.get_or_init(|| Arc::new(self.learner.prepare(self.precision)));
        Directions::of(self.learner.features(sentences, prepared)).units
    }

    /// Returns the rank score R of sentences of these directions, `[N, F]`, among those of a `panel`: `[N]`.
    fn ranks(&self, units: ArrayView2<'_, f32>, panel: &Panel) -> Vec<f64> {
        ranks(relevance(self.rule.gamma, units, panel.references.view()).view(), &panel.log_sums)
    }

    /// Returns `log R(s | U, C⁺)` of every sentence, the sets being those that were drawn last: `[N]`.
    pub fn log_ranks(&self, sentences: &Sequences) -> Vec<f32> {
        let panel = self.panel.read().unwrap_or_else(PoisonError::into_inner).clone();
        let panel = panel.unwrap_or_else(|| Arc::new(self.new_panel(Stream::new(0).named("ranker"))));
        self.ranks(self.directions(sentences).view(), &panel)
            .into_iter()
            .map(|rank| rank.ln() as f32)
            .collect()
    }

    /// Returns the share of held-out `real` and `drawn` sentences, as many of both, on the right side of chance: real ones ranked among
    /// drawn ones, and drawn ones among training sentences. A few sentences have sets of their own, so that the luck of one set does
    /// not decide about all.
    pub(super) fn held_out_accuracy(&self, real: &Sequences, drawn: &Sequences, stream: Stream) -> f64 {
        let (of_real, of_drawn) = (self.directions(real), self.directions(drawn));
        let count = real.len().min(drawn.len());
        let right = |first: usize| {
            let here = s![first..count.min(first + GROUP), ..];
            let stream = stream.at(first as u64);
            let mut panel = self.new_panel(stream.named("real"));
            let fooled = above_chance(&self.ranks(of_drawn.slice(here), &panel), self.rule.comparisons);
            let most = self.rule.comparisons.min(drawn.len());
            let among =
                of_drawn.select(Axis(0), &subset(drawn.len(), most, &mut stream.named("drawn").rng()));
            panel.log_sums =
                log_sums(relevance(self.rule.gamma, among.view(), panel.references.view()).view());
            let real = self.ranks(of_real.slice(here), &panel);
            above_chance(&real, most) + real.len() - fooled
        };
        let right: usize = (0..count).step_by(GROUP).map(right).sum();
        right as f64 / (2 * count).max(1) as f64
    }
}

impl Parameters for Ranker {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        self.learner.tensors()
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        self.forget();
        self.learner.tensors_mut()
    }
}

/// Divides an epoch into steps: as many real sentences as drawn ones, in a random order.
fn lessons<'a>(
    rule: RankerConfig,
    real: &'a Sequences,
    drawn: &'a Sequences,
    batch: usize,
    stream: Stream,
) -> impl Iterator<Item = Lesson> + 'a {
    let shuffled = |count: usize, name: &str| {
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(&mut stream.named(name).rng());
        order
    };
    let (real_order, drawn_order) = (shuffled(real.len(), "real"), shuffled(drawn.len(), "drawn"));
    let RankerConfig { references, comparisons, .. } = rule;
    let most = (real.len() - references - comparisons).min(drawn.len() - comparisons);
    let size = (batch / 2).clamp(1, most.max(1));
    let shown = real.len().min(drawn.len());
    (0..shown.div_ceil(size)).map(move |step| {
        let here = step * size..shown.min((step + 1) * size);
        let mut rng = stream.named("sets").at(step as u64).rng();
        // Numbers below the count of the others are places in the order around those of this step.
        let around = |place: usize| if place < here.start { place } else { place + here.len() };
        let (references, among_real) = draw_sets(rule, real.len() - here.len(), &mut rng);
        let among_drawn = subset(drawn.len() - here.len(), comparisons, &mut rng);
        let rows = |places: Vec<usize>, order: &[usize]| -> Vec<usize> {
            places.into_iter().map(|place| order[around(place)]).collect()
        };
        let of_drawn = [&drawn_order[here.clone()], &rows(among_drawn, &drawn_order)].concat();
        let others = [rows(among_real, &real_order), rows(references, &real_order)].concat();
        let sentences = real.select(&real_order[here.clone()]).chain(&drawn.select(&of_drawn));
        Lesson {
            sides: Sides {
                real: here.len(),
                drawn: here.len(),
                among_drawn: comparisons,
                among_real: comparisons,
            },
            sentences: sentences.chain(&real.select(&others)),
        }
    })
}

impl Lesson {
    /// Adds the gradient of the ranker's loss; `rng` draws what is dropped.
    fn gradient(
        &self,
        network: &SentenceFeatures,
        gamma: f32,
        rng: &mut Rng,
        gradient: &mut SentenceFeatures,
    ) -> JudgeStatistics {
        let mut pass = network.forward(&self.sentences, rng);
        let features = std::mem::take(&mut pass.features);
        let (d_features, seen) = self.sides.loss_gradient(gamma, features);
        network.backward(&self.sentences, &pass, d_features, gradient);
        seen
    }
}

#[cfg(test)]
mod tests;
