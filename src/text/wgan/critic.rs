//! Critic of lines: the mirror image of the generator, with the exact gradient of its loss and of the penalty on its slopes.

use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, Axis, concatenate, s};

use super::config::{CriticConfig, Objective};
use super::generator::{flat, flat_view};
use crate::game::Divergence;
use crate::math::gemm;
use crate::nn::{Initializer, Linear, Parameters as _, PreparedStack, ResidualStack, impl_parameters};
use crate::pathwise::{Penalty, gradient_penalty};
use crate::seed::Rng;

/// Network from lines of soft tokens to a number, the larger the more real.
#[derive(Clone, Debug, PartialEq)]
pub struct Critic {
    input: Linear, // [V, C]
    stack: ResidualStack,
    output: Linear, // [T · C, 1]
    steps: usize,
}

impl_parameters!(Critic { "input": input, "blocks": stack, "output": output });

/// Lines of a step of the critic.
#[derive(Clone, Copy, Debug)]
pub struct CriticBatch<'a> {
    /// Classes of the tokens of real lines: `[B, T]`.
    pub real: ArrayView2<'a, u32>,
    /// Generated lines: `[B, T, V]`.
    pub drawn: ArrayView3<'a, f32>,
    /// Share of the real line in the mixture at which each pair's slope is taken, ε: `[B]`; empty without a penalty.
    pub mixture: &'a [f32],
}

/// Numbers of a step of the critic: means over its batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CriticStatistics {
    /// Estimate of the divergence: `E D(real) − E D(drawn)`, or of the ordinary objective log 2 less half of its loss.
    pub estimate: f64,
    /// Penalty on the slopes, its weight included.
    pub penalty: f64,
    /// Slope at the mixtures, `‖∇ₓD‖₂`.
    pub slope: f64,
}

impl Critic {
    /// Makes a critic of lines of `steps` tokens of a vocabulary of `vocabulary`.
    pub fn new(config: &CriticConfig, steps: usize, vocabulary: usize, rng: &mut Rng) -> Self {
        let CriticConfig { channels, blocks, .. } = *config;
        let input = Linear::new(vocabulary, channels, Initializer::Xavier, rng);
        let stack = ResidualStack::new(blocks, channels, Initializer::He, rng);
        Self { input, stack, output: Linear::new(steps * channels, 1, Initializer::Xavier, rng), steps }
    }

    /// Returns the scores of generated lines `[B, T, V]`.
    pub fn scores(&self, lines: ArrayView3<'_, f32>) -> Array1<f32> {
        self.scores_of(self.read(lines))
    }

    /// Returns the scores of real lines `[B, T]`, given by the classes of their tokens.
    pub fn scores_of_real(&self, lines: ArrayView2<'_, u32>) -> Array1<f32> {
        self.scores_of(self.read_real(lines))
    }

    fn scores_of(&self, hidden: Array3<f32>) -> Array1<f32> {
        let hidden = self.lines(self.stack.prepare().predict(hidden));
        self.output.forward(hidden.view()).column(0).to_owned()
    }

    /// Returns the first channels of soft lines: `[B, T, C]`.
    fn read(&self, lines: ArrayView3<'_, f32>) -> Array3<f32> {
        let (batch, steps, _) = lines.dim();
        let hidden = self.input.forward(flat_view(&lines));
        hidden.into_shape_with_order((batch, steps, self.input.dim().1)).expect("C channels a position")
    }

    /// Returns the first channels of real lines, rows of the first weight: `[B, T, C]`.
    fn read_real(&self, lines: ArrayView2<'_, u32>) -> Array3<f32> {
        let (weight, bias) = (self.input.weight(), self.input.bias());
        let mut hidden = Array3::zeros((lines.nrows(), lines.ncols(), self.input.dim().1));
        for ((b, t), &class) in lines.indexed_iter() {
            hidden.slice_mut(s![b, t, ..]).assign(&(&weight.row(class as usize) + &bias));
        }
        hidden
    }

