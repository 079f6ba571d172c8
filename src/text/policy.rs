//! Language models as policies: writing a sentence is an episode of T steps, and the action is the next token.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2, s};

use super::models::{LanguageModel, places};
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::policy_gradient::{Episodes, Policy};
use crate::seed::Stream;

/// Tokens measured by one task.
const CHUNK: usize = 128;

/// Sentences of a batch and what the backward pass needs of them.
#[derive(Debug)]
pub struct SentenceTrace<R> {
    /// Sentences, drawn or observed.
    pub sentences: Sequences,
    /// States in which their tokens were chosen.
    pub reading: R,
}

/// Makes episodes of observed sentences, so that teacher forcing is a policy gradient too.
pub fn observe<M: LanguageModel>(
    model: &M,
    contexts: &[M::Context],
    sentences: Sequences,
) -> Episodes<SentenceTrace<M::Reading>> {
    let reading = model.read(contexts, sentences.tokens());
    let mut importance = Array2::zeros(sentences.tokens().raw_dim());
    for (mut row, &length) in importance.rows_mut().into_iter().zip(sentences.lengths()) {
        row.slice_mut(s![..length as usize]).fill(1.0);
    }
    Episodes {
        actions: sentences.tokens().to_owned(),
        importance,
        groups: groups(contexts),
        lengths: Some(sentences.lengths().to_vec()),
        enumerated: false,
        trace: SentenceTrace { sentences, reading },
    }
}

/// Returns the ranges of consecutive sentences that share a context.
fn groups<C: PartialEq>(contexts: &[C]) -> Vec<Range<usize>> {
    let mut first = 0;
    let range = |group: &[C]| {
        first += group.len();
        first - group.len()..first
    };
    contexts.chunk_by(|a, b| a == b).map(range).collect()
}

/// One sentence is drawn for each context of the batch. Consecutive sentences of equal contexts are a group: baselines
/// compare them with each other.
impl<M: LanguageModel> Policy for M {
    type Context = [<M as LanguageModel>::Context];
    type Trace<'c>
        = SentenceTrace<M::Reading>
    where
        Self: 'c;
    type Gradient = <M as LanguageModel>::Gradient;

    fn sample<'c>(
        &'c self,
        contexts: &'c [<M as LanguageModel>::Context],
        stream: Stream,
    ) -> Episodes<SentenceTrace<M::Reading>> {
        observe(self, contexts, LanguageModel::draw(self, contexts, stream))
    }

    fn backward(
        &self,
        contexts: &[<M as LanguageModel>::Context],
        episodes: &Episodes<SentenceTrace<M::Reading>>,
        weights: ArrayView2<'_, f32>,
    ) -> <M as LanguageModel>::Gradient {
        LanguageModel::gradient(self, contexts, &episodes.trace.sentences, weights, None).gradient
    }

    /// One token is drawn in a state, so the variance is bounded by the second moment
    /// `Σ w² (‖π‖² − 2 π_a + 1)`, which is returned.
    fn spread(
        &self,
        episodes: &Episodes<SentenceTrace<M::Reading>>,
        weights: ArrayView2<'_, f32>,
    ) -> (f64, f64) {
        let SentenceTrace { sentences, reading } = &episodes.trace;
        let places = places(sentences);
        let count = places.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let places = &places[part * CHUNK..count.min((part + 1) * CHUNK)];
            let (mut entropy, mut moment) = (0.0, 0.0);
            for (choice, &place) in self.choices(reading, sentences, places).iter().zip(places) {
                entropy += choice.entropy;
                let norm = choice.collision - 2.0 * f64::from(choice.log_probability).exp() + 1.0;
                moment += f64::from(weights[place]).powi(2) * norm;
            }
            (entropy, moment)
        });
        let (entropy, moment) = parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        (entropy / count.max(1) as f64, moment)
    }

    fn states(&self, episodes: &Episodes<SentenceTrace<M::Reading>>) -> Option<Array3<f32>> {
        self.critic_states(&episodes.trace.reading, &episodes.trace.sentences)
    }
}
