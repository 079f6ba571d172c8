//! Relaxed answers of an encoder–decoder, and the gradient back through them.

use std::ops::Range;

use ndarray::{Array2, Axis, concatenate};

use super::decoder::Decoded;
use super::{EncoderDecoder, Encoding};
use crate::data::pairs::Source;
use crate::nn::{Embedding, Parameters as _, Ragged};
use crate::text::models::LanguageModel;
use crate::text::models::relaxed::{
    RelaxedGradient, RelaxedLane, RelaxedModel, RelaxedSentences, RelaxedStep, Relaxing, draw_steps,
    read_backward, read_relaxed, sum_of_lanes,
};

/// Answers that a part of a batch drew, with what their backward pass needs.
struct Drawn {
    relaxed: RelaxedSentences,
    encoding: Encoding,
    decoded: Vec<Decoded>, // one a step
    entropy: f64,          // summed over live tokens
}

impl RelaxedModel for EncoderDecoder {
    fn draw_relaxed(&self, contexts: &[Source], rule: Relaxing) -> RelaxedSentences {
        self.relaxed(contexts, 0..contexts.len(), rule).relaxed
    }

    fn relaxed_gradient(
        &self,
        contexts: &[Source],
        rule: Relaxing,
        judge: impl Fn(&RelaxedSentences) -> RelaxedGradient + Sync,
    ) -> (Self, RelaxedStep) {
        sum_of_lanes(contexts.len(), self.zeros_like(), |rows| {
            let drawn = self.relaxed(contexts, rows, rule);
            let judged = judge(&drawn.relaxed);
            let (entropy, tokens) = (drawn.entropy, drawn.relaxed.sentences.token_count());
            let gradient = self.backward_relaxed(drawn, judged.steps);
            RelaxedLane { gradient, judgements: judged.judgements, entropy, tokens }
        })
    }
}

impl EncoderDecoder {
    /// Draws relaxed answers to the sources `rows` of `contexts`.
    fn relaxed(&self, contexts: &[Source], rows: Range<usize>, rule: Relaxing) -> Drawn {
        let (batch, decoder) = (rows.len(), &self.layers.decoder);
        let encoding = self.encode(contexts[rows.clone()].iter());
        let sources = encoding.sources(&encoding.of);
        let mut state = encoding.encoded.last.select(&encoding.of);
        let mut decoded: Vec<Decoded> = vec![];
        let (relaxed, entropy) = draw_steps(self.limits(), (rule.rngs(rows), rule), |last| {
            let mut x = match last {
                None => self.embedding.forward(&vec![self.shape.start; batch]),
                Some(last) => read_relaxed(&self.embedding, last, rule.relaxation),
            };
            if decoder.input_feeding {
                let first = || Array2::zeros((batch, self.shape.hidden));
                let fed = decoded.last().map_or_else(first, |before| before.outputs.clone());
                x = concatenate(Axis(1), &[x.view(), fed.view()]).expect("one row an answer");
            }
            let here = decoder.forward_unfed(x, &Ragged::even(batch, 1), &state, &sources);
            state = here.states();
            let logits = self.layers.projection.logits(here.outputs.view());
            decoded.push(here);
            logits
        });
        Drawn { relaxed, encoding, decoded, entropy }
    }

    /// Returns the gradient of a loss whose gradient at the soft draws is `d_steps`, `[B, V]` each.
    fn backward_relaxed(&self, drawn: Drawn, mut d_steps: Vec<Array2<f32>>) -> Self {
        let Drawn { relaxed: RelaxedSentences { steps, relaxation, sentences }, encoding, decoded, .. } =
            drawn;
        let mut gradient = self.zeros_like();
        let layers = &mut gradient.layers;
        let (sources, layout) = (encoding.sources(&encoding.of), Ragged::even(sentences.len(), 1));
        let mut d_memory = encoding.no_gradient();
        let mut d_state = self.layers.decoder.recurrent.start(sentences.len());
        let mut d_fed: Option<Array2<f32>> = None;
        for (step, here) in decoded.iter().enumerate().rev() {
            let d_logits = steps[step].backward(d_steps.pop().expect("one gradient a step"));
            let projection = &self.layers.projection;
            let mut d_output =
                projection.backward_logits(here.outputs.view(), d_logits.view(), &mut layers.projection);
            d_fed.iter().for_each(|d_fed| d_output += d_fed);
            let pass = (here, &layout, &sources);
            let d_x;
            (d_x, d_state) = self.layers.decoder.backward_unfed(
                pass,
                d_output,
                Some(&d_state),
                &mut d_memory,
                &mut layers.decoder,
            );
            let (d_read, d_before) = d_x.view().split_at(Axis(1), self.shape.embedding);
            d_fed = self.layers.decoder.input_feeding.then(|| d_before.to_owned());
            let d_read = d_read.as_standard_layout();
            match step.checked_sub(1) {
                None => {
                    let starts = vec![self.shape.start; sentences.len()];
                    Embedding::backward(&starts, d_read.view(), &mut gradient.embedding);
                }
                Some(before) => {
                    let read = (&steps[before], relaxation);
                    d_steps[before] +=
                        &read_backward(&self.embedding, read, d_read.view(), &mut gradient.embedding);
                }
            }
        }
        let d_sources = self.encoder_backward((&encoding, &encoding.of), d_memory, &d_state, layers);
        let d_vectors = gradient.source_embedding.as_mut().unwrap_or(&mut gradient.embedding);
        Embedding::backward(&encoding.reading.tokens, d_sources.view(), d_vectors);
        gradient
    }
}