    /// Arranges channels as one row a line: `[B, T · C]`.
    fn lines(&self, hidden: Array3<f32>) -> Array2<f32> {
        let batch = hidden.dim().0;
        hidden.into_shape_with_order((batch, self.output.dim().0)).expect("T · C channels a line")
    }

    fn channels(&self, lines: Array2<f32>) -> Array3<f32> {
        let shape = (lines.nrows(), self.steps, self.input.dim().1);
        lines.into_shape_with_order(shape).expect("T · C channels a line")
    }

    /// Returns the gradient of the critic's loss, with the penalty of weight `weight` where the batch has mixtures.
    pub fn gradient(
        &self,
        batch: CriticBatch<'_>,
        objective: Objective,
        weight: f32,
    ) -> (Self, CriticStatistics) {
        let stack = self.stack.prepare();
        let mut gradient = self.zeros_like();
        let (real, drawn) = (self.read_real(batch.real), self.read(batch.drawn));
        let mut found = CriticStatistics::default();
        if !batch.mixture.is_empty() {
            let mixed = mixed(&real, &drawn, batch.mixture);
            (found.penalty, found.slope) = self.add_penalty(&stack, mixed, weight, &mut gradient);
        }
        let both = concatenate(Axis(0), &[real.view(), drawn.view()]).expect("equal shapes");
        drop((real, drawn));
        let (hidden, cache) = stack.forward(both);
        let hidden = self.lines(hidden);
        let scores = self.output.forward(hidden.view());
        let mut d_scores = Array2::zeros(scores.raw_dim());
        found.estimate = loss(&scores, objective, &mut d_scores);
        self.output.backward_parameters(hidden.view(), d_scores.view(), &mut gradient.output);
        let d_hidden = self.channels(self.output.backward_input(d_scores.view()));
        let d_input = stack.backward(&cache, d_hidden, &mut gradient.stack);
        self.add_input_gradient(batch, &d_input, &mut gradient);
        (gradient, found)
    }

    /// Adds the gradient of the first layer by that of its outputs, `[2B, T, C]`, real lines first.
    fn add_input_gradient(&self, batch: CriticBatch<'_>, d_hidden: &Array3<f32>, gradient: &mut Self) {
        let count = batch.real.nrows();
        let drawn = d_hidden.slice(s![count.., .., ..]);
        self.input.backward_parameters(flat_view(&batch.drawn), flat_view(&drawn), &mut gradient.input);
        gradient
            .input
            .add_rows_gradient(batch.real.iter().copied(), flat_view(&d_hidden.slice(s![..count, .., ..])));
    }

    /// Adds the gradient of the penalty at `mixed: [B, T, C]`, the first channels of mixtures of lines; returns the penalty and
    /// the mean slope.
    fn add_penalty(
        &self,
        stack: &PreparedStack<'_>,
        mixed: Array3<f32>,
        weight: f32,
        gradient: &mut Self,
    ) -> (f64, f64) {
        let (_, cache) = stack.forward(mixed);
        let batch = cache.batch();
        let ones = Array2::ones((batch, 1));
        let (d_hidden, slopes) = stack.slopes(&cache, self.channels(self.output.backward_input(ones.view())));
        let d_hidden = flat(d_hidden);
        let slope = self.input.backward_input(d_hidden.view()); // g: [B · T, V]
        let Penalty { value, slope, direction } = gradient_penalty(slope, batch, weight);
        gradient.input.add_weight_gradient(direction.view(), d_hidden.view());
        let moved = self.channels_of(gemm::matmul(direction.view(), self.input.weight()));
        let moved = self.lines(stack.derivative(&cache, &slopes, moved, &mut gradient.stack));
        gradient.output.add_weight_gradient(moved.view(), ones.view());
        (value, slope)
    }

    fn channels_of(&self, rows: Array2<f32>) -> Array3<f32> {
        let shape = (rows.nrows() / self.steps, self.steps, rows.ncols());
        rows.into_shape_with_order(shape).expect("whole lines")
    }

