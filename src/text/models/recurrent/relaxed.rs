//! Relaxed sentences of a recurrent model, and the gradient back through them.

use std::ops::Range;

use ndarray::Array2;

use super::RecurrentModel;
use crate::nn::{Embedding, Parameters as _, Ragged, RecurrentCache, State};
use crate::text::models::LanguageModel;
use crate::text::models::relaxed::{
    RelaxedGradient, RelaxedLane, RelaxedModel, RelaxedSentences, RelaxedStep, Relaxing, draw_steps,
    read_backward, read_relaxed, sum_of_lanes,
};

/// Sentences that a part of a batch drew, with what their backward pass needs.
struct Drawn {
    relaxed: RelaxedSentences,
    caches: Vec<RecurrentCache>, // one a step
    entropy: f64,                // summed over live tokens
}

impl RelaxedModel for RecurrentModel {
    fn draw_relaxed(&self, contexts: &[()], rule: Relaxing) -> RelaxedSentences {
        self.relaxed(0..contexts.len(), rule).relaxed
    }

    fn relaxed_gradient(
        &self,
        contexts: &[()],
        rule: Relaxing,
        judge: impl Fn(&RelaxedSentences) -> RelaxedGradient + Sync,
    ) -> (Self, RelaxedStep) {
        sum_of_lanes(contexts.len(), self.zeros_like(), |rows| {
            let drawn = self.relaxed(rows, rule);
            let judged = judge(&drawn.relaxed);
            RelaxedLane {
                gradient: self.backward_relaxed(&drawn, judged.steps),
                judgements: judged.judgements,
                entropy: drawn.entropy,
                tokens: drawn.relaxed.sentences.token_count(),
            }
        })
    }
}

impl RecurrentModel {
    /// Draws the relaxed sentences `rows` of a batch.
    fn relaxed(&self, rows: Range<usize>, rule: Relaxing) -> Drawn {
        let batch = rows.len();
        let (mut state, mut caches) = (self.recurrent.start(batch), vec![]);
        let (relaxed, entropy) = draw_steps(self.limits(), (rule.rngs(rows), rule), |last| {
            let x = match last {
                None => self.embedding.forward(&vec![self.shape.start; batch]),
                Some(last) => read_relaxed(&self.embedding, last, rule.relaxation),
            };
            let cache = self.recurrent.forward_from(x, Ragged::even(batch, 1), &state, None);
            state = cache.last();
            let logits = self.projection.logits(cache.hidden());
            caches.push(cache);
            logits
        });
        Drawn { relaxed, caches, entropy }
    }

    /// Returns the gradient of a loss whose gradient at the soft draws is `d_steps`, `[B, V]` each.
    fn backward_relaxed(&self, drawn: &Drawn, mut d_steps: Vec<Array2<f32>>) -> Self {
        let mut gradient = self.zeros_like();
        let RelaxedSentences { steps, relaxation, sentences } = &drawn.relaxed;
        let mut d_state: Option<State> = None;
        for (step, cache) in drawn.caches.iter().enumerate().rev() {
            let d_logits = steps[step].backward(d_steps.pop().expect("one gradient a step"));
            let d_hidden =
                self.projection.backward_logits(cache.hidden(), d_logits.view(), &mut gradient.projection);
            let recurrent = &mut gradient.recurrent;
            let (d_x, d_before) =
                self.recurrent.backward_from(cache, d_hidden.view(), d_state.as_ref(), None, recurrent);
            d_state = Some(d_before);
            match step.checked_sub(1) {
                None => {
                    let starts = vec![self.shape.start; sentences.len()];
                    Embedding::backward(&starts, d_x.view(), &mut gradient.embedding);
                }
                Some(before) => {
                    let read = (&steps[before], *relaxation);
                    d_steps[before] +=
                        &read_backward(&self.embedding, read, d_x.view(), &mut gradient.embedding);
                }
            }
        }
        gradient
    }
}
