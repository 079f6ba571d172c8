//! Generator of lines: noise to `[T, C]`, residual blocks, and a distribution over tokens at each position.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

use super::config::{LineGeneratorConfig, NormalizationKind};
use super::lines::UNKNOWN_CLASS;
use crate::nn::{
    BatchNorm, Initializer, LayerNorm, Linear, Normalization, ResidualCache, ResidualStack, impl_parameters,
};
use crate::pathwise::{softmax_gradient, softmax_rows};
use crate::seed::{Rng, Stream};

/// Lines drawn at a time.
const CHUNK: usize = 256;

/// Network from noise to lines of soft tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct LineGenerator {
    input: Linear, // [Z, T · C]
    stack: ResidualStack,
    output: Linear, // [C, V]
    steps: usize,
}

impl_parameters!(LineGenerator { "input": input, "blocks": stack, "output": output });

/// Soft lines of a forward pass, and what the backward pass takes.
#[derive(Debug)]
pub struct SoftLines {
    /// Distribution over tokens at each position, y: `[B, T, V]`.
    pub soft: Array3<f32>,
    noise: Array2<f32>,  // [B, Z]
    hidden: Array2<f32>, // behind the blocks: [B · T, C]
    cache: ResidualCache,
}

impl LineGenerator {
    /// Makes a generator of lines of `steps` tokens of a vocabulary of `vocabulary`.
    pub fn new(config: &LineGeneratorConfig, steps: usize, vocabulary: usize, rng: &mut Rng) -> Self {
        let LineGeneratorConfig { channels, blocks, noise, normalization, .. } = *config;
        let input = Linear::new(noise, steps * channels, Initializer::He, rng);
        let stack = ResidualStack::new(blocks, channels, Initializer::He, rng);
        let stack = match normalization {
            NormalizationKind::None => stack,
            NormalizationKind::Layer => stack.normalized(&Normalization::Layer(LayerNorm::new(channels))),
            NormalizationKind::Batch => stack.normalized(&Normalization::Batch(BatchNorm::new(channels))),
        };
        Self { input, stack, output: Linear::new(channels, vocabulary, Initializer::Xavier, rng), steps }
    }

    /// Returns the number of tokens of a line, T.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Returns the number of tokens of the vocabulary, V.
    pub fn vocabulary(&self) -> usize {
        self.output.dim().1
    }

    /// Draws the noise of `count` lines: `[count, Z]`.
    pub fn noise(&self, count: usize, rng: &mut Rng) -> Array2<f32> {
        Initializer::Normal(1.0).sample((count, self.input.dim().0), 1, 1, rng)
    }

    fn first(&self, noise: ArrayView2<'_, f32>) -> Array3<f32> {
        let (batch, channels) = (noise.nrows(), self.output.dim().0);
        let x = self.input.forward(noise);
        x.into_shape_with_order((batch, self.steps, channels)).expect("T · C values a line")
    }

    fn distributions(&self, hidden: &Array2<f32>) -> Array3<f32> {
        let mut y = self.output.forward(hidden.view());
        softmax_rows(&mut y);
        let batch = y.nrows() / self.steps;
        let shape = (batch, self.steps, self.vocabulary());
        y.into_shape_with_order(shape).expect("V values a position")
    }

    /// Computes soft lines from `noise: [B, Z]`.
    pub fn forward(&self, noise: Array2<f32>) -> SoftLines {
        let (hidden, cache) = self.stack.prepare().forward(self.first(noise.view()));
        let hidden = flat(hidden);
        SoftLines { soft: self.distributions(&hidden), noise, hidden, cache }
    }

    /// Computes soft lines from `noise: [B, Z]` as outside training: `[B, T, V]`.
    pub fn predict(&self, noise: ArrayView2<'_, f32>) -> Array3<f32> {
        self.distributions(&flat(self.stack.prepare().predict(self.first(noise))))
    }

    /// Adds the gradient of the parameters by that at the soft lines, `d_soft: [B, T, V]`, to `gradient`.
    pub fn backward(&self, lines: &SoftLines, d_soft: Array3<f32>, gradient: &mut Self) {
        let d_logits = softmax_gradient(flat_view(&lines.soft.view()), flat(d_soft));
        self.output.backward_parameters(lines.hidden.view(), d_logits.view(), &mut gradient.output);
        let d_hidden = self.output.backward_input(d_logits.view());
        let shape = (d_hidden.nrows() / self.steps, self.steps, d_hidden.ncols());
        let d_hidden = d_hidden.into_shape_with_order(shape).expect("whole lines");
        let d_x = self.stack.prepare().backward(&lines.cache, d_hidden, &mut gradient.stack);
        let batch = d_x.dim().0;
        let d_x = d_x.into_shape_with_order((batch, self.input.dim().1)).expect("T · C values a line");
        self.input.backward_parameters(lines.noise.view(), d_x.view(), &mut gradient.input);
    }

    /// Moves what normalisations remember of batches towards that of `lines`.
    pub(super) fn remember(&mut self, lines: &SoftLines) {
        self.stack.remember(&lines.cache);
    }

    /// Writes `count` lines: the likeliest class of token at every position, unknown ones excepted, `[count, T]`.
    pub fn write(&self, count: usize, stream: Stream) -> Array2<u32> {
        let mut all = Array2::zeros((0, self.steps));
        for (chunk, first) in (0..count).step_by(CHUNK).enumerate() {
            let noise = self.noise(CHUNK.min(count - first), &mut stream.at(chunk as u64).rng());
            let soft = self.predict(noise.view());
            let rows = flat_view(&soft.view()).rows().into_iter().map(likeliest).collect();
            let lines = Array2::from_shape_vec((noise.nrows(), self.steps), rows).expect("T tokens a line");
            all.append(ndarray::Axis(0), lines.view()).expect("equal widths");
        }
        all
    }
}

/// Arranges positions of all lines as rows: `[B · T, _]`.
pub(super) fn flat(x: Array3<f32>) -> Array2<f32> {
    let (batch, steps, width) = x.dim();
    x.into_shape_with_order((batch * steps, width)).expect("standard layout")
}

/// Arranges positions of all lines as rows: `[B · T, _]`.
pub(super) fn flat_view<'a>(x: &ArrayView3<'a, f32>) -> ArrayView2<'a, f32> {
    let (batch, steps, width) = x.dim();
    x.into_shape_with_order((batch * steps, width)).expect("standard layout")
}

/// Returns the likeliest class but that of unknown tokens, the first of several.
fn likeliest(row: ndarray::ArrayView1<'_, f32>) -> u32 {
    let better = |best: (usize, f32), (class, &value): (usize, &f32)| {
        if value > best.1 && class != UNKNOWN_CLASS { (class, value) } else { best }
    };
    row.iter().enumerate().fold((0, f32::NEG_INFINITY), better).0 as u32
}