    /// Returns the gradient of the generator's loss at its lines, `[B, T, V]`, and the mean score.
    pub fn gradient_at_input(&self, drawn: ArrayView3<'_, f32>, objective: Objective) -> (Array3<f32>, f64) {
        let stack = self.stack.prepare();
        let (batch, steps, vocabulary) = drawn.dim();
        let (hidden, cache) = stack.forward(self.read(drawn));
        let scores = self.output.forward(self.lines(hidden).view());
        let slope = |score: f32| match objective {
            Objective::Wgan => -1.0,
            Objective::Gan => Divergence::LOGISTIC.derivative(score, true),
        };
        let d_scores = scores.mapv(|score| slope(score) / batch as f32);
        let d_hidden = self.channels(self.output.backward_input(d_scores.view()));
        let d_input = flat(stack.slopes(&cache, d_hidden).0);
        let d = self.input.backward_input(d_input.view());
        let d = d.into_shape_with_order((batch, steps, vocabulary)).expect("V values a position");
        (d, mean(scores.iter()))
    }
}

/// Returns `ε real + (1 − ε) drawn`, which the first layer keeps: it is affine, and the shares sum to 1.
fn mixed(real: &Array3<f32>, drawn: &Array3<f32>, mixture: &[f32]) -> Array3<f32> {
    let mut mixed = drawn.clone();
    for ((mut mixed, real), &share) in mixed.outer_iter_mut().zip(real.outer_iter()).zip(mixture) {
        mixed.zip_mut_with(&real, |mixed, real| *mixed += share * (real - *mixed));
    }
    mixed
}

/// Returns the estimate of the divergence by `scores: [2B, 1]`, real lines first, and writes the derivatives of the loss.
fn loss(scores: &Array2<f32>, objective: Objective, d_scores: &mut Array2<f32>) -> f64 {
    let count = scores.nrows() / 2;
    let (real, drawn) = scores.view().split_at(Axis(0), count);
    match objective {
        Objective::Wgan => {
            for (place, d) in d_scores.iter_mut().enumerate() {
                *d = if place < count { -1.0 } else { 1.0 } / count as f32;
            }
            mean(real.iter()) - mean(drawn.iter())
        }
        Objective::Gan => {
            let labels: Vec<bool> = (0..2 * count).map(|place| place < count).collect();
            let slices = (scores.as_slice().expect("a column"), d_scores.as_slice_mut().expect("a column"));
            let loss = Divergence::LOGISTIC.of_each(slices.0, &labels, slices.1) / count as f64;
            d_scores.mapv_inplace(|d| d / count as f32);
            estimate_of_loss(loss)
        }
    }
}

/// Returns the bound on the Jensen–Shannon divergence that a logistic `loss`, −E log σ(real) − E log(1 − σ(drawn)), gives.
fn estimate_of_loss(loss: f64) -> f64 {
    std::f64::consts::LN_2 - loss / 2.0
}

/// Returns the estimate of the divergence by the scores of real and drawn lines.
pub(super) fn estimate(real: &Array1<f32>, drawn: &Array1<f32>, objective: Objective) -> f64 {
    let scores = |part: &Array1<f32>| part.to_vec();
    match objective {
        Objective::Wgan => mean(real.iter()) - mean(drawn.iter()),
        Objective::Gan => {
            let of = |scores: Vec<f32>, label: bool| {
                let (labels, mut unused) = (vec![label; scores.len()], vec![0.0; scores.len()]);
                Divergence::LOGISTIC.of_each(&scores, &labels, &mut unused) / scores.len().max(1) as f64
            };
            estimate_of_loss(of(scores(real), true) + of(scores(drawn), false))
        }
    }
}

fn mean<'a>(values: impl ExactSizeIterator<Item = &'a f32>) -> f64 {
    let count = values.len().max(1) as f64;
    values.map(|&value| f64::from(value)).sum::<f64>() / count
}
