//! Decoder: a recurrent layer over the answer, and the attentional vector `h̃ = tanh((c; h) W + b)` of every step (Luong et
//! al., 2015, equation 5), from which the next token is chosen.
//!
//! Without attention h̃ is the recurrent output h itself. With input feeding the input of a step includes h̃ of the step
//! before.
//!
//! # Differences from the paper
//! Additive attention too is asked by the state of the same step and joined after the recurrence; in Bahdanau et al. (2015)
//! the state of the step before asks, and the context is an input of the recurrence.

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

use super::shape::EncoderDecoderShape;
use crate::math::{gemm, simd};
use crate::nn::{
    Attention, AttentionCache, Initializer, Linear, Memory, MemoryGradient, Ragged, Recurrent,
    RecurrentCache, State, impl_parameters,
};
use crate::seed::Rng;

/// Recurrent layer and attention of a decoder.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Decoder {
    pub recurrent: Recurrent,
    pub attentional: Option<Attentional>,
    pub input_feeding: bool,
}

/// Attention and the layer that joins contexts with states.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attentional {
    pub attention: Attention,
    join: Linear, // [2 H, H]
}

/// Answers that were read, rows laid out as the batch says.
pub(super) struct Decoded {
    cache: RecurrentCache,
    joined: Array2<f32>, // (c; h): [N, 2 H]; without attention [N, 0]
    /// h̃ of every step: `[N, H]`.
    pub outputs: Array2<f32>,
    /// Attention weights of every step.
    pub weights: AttentionCache,
}

/// Memory of every sentence of a batch, in the order of its layout.
pub(super) struct Sources<'a> {
    /// Memory of the source of each.
    pub memories: Vec<Memory<'a>>,
    /// First row of that source in the gradient at the memory.
    pub starts: Vec<usize>,
}

impl Sources<'_> {
    /// Returns memories and starts of the rows of one step, or of all steps.
    fn rows(&self, layout: &Ragged, step: Option<usize>) -> (Vec<Memory<'_>>, Vec<usize>) {
        let steps = step.map_or(0..layout.steps(), |step| step..step + 1);
        let sentences = steps.flat_map(|step| 0..layout.range(step).len());
        sentences.map(|sentence| (self.memories[sentence], self.starts[sentence])).unzip()
    }
}

impl Decoded {
    /// Returns the recurrent states after every step: `[N, H]`.
    pub fn states(&self) -> State {
        self.cache.states()
    }
}

impl Attentional {
    /// Computes (c; h) `[N, 2 H]` and h̃ `[N, H]` of `hidden: [N, H]`.
    pub fn forward(
        &self,
        hidden: ArrayView2<'_, f32>,
        memories: &[Memory<'_>],
        weights: &mut AttentionCache,
    ) -> (Array2<f32>, Array2<f32>) {
        let contexts = self.attention.forward(hidden, memories, weights);
        let joined = concatenate(Axis(1), &[contexts.view(), hidden]).expect("one context a state");
        let mut outputs = self.join.forward(joined.view());
        simd::tanh(outputs.as_slice_mut().expect("a product is contiguous"));
        (joined, outputs)
    }
}

/// Gradients that the backward pass of the attention collects over all steps.
struct Collected<'a> {
    d_memory: &'a mut MemoryGradient,
    d_joint: Array2<f32>,     // gradient at (c; h) W + b: [N, H]
    join_turned: Array2<f32>, // Wᵀ: [H, 2 H]
    gradient: Option<&'a mut Attentional>,
}

impl<'a> Collected<'a> {
    fn new(
        part: &Attentional,
        d_outputs: &Array2<f32>,
        d_memory: &'a mut MemoryGradient,
        gradient: Option<&'a mut Attentional>,
    ) -> Self {
        let (d_joint, join_turned) = (Array2::zeros(d_outputs.raw_dim()), part.join.transposed_weight());
        Self { d_memory, d_joint, join_turned, gradient }
    }

    /// Adds the gradient at the parameters of the joining layer.
    fn finish(self, part: &Attentional, decoded: &Decoded) {
        let gradient = self.gradient.expect("a gradient has the parts of its model");
        part.join.backward_parameters(decoded.joined.view(), self.d_joint.view(), &mut gradient.join);
    }
}

impl Decoder {
    pub fn new(shape: &EncoderDecoderShape, initializer: Initializer, rng: &mut Rng) -> Self {
        let EncoderDecoderShape { embedding, hidden, input_feeding, .. } = *shape;
        let inputs = if input_feeding { embedding + hidden } else { embedding };
        let recurrent = Recurrent::new(shape.cell, inputs, hidden, initializer, rng);
        let attention = Attention::new(shape.attention, hidden, initializer, rng);
        let attentional = attention.map(|attention| Attentional {
            attention,
            join: Linear::new(2 * hidden, hidden, initializer, rng),
        });
        Self { recurrent, attentional, input_feeding }
    }

