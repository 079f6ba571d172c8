//! What a model's output layer says of states, which lie time-major: row `t · B + b` holds step t of sentence b.

use ndarray::{Array3, ArrayView2, Axis};

use super::language_model::{Choice, likeliest_of};
use super::places::time_major;
use crate::data::sentences::Sequences;
use crate::nn::Projection;

/// Measures the distributions that the tokens at `places`, (sentence, step), were chosen from, by `states: [T · B, H]`.
pub(super) fn choices(
    projection: &Projection,
    states: ArrayView2<'_, f32>,
    sentences: &Sequences,
    places: &[(usize, usize)],
) -> Vec<Choice> {
    let states = states.select(Axis(0), &time_major(places, sentences.len()));
    let tokens: Vec<u32> = places.iter().map(|&place| sentences.tokens()[place]).collect();
    let log_probabilities = projection.log_probabilities(states.view(), &tokens);
    let spread = projection.spread(states.view()).into_iter();
    let choice = |(spread, log_probability): (crate::nn::RowSpread, f32)| Choice {
        log_probability,
        entropy: spread.entropy,
        collision: spread.collision,
    };
    spread.zip(log_probabilities).map(choice).collect()
}

/// Returns the `count` likeliest next tokens of every row of `states: [B, H]`, likeliest first, with their `log π`.
pub(super) fn likeliest(
    projection: &Projection,
    states: ArrayView2<'_, f32>,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    match projection.is_wide() {
        true => projection.likeliest(states, count),
        false => likeliest_of(&projection.logits(states), count),
    }
}

/// Arranges `states: [T · B, H]` by sentence: `[B, T, H]`.
pub(super) fn by_sentence(states: ArrayView2<'_, f32>, sentences: &Sequences) -> Array3<f32> {
    let (batch, steps) = sentences.tokens().dim();
    let time_major = states.into_shape_with_order((steps, batch, states.ncols()));
    let by_sentence = time_major.expect("one state a choice").permuted_axes([1, 0, 2]);
    by_sentence.as_standard_layout().into_owned()
}
