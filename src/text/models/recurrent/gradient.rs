//! Gradient of the weighted log-likelihood of sentences under a recurrent model.
//!
//! Maximum likelihood is the policy gradient with weight 1 on the observed tokens, so both go through
//! [`RecurrentModel::gradient`].

use ndarray::{Array2, ArrayView2, Axis, s};

use super::RecurrentModel;
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::nn::{Embedding, Parameters as _, dropout_mask};
use crate::seed::{Rng, Stream};
use crate::text::models::language_model::LikelihoodGradient;
use crate::text::models::places::{places, time_major, trimmed};

/// Parts of a batch with a gradient of their own; the sum is taken in their order.
const LANES: usize = 4;

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
        let count = sentences.len();
        let size = count.div_ceil(LANES).max(1);
        let parts = ordered_map(count.div_ceil(size), |lane| {
            let rows: Vec<usize> = (lane * size..count.min((lane + 1) * size)).collect();
            let rng = dropout.map(|(share, stream)| (share, stream.at(lane as u64).rng()));
            self.lane(&sentences.select(&rows), weights.slice(s![rows[0]..rows[0] + rows.len(), ..]), rng)
        });
        let mut sum: Option<LikelihoodGradient<Self>> = None;
        let mut embedded = vec![];
        for (inputs, d_x, part) in parts {
            embedded.push((inputs, d_x));
            match &mut sum {
                None => sum = Some(part),
                Some(sum) => {
                    sum.loss += part.loss;
                    sum.gradient.recurrent.add(&part.gradient.recurrent);
                    sum.gradient.projection.add(&part.gradient.projection);
                }
            }
        }
        let mut sum = sum.unwrap_or_else(|| LikelihoodGradient { gradient: self.zeros_like(), loss: 0.0 });
        for (inputs, d_x) in embedded {
            Embedding::backward(&inputs, d_x.view(), &mut sum.gradient.embedding);
        }
        sum
    }

    /// Returns the gradient of one part of a batch: that of the embedding as tokens and rows, and that of the rest.
    fn lane(
        &self,
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        mut dropout: Option<(f32, Rng)>,
    ) -> (Vec<u32>, Array2<f32>, LikelihoodGradient<Self>) {
        let batch = sentences.len();
        let tokens = trimmed(sentences);
        let inputs = self.inputs(tokens);
        let mut x = self.embedding.forward(&inputs);
        let mut mask = |shape| dropout.as_mut().map(|(share, rng)| dropout_mask(shape, 1.0 - *share, rng));
        let (x_mask, h_mask) = (mask(x.dim()), mask((x.nrows(), self.shape.hidden)));
        x_mask.iter().for_each(|mask| x *= mask);
        let cache = self.recurrent.forward(x, batch);
        let mut places = places(sentences);
        places.retain(|&(row, step)| weights[[row, step]] != 0.0);
        let rows = time_major(&places, batch);
        let mut hidden = cache.hidden().select(Axis(0), &rows);
        let h_mask = h_mask.map(|mask| mask.select(Axis(0), &rows));
        h_mask.iter().for_each(|mask| hidden *= mask);
        let actions: Vec<u32> = places.iter().map(|&place| tokens[place]).collect();
        let of_place: Vec<f32> = places.iter().map(|&at| weights[at]).collect();
        let mut gradient = self.zeros_like();
        let (log_probabilities, mut d_chosen) =
            self.projection.backward(hidden.view(), &actions, &of_place, &mut gradient.projection);
        h_mask.iter().for_each(|mask| d_chosen *= mask);
        let mut d_hidden = Array2::zeros(cache.hidden().raw_dim());
        for (d, &row) in d_chosen.rows().into_iter().zip(&rows) {
            d_hidden.row_mut(row).assign(&d);
        }
        let mut d_x = self.recurrent.backward(&cache, d_hidden.view(), &mut gradient.recurrent);
        x_mask.iter().for_each(|mask| d_x *= mask);
        let loss = of_place.iter().zip(&log_probabilities).map(|(&w, &l)| -f64::from(w) * f64::from(l)).sum();
        (inputs, d_x, LikelihoodGradient { gradient, loss })
    }
}