    /// Reads answers with the inputs `x: [N, E]`, laid out as `layout` says, from the states `initial`.
    pub fn forward(
        &self,
        x: Array2<f32>,
        layout: &Ragged,
        initial: &State,
        sources: &Sources<'_>,
    ) -> Decoded {
        let Some(part) = self.attentional.as_ref().filter(|_| self.input_feeding) else {
            return self.forward_unfed(x, layout, initial, sources);
        };
        let (rows, mut weights) = (x.nrows(), AttentionCache::default());
        let wide = self.recurrent.dim().1;
        let (mut joined, mut outputs) = (Array2::zeros((rows, 2 * wide)), Array2::zeros((rows, wide)));
        let mut feed = |step: usize, hidden: ArrayView2<'_, f32>| {
            let (pair, output) = part.forward(hidden, &sources.rows(layout, Some(step)).0, &mut weights);
            joined.slice_mut(s![layout.range(step), ..]).assign(&pair);
            outputs.slice_mut(s![layout.range(step), ..]).assign(&output);
            output
        };
        let cache = self.recurrent.forward_from(x, layout.clone(), initial, Some(&mut feed));
        Decoded { cache, joined, outputs, weights }
    }

    /// Reads answers whose inputs `x` are whole: where h̃ is fed, that of the step before stands beside the tokens' vectors.
    pub fn forward_unfed(
        &self,
        x: Array2<f32>,
        layout: &Ragged,
        initial: &State,
        sources: &Sources<'_>,
    ) -> Decoded {
        let (rows, mut weights) = (x.nrows(), AttentionCache::default());
        let cache = self.recurrent.forward_from(x, layout.clone(), initial, None);
        let (joined, outputs) = match &self.attentional {
            Some(part) => part.forward(cache.hidden(), &sources.rows(layout, None).0, &mut weights),
            None => (Array2::zeros((rows, 0)), cache.hidden().to_owned()),
        };
        Decoded { cache, joined, outputs, weights }
    }

    /// Computes the gradients at the inputs, `[N, E]`, and at the initial states from `d_outputs: [N, H]`, adds that at the
    /// memory to `d_memory` and that at the parameters to `gradient`.
    pub fn backward(
        &self,
        (decoded, layout, sources): (&Decoded, &Ragged, &Sources<'_>),
        d_outputs: Array2<f32>,
        d_memory: &mut MemoryGradient,
        gradient: &mut Self,
    ) -> (Array2<f32>, State) {
        let Some(part) = self.attentional.as_ref().filter(|_| self.input_feeding) else {
            return self.backward_unfed((decoded, layout, sources), d_outputs, None, d_memory, gradient);
        };
        let Self { recurrent: d_recurrent, attentional: d_attentional, .. } = gradient;
        let mut into = Collected::new(part, &d_outputs, d_memory, d_attentional.as_mut());
        let mut feed = |step: usize, d_fed: ArrayView2<'_, f32>| {
            let mut d_here = d_outputs.slice(s![layout.range(step), ..]).to_owned();
            let count = d_fed.nrows();
            d_here.slice_mut(s![..count, ..]).zip_mut_with(&d_fed, |into, d| *into += d);
            self.attentional_backward((decoded, layout, sources), Some(step), d_here, &mut into)
        };
        let unread = Array2::zeros((0, 0));
        let found =
            self.recurrent.backward_from(&decoded.cache, unread.view(), None, Some(&mut feed), d_recurrent);
        into.finish(part, decoded);
        found
    }

    /// Computes what [`backward`](Self::backward) does of answers that were read by [`forward_unfed`](Self::forward_unfed),
    /// given the gradient at their last states too; that at the inputs is whole as these are.
    pub fn backward_unfed(
        &self,
        (decoded, layout, sources): (&Decoded, &Ragged, &Sources<'_>),
        d_outputs: Array2<f32>,
        d_last: Option<&State>,
        d_memory: &mut MemoryGradient,
        gradient: &mut Self,
    ) -> (Array2<f32>, State) {
        let Self { recurrent: d_recurrent, attentional: d_attentional, .. } = gradient;
        let Some(part) = &self.attentional else {
            return self.recurrent.backward_from(&decoded.cache, d_outputs.view(), d_last, None, d_recurrent);
        };
        let mut into = Collected::new(part, &d_outputs, d_memory, d_attentional.as_mut());
        let d_hidden = self.attentional_backward((decoded, layout, sources), None, d_outputs, &mut into);
        into.finish(part, decoded);
        self.recurrent.backward_from(&decoded.cache, d_hidden.view(), d_last, None, d_recurrent)
    }

    /// Computes the gradient at the recurrent outputs of one step, or of all, from that at h̃.
    fn attentional_backward(
        &self,
        (decoded, layout, sources): (&Decoded, &Ragged, &Sources<'_>),
        step: Option<usize>,
        mut d_outputs: Array2<f32>,
        into: &mut Collected<'_>,
    ) -> Array2<f32> {
        let part = self.attentional.as_ref().expect("only a decoder with attention comes here");
        let wide = self.recurrent.dim().1;
        let rows = step.map_or(0..layout.rows(), |step| layout.range(step));
        let outputs = decoded.outputs.slice(s![rows.clone(), ..]);
        let values = d_outputs.as_slice_mut().expect("an owned gradient is contiguous");
        simd::tanh_backward(outputs.as_slice().expect("whole rows are contiguous"), values);
        into.d_joint.slice_mut(s![rows.clone(), ..]).assign(&d_outputs);
        let d_joined = gemm::matmul(d_outputs.view(), into.join_turned.view());
        let (d_contexts, d_direct) = d_joined.view().split_at(Axis(1), wide);
        let d_contexts = d_contexts.as_standard_layout();
        let hidden = decoded.joined.slice(s![rows.clone(), wide..]);
        let hidden = hidden.as_standard_layout();
        let (memories, starts) = sources.rows(layout, step);
        let gradient = into.gradient.as_mut().expect("a gradient has the parts of its model");
        let mut d_hidden = part.attention.backward(
            (hidden.view(), &memories, &starts),
            (&decoded.weights, rows.start),
            d_contexts.view(),
            into.d_memory,
            &mut gradient.attention,
        );
        d_hidden += &d_direct;
        d_hidden
    }
}

impl_parameters!(Attentional { "attention": attention, "join": join });
impl_parameters!(Decoder { "recurrent": recurrent, "": attentional });
