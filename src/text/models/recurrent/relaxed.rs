//! Relaxed sentences of a recurrent model, and the gradient back through them.

use ndarray::{Array2, ArrayView2};

use super::RecurrentModel;
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::nn::{Embedding, Parameters as _, Ragged, RecurrentCache, State};
use crate::pathwise::{Relaxation, RelaxedDraws};
use crate::seed::Rng;
use crate::text::models::language_model::Choice;
use crate::text::models::relaxed::{RelaxedGradient, RelaxedModel, RelaxedSentences, RelaxedStep, Relaxing};

/// Parts of a batch with a gradient of their own; the sum is taken in their order.
const LANES: usize = 4;

/// Sentences that a part of a batch drew, with what their backward pass needs.
struct Drawn {
    relaxed: RelaxedSentences,
    caches: Vec<RecurrentCache>, // one a step
    entropy: f64,                // summed over live tokens
}

impl RelaxedModel for RecurrentModel {
    fn draw_relaxed(&self, contexts: &[()], rule: Relaxing) -> RelaxedSentences {
        let rngs = (0..contexts.len() as u64).map(|row| rule.stream.at(row).rng()).collect();
        self.relaxed(rngs, rule).relaxed
    }

    fn relaxed_gradient(
        &self,
        contexts: &[()],
        rule: Relaxing,
        judge: impl Fn(&RelaxedSentences) -> RelaxedGradient + Sync,
    ) -> (Self, RelaxedStep) {
        let count = contexts.len();
        let size = count.div_ceil(LANES).max(1);
        let parts = ordered_map(count.div_ceil(size), |lane| {
            let rows = lane * size..count.min((lane + 1) * size);
            let rngs = rows.map(|row| rule.stream.at(row as u64).rng()).collect();
            let drawn = self.relaxed(rngs, rule);
            let judged = judge(&drawn.relaxed);
            let tokens = drawn.relaxed.sentences.token_count();
            (self.backward_relaxed(&drawn, judged.steps), judged.judgements, drawn.entropy, tokens)
        });
        let (mut sum, mut step, mut tokens) = (self.zeros_like(), RelaxedStep::default(), 0);
        for (gradient, judgements, entropy, count) in parts {
            sum.add(&gradient);
            step.judgements.extend(judgements);
            step.entropy += entropy;
            tokens += count;
        }
        step.entropy /= tokens.max(1) as f64;
        (sum, step)
    }
}

impl RecurrentModel {
    /// Draws one relaxed sentence by each of `rngs: [B]`.
    fn relaxed(&self, mut rngs: Vec<Rng>, rule: Relaxing) -> Drawn {
        let (batch, end) = (rngs.len(), self.shape.end);
        let mut tokens = Array2::zeros((batch, self.shape.steps));
        let mut lengths = vec![self.shape.steps as u32; batch];
        let mut ended = vec![false; batch];
        let (mut steps, mut caches, mut entropy): (Vec<RelaxedDraws>, Vec<_>, f64) = (vec![], vec![], 0.0);
        let mut state = self.recurrent.start(batch);
        for step in 0..self.shape.steps {
            let inputs = match steps.last() {
                None => self.embedding.forward(&vec![self.shape.start; batch]),
                Some(last) => self.read_relaxed(last, rule.relaxation),
            };
            let cache = self.recurrent.forward_from(inputs, Ragged::even(batch, 1), &state, None);
            state = cache.last();
            let logits = self.projection.logits(cache.hidden());
            entropy += entropies(&logits, &ended);
            let draws = RelaxedDraws::new(logits, rule.temperature, &mut rngs);
            for (row, &token) in draws.tokens().iter().enumerate().filter(|(row, _)| !ended[*row]) {
                tokens[[row, step]] = token;
                if Some(token) == end {
                    lengths[row] = step as u32 + 1;
                }
            }
            ended.iter_mut().zip(draws.tokens()).for_each(|(ended, token)| *ended |= Some(*token) == end);
            steps.push(draws);
            caches.push(cache);
            if ended.iter().all(|ended| *ended) {
                break;
            }
        }
        let sentences = Sequences::new(tokens, lengths);
        Drawn { relaxed: RelaxedSentences { sentences, steps, relaxation: rule.relaxation }, caches, entropy }
    }

    /// Returns the vectors of draws as the next step reads them: `[B, E]`.
    fn read_relaxed(&self, draws: &RelaxedDraws, relaxation: Relaxation) -> Array2<f32> {
        match relaxation {
            Relaxation::StraightThrough => self.embedding.forward(draws.tokens()),
            Relaxation::Soft => self.embedding.mix(draws.soft()),
        }
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
                    let d_parts = self.read_backward(&steps[before], *relaxation, d_x.view(), &mut gradient);
                    d_steps[before] += &d_parts;
                }
            }
        }
        gradient
    }

    /// Returns the gradient at soft draws, `[B, V]`, from that at the vectors that were read of them, `d_x: [B, E]`.
    fn read_backward(
        &self,
        draws: &RelaxedDraws,
        relaxation: Relaxation,
        d_x: ArrayView2<'_, f32>,
        gradient: &mut Self,
    ) -> Array2<f32> {
        match relaxation {
            Relaxation::StraightThrough => Embedding::backward(draws.tokens(), d_x, &mut gradient.embedding),
            Relaxation::Soft => Embedding::backward_mixtures(draws.soft(), d_x, &mut gradient.embedding),
        }
        self.embedding.backward_parts(d_x)
    }
}

/// Returns the summed entropy of the distributions of rows that have not `ended`, in nats; `logits: [B, V]`.
fn entropies(logits: &Array2<f32>, ended: &[bool]) -> f64 {
    let live = logits.rows().into_iter().zip(ended).filter(|(_, ended)| !**ended);
    let of_row = |(row, _): (ndarray::ArrayView1<'_, f32>, &bool)| {
        let mut log_p = row.to_vec();
        simd::log_softmax(&mut log_p);
        Choice::of(&log_p, 0).entropy
    };
    live.map(of_row).sum()
}
