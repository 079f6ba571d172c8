//! Gradient of the weighted log-likelihood of answers, through decoder and encoder.

use ndarray::{Array2, ArrayView2, Axis};

use super::answers::Answers;
use super::decoder::Decoded;
use super::sources::{Distinct, Reading};
use super::{EncoderDecoder, Encoding, Layers};
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::nn::{Embedding, MemoryGradient, Parameters as _, State, dropout_mask};
use crate::seed::{Rng, Stream};
use crate::text::models::language_model::LikelihoodGradient;

/// Parts of a batch with a gradient of their own; the sum is taken in their order.
const LANES: usize = 4;

/// Gradient of one part of a batch: that of embeddings as tokens and rows, and that of the rest.
struct LaneGradient {
    sources: (Vec<u32>, Array2<f32>),
    inputs: (Vec<u32>, Array2<f32>),
    layers: Layers,
    loss: f64,
}

/// Masks of dropout of one part of a batch, or nothing.
struct Dropout(Option<(f32, Rng)>);

impl Dropout {
    /// Drops values of `x` and returns the mask.
    fn apply(&mut self, x: &mut Array2<f32>) -> Option<Array2<f32>> {
        let (share, rng) = self.0.as_mut()?;
        let mask = dropout_mask(x.dim(), 1.0 - *share, rng);
        *x *= &mask;
        Some(mask)
    }
}

