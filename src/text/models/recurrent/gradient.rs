//! Gradient of the weighted log-likelihood of sentences under a recurrent model.
//!
//! Maximum likelihood is the policy gradient with weight 1 on the observed tokens, so both go through
//! [`RecurrentModel::gradient`].

use ndarray::{Array2, ArrayView2, Axis, s};

use super::RecurrentModel;
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::nn::{Embedding, Parameters as _, Projection, dropout_mask};
use crate::seed::{Rng, Stream};
use crate::text::models::language_model::LikelihoodGradient;
use crate::text::models::places::{places, time_major, trimmed};

/// Parts of a batch with a gradient of their own; the sum is taken in their order.
const LANES: usize = 4;

/// Part of a batch of sentences at the output layer.
pub(in crate::text) struct Lane<'a> {
    /// Number of its first sentence in the batch.
    pub first: usize,
    /// Sentences of this part.
    pub sentences: &'a Sequences,
    /// Places (sentence, step) of the choices that count, sentences counted from 0 in this part.
    pub places: &'a [(usize, usize)],
    /// States in which these choices were made: `[N, H]`.
    pub hidden: ArrayView2<'a, f32>,
}

impl Lane<'_> {
    /// Returns the tokens that were chosen: `[N]`.
    fn actions(&self) -> Vec<u32> {
        self.places.iter().map(|&place| self.sentences.tokens()[place]).collect()
    }

    /// Returns the values of a `[B, T]` array of the whole batch at the choices: `[N]`.
    fn values(&self, of_batch: ArrayView2<'_, f32>) -> Vec<f32> {
        self.places.iter().map(|&(row, step)| of_batch[[self.first + row, step]]).collect()
    }
}

impl RecurrentModel {
    /// Returns the gradient of `−Σ w log π(token | prefix)` and that sum; `weights: [B, T]`.
    ///
    /// A token of weight 0, and everything beyond a sentence's end, takes no part. With `dropout = (share, stream)` that
    /// share of the recurrent layer's inputs and outputs is dropped, drawn from the stream.
    pub fn gradient(
        &self,
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self> {
        self.gradient_reading(sentences, sentences, weights, dropout)
    }

    /// Returns the same gradient where other tokens than those of the `sentences` are read: `read`, with as many of each.
    pub(super) fn gradient_reading(
        &self,
        read: &Sequences,
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self> {
        let counts = |row, step| weights[[row, step]] != 0.0;
        let (gradient, losses) = self.gradient_by((read, sentences), dropout, counts, |lane, gradient| {
            let (actions, weights) = (lane.actions(), lane.values(weights));
            let (log_probabilities, d_hidden) =
                self.projection.backward(lane.hidden, &actions, &weights, gradient);
            let loss = weights.iter().zip(&log_probabilities).map(|(&w, &l)| -f64::from(w) * f64::from(l));
            (d_hidden, loss.sum::<f64>())
        });
        LikelihoodGradient { gradient, loss: losses.iter().sum() }
    }

    /// Returns the gradient of any loss of the choices that `counts`, by (sentence, step), names, with the findings of
    /// `output` in the order of the lanes; the tokens of `read`, which may be the sentences, are read before the choices.
    ///
    /// `output` gets every lane of the batch and returns the gradient of the loss at its states, `[N, H]`; it adds that
    /// at the output layer to the layer that it is given.
    pub(in crate::text) fn gradient_by<T: Send>(
        &self,
        (read, sentences): (&Sequences, &Sequences),
        dropout: Option<(f32, Stream)>,
        counts: impl Fn(usize, usize) -> bool + Sync,
        output: impl Fn(&Lane<'_>, &mut Projection) -> (Array2<f32>, T) + Sync,
    ) -> (Self, Vec<T>) {
        let count = sentences.len();
        let size = count.div_ceil(LANES).max(1);
        let parts = ordered_map(count.div_ceil(size), |lane| {
            let rows: Vec<usize> = (lane * size..count.min((lane + 1) * size)).collect();
            let rng = dropout.map(|(share, stream)| (share, stream.at(lane as u64).rng()));
            let here = (&read.select(&rows), &sentences.select(&rows));
            self.lane(here, rows[0], rng, &counts, &output)
        });
        let mut sum: Option<Self> = None;
        let (mut embedded, mut found) = (vec![], vec![]);
        for (inputs, d_x, part, finding) in parts {
            embedded.push((inputs, d_x));
            found.push(finding);
            match &mut sum {
                None => sum = Some(part),
                Some(sum) => {
                    sum.recurrent.add(&part.recurrent);
                    sum.projection.add(&part.projection);
                }
            }
        }
        let mut sum = sum.unwrap_or_else(|| self.zeros_like());
        for (inputs, d_x) in embedded {
            Embedding::backward(&inputs, d_x.view(), &mut sum.embedding);
        }
        (sum, found)
    }

    /// Returns the gradient of one part of a batch, whose first sentence is `first`: that of the embedding as tokens and
    /// rows, and that of the rest.
    fn lane<T>(
        &self,
        (read, sentences): (&Sequences, &Sequences),
        first: usize,
        mut dropout: Option<(f32, Rng)>,
        counts: impl Fn(usize, usize) -> bool,
        output: impl Fn(&Lane<'_>, &mut Projection) -> (Array2<f32>, T),
    ) -> (Vec<u32>, Array2<f32>, Self, T) {
        let batch = sentences.len();
        let longest = trimmed(sentences).ncols();
        let inputs = self.inputs(read.tokens().slice(s![.., ..longest]));
        let mut x = self.embedding.forward(&inputs);
        let mut mask = |shape| dropout.as_mut().map(|(share, rng)| dropout_mask(shape, 1.0 - *share, rng));
        let (x_mask, h_mask) = (mask(x.dim()), mask((x.nrows(), self.shape.hidden)));
        x_mask.iter().for_each(|mask| x *= mask);
        let cache = self.recurrent.forward(x, batch);
        let mut places = places(sentences);
        places.retain(|&(row, step)| counts(first + row, step));
        let rows = time_major(&places, batch);
        let mut hidden = cache.hidden().select(Axis(0), &rows);
        let h_mask = h_mask.map(|mask| mask.select(Axis(0), &rows));
        h_mask.iter().for_each(|mask| hidden *= mask);
        let mut gradient = self.zeros_like();
        let lane = Lane { first, sentences, places: &places, hidden: hidden.view() };
        let (mut d_chosen, finding) = output(&lane, &mut gradient.projection);
        h_mask.iter().for_each(|mask| d_chosen *= mask);
        let mut d_hidden = Array2::zeros(cache.hidden().raw_dim());
        for (d, &row) in d_chosen.rows().into_iter().zip(&rows) {
            d_hidden.row_mut(row).assign(&d);
        }
        let mut d_x = self.recurrent.backward(&cache, d_hidden.view(), &mut gradient.recurrent);
        x_mask.iter().for_each(|mask| d_x *= mask);
        (inputs, d_x, gradient, finding)
    }
}