impl EncoderDecoder {
    /// Returns the gradient of `−Σ w log π(token | prefix, source)` and that sum; `weights: [B, T]`.
    ///
    /// With `dropout = (share, stream)` that share of the vectors of tokens on both sides and of the vectors that the
    /// output layer gets is dropped, drawn from the stream. A source that comes more than once in a part of the batch is
    /// encoded once. The decoder reads the tokens of `read`, which may be the answers.
    pub(super) fn likelihood_gradient(
        &self,
        contexts: &[Source],
        (read, answers): (&Sequences, &Sequences),
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self> {
        let count = answers.len();
        let size = count.div_ceil(LANES).max(1);
        let parts = ordered_map(count.div_ceil(size), |lane| {
            let rows: Vec<usize> = (lane * size..count.min((lane + 1) * size)).collect();
            let dropout = dropout.map(|(share, stream)| (share, stream.at(lane as u64).rng()));
            let contexts: Vec<&Source> = rows.iter().map(|&row| &contexts[row]).collect();
            let weights = weights.select(Axis(0), &rows);
            let here = (&read.select(&rows), &answers.select(&rows));
            self.lane(&contexts, here, weights.view(), Dropout(dropout))
        });
        self.sum(parts)
    }

    /// Adds up the gradients of the parts of a batch, in their order.
    fn sum(&self, parts: Vec<LaneGradient>) -> LikelihoodGradient<Self> {
        let mut embedding = self.embedding.zeros_like();
        let mut source_embedding = self.source_embedding.as_ref().map(Embedding::zeros_like);
        let mut layers: Option<Layers> = None;
        let mut loss = 0.0;
        for part in parts {
            let d_sources = source_embedding.as_mut().unwrap_or(&mut embedding);
            Embedding::backward(&part.sources.0, part.sources.1.view(), d_sources);
            Embedding::backward(&part.inputs.0, part.inputs.1.view(), &mut embedding);
            loss += part.loss;
            match &mut layers {
                None => layers = Some(part.layers),
                Some(sum) => sum.add(&part.layers),
            }
        }
        let layers = layers.unwrap_or_else(|| self.layers.zeros_like());
        let gradient = Self { shape: self.shape.clone(), embedding, source_embedding, layers };
        LikelihoodGradient { gradient, loss }
    }

    /// Returns the gradient of one part of a batch.
    fn lane(
        &self,
        contexts: &[&Source],
        (read, answers): (&Sequences, &Sequences),
        weights: ArrayView2<'_, f32>,
        mut dropout: Dropout,
    ) -> LaneGradient {
        let Distinct { sources, of } = Distinct::new(contexts.iter().copied());
        let reading = Reading::new(&self.shape, &sources);
        let mut x = self.source_vectors(&reading.tokens);
        let source_mask = dropout.apply(&mut x);
        let encoding = self.encoding(x, of, reading);

        let told = Answers::new(read.tokens(), &counted(answers, weights), self.shape.start);
        let mut x = self.embedding.forward(&told.inputs);
        let input_mask = dropout.apply(&mut x);
        let decoded = self.told(&encoding, &told, x);
        let mut outputs = decoded.outputs.clone();
        let output_mask = dropout.apply(&mut outputs);

        let mut layers = self.layers.zeros_like();
        let (loss, mut d_outputs) = self.output_gradient(&told, &outputs, answers, weights, &mut layers);
        output_mask.iter().for_each(|mask| d_outputs *= mask);
        let (mut d_sources, mut d_inputs) =
            self.both_sides(&encoding, (&told, &decoded), d_outputs, &mut layers);
        input_mask.iter().for_each(|mask| d_inputs *= mask);
        source_mask.iter().for_each(|mask| d_sources *= mask);
        let sources = (encoding.reading.tokens, d_sources);
        LaneGradient { sources, inputs: (told.inputs, d_inputs), layers, loss }
    }

    /// Returns the gradients at the vectors of the tokens of sources and of answers from that at the decoder's outputs.
    fn both_sides(
        &self,
        encoding: &Encoding,
        (told, decoded): (&Answers, &Decoded),
        d_outputs: Array2<f32>,
        gradient: &mut Layers,
    ) -> (Array2<f32>, Array2<f32>) {
        let of = encoding.of_answers(told);
        let sources = encoding.sources(&of);
        let mut d_memory = encoding.no_gradient();
        let pass = (decoded, &told.layout, &sources);
        let (d_inputs, d_initial) =
            self.layers.decoder.backward(pass, d_outputs, &mut d_memory, &mut gradient.decoder);
        (self.encoder_backward((encoding, &of), d_memory, &d_initial, gradient), d_inputs)
    }

    /// Returns the gradient at the vectors of the tokens of sources from that at what attention looks at, and at the states that
    /// answers to the sources `of: [B]` begin with.
    pub(super) fn encoder_backward(
        &self,
        (encoding, of): (&Encoding, &[usize]),
        mut d_memory: MemoryGradient,
        d_initial: &State,
        gradient: &mut Layers,
    ) -> Array2<f32> {
        let Layers { encoder, decoder, .. } = &self.layers;
        let values = &encoding.encoded.values;
        if let (Some(part), Some(into)) = (&decoder.attentional, &mut gradient.decoder.attentional) {
            part.attention.keys_backward(values.view(), &mut d_memory, &mut into.attention);
        }
        let d_last = gathered(d_initial, of, encoding.encoded.ranges.len());
        let d_values = d_memory.values.view();
        encoder.backward(self.shape.encoder, &encoding.encoded, d_values, &d_last, &mut gradient.encoder)
    }

    /// Returns the loss and its gradient at `outputs: [N, H]`; that at the output layer is added to `gradient`.
    fn output_gradient(
        &self,
        told: &Answers,
        outputs: &Array2<f32>,
        answers: &Sequences,
        weights: ArrayView2<'_, f32>,
        gradient: &mut Layers,
    ) -> (f64, Array2<f32>) {
        let rows: Vec<usize> =
            (0..told.places.len()).filter(|&row| weights[told.places[row]] != 0.0).collect();
        let actions: Vec<u32> = rows.iter().map(|&row| answers.tokens()[told.places[row]]).collect();
        let weights: Vec<f32> = rows.iter().map(|&row| weights[told.places[row]]).collect();
        let chosen = outputs.select(Axis(0), &rows);
        let projection = &self.layers.projection;
        let (log_probabilities, d_chosen) =
            projection.backward(chosen.view(), &actions, &weights, &mut gradient.projection);
        let loss = weights.iter().zip(&log_probabilities).map(|(&w, &l)| -f64::from(w) * f64::from(l)).sum();
        let mut d_outputs = Array2::zeros(outputs.raw_dim());
        for (d, &row) in d_chosen.rows().into_iter().zip(&rows) {
            d_outputs.row_mut(row).assign(&d);
        }
        (loss, d_outputs)
    }
}

/// Returns the tokens of every answer up to the last whose weight is not 0.
fn counted(answers: &Sequences, weights: ArrayView2<'_, f32>) -> Vec<usize> {
    let length = |(row, &length): (usize, &u32)| {
        let weights = weights.row(row);
        (0..length as usize).rev().find(|&step| weights[step] != 0.0).map_or(0, |step| step + 1)
    };
    answers.lengths().iter().enumerate().map(length).collect()
}

/// Adds the rows of a gradient at states to those of their sources, `of: [B]`.
fn gathered(d: &State, of: &[usize], sources: usize) -> State {
    let sum = |d: &Array2<f32>| {
        let mut out = Array2::zeros((sources, d.ncols()));
        for (d, &source) in d.rows().into_iter().zip(of) {
            out.row_mut(source).zip_mut_with(&d, |into, d| *into += d);
        }
        out
    };
    State { hidden: sum(&d.hidden), memory: sum(&d.memory) }
}
