//! Residual blocks of convolutions over positions, `y = x + 0.3 · C₂(C₁(x))` with `C(x) = W * relu(x) + b` (Gulrajani et al.,
//! NIPS 2017), and the gradient of a function of their input's gradient.
//!
//! A stack without normalisation is piecewise linear: at a fixed input its map is `M`, a product of filters and gates, and the
//! gradient of a score at its input is `g = Mᵀ u`. A penalty `P(g)` changes with the filters through
//! `dP = ⟨∂P/∂g, dMᵀ u⟩ = ⟨u, dM v⟩` with the direction `v = ∂P/∂g`: it is the gradient of the derivative of the stack's output
//! along `v`, with the gates held. So the second backward pass is a forward pass of `v` ([`PreparedStack::derivative`]) whose
//! windows meet what the first backward pass left at every filter ([`Slopes`]). Biases have no part in it.

use ndarray::Array3;
use rayon::prelude::*;

use super::normalization::{Normalization, NormalizationCache};
use super::rectified_convolution::{Points, PreparedConvolution};
use super::{Initializer, RectifiedConvolution, impl_parameters};
use crate::math::axpy;
use crate::seed::Rng;

/// Values that one task adds.
const CHUNK: usize = 1 << 16;
const SLICE: &str = "arrays are in standard layout";

/// Weight of the convolutions beside the input.
const RESIDUAL: f32 = 0.3;

/// Residual block over `[B, T, C]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualBlock {
    before: Vec<Normalization>, // of the input of each convolution; none, or two
    first: RectifiedConvolution,
    second: RectifiedConvolution,
}

impl_parameters!(ResidualBlock { "normalization": before, "first": first, "second": second });

/// Residual blocks, one after another, over `[B, T, C]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualStack {
    blocks: Vec<ResidualBlock>,
}

impl_parameters!(ResidualStack { "": blocks });

/// Stack with its filters prepared for passes until its parameters change.
#[derive(Debug)]
pub struct PreparedStack<'a> {
    stack: &'a ResidualStack,
    convolutions: Vec<[PreparedConvolution<'a>; 2]>,
}

/// Cache of a forward pass for the backward pass.
#[derive(Debug)]
pub struct ResidualCache(Vec<BlockCache>);

#[derive(Debug)]
struct BlockCache {
    inputs: [Array3<f32>; 2], // of the two convolutions, whose signs are the gates: [B, T, C]
    windows: [Points; 2],
    before: Vec<NormalizationCache>,
}

/// Gradients at the products of every filter, which a backward pass to the input left.
#[derive(Debug)]
pub struct Slopes(Vec<[Points; 2]>);

impl ResidualCache {
    /// Returns the number of sentences, B.
    ///
    /// # Panics
    /// Without blocks.
    pub fn batch(&self) -> usize {
        self.0[0].inputs[0].dim().0
    }
}

impl ResidualStack {
    /// Makes `blocks` blocks of `channels` channels, without normalisation.
    pub fn new(blocks: usize, channels: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        let mut convolution = || RectifiedConvolution::new(channels, channels, initializer, rng);
        let mut block = || ResidualBlock { before: vec![], first: convolution(), second: convolution() };
        Self { blocks: (0..blocks).map(|_| block()).collect() }
    }

    /// Returns the stack with copies of `layer`, as it is new, before every convolution.
    pub fn normalized(mut self, layer: &Normalization) -> Self {
        for block in &mut self.blocks {
            block.before = vec![layer.clone(), layer.clone()];
        }
        self
    }

    /// Prepares the filters for passes.
    pub fn prepare(&self) -> PreparedStack<'_> {
        let convolutions = self.blocks.iter().map(|b| [b.first.prepare(), b.second.prepare()]).collect();
        PreparedStack { stack: self, convolutions }
    }

    /// Moves what the normalisations remember of batches towards the batch of `cache`.
    pub fn remember(&mut self, cache: &ResidualCache) {
        for (block, cache) in self.blocks.iter_mut().zip(&cache.0) {
            block.before.iter_mut().zip(&cache.before).for_each(|(layer, cache)| layer.remember(cache));
        }
    }
}

impl PreparedStack<'_> {
    /// Computes `y: [B, T, C]` from `x: [B, T, C]` with what normalisations remember, for one pass without learning.
    pub fn predict(&self, mut x: Array3<f32>) -> Array3<f32> {
        for (block, [first, second]) in self.stack.blocks.iter().zip(&self.convolutions) {
            let before = |place: usize, x: &Array3<f32>| block.before.get(place).map(|n| n.predict(x.view()));
            let middle = first.forward(before(0, &x).as_ref().unwrap_or(&x).view()).0;
            let out = second.forward(before(1, &middle).as_ref().unwrap_or(&middle).view()).0;
            add_scaled(&mut x, RESIDUAL, &out);
        }
        x
    }

    /// Computes `y: [B, T, C]` and the cache from `x: [B, T, C]`.
    pub fn forward(&self, mut x: Array3<f32>) -> (Array3<f32>, ResidualCache) {
        let mut caches = vec![];
        for (block, convolutions) in self.stack.blocks.iter().zip(&self.convolutions) {
            let mut before = vec![];
            let mut normalize = |place: usize, x: Array3<f32>| match block.before.get(place) {
                None => x,
                Some(layer) => {
                    let (y, cache) = layer.forward(x);
                    before.push(cache);
                    y
                }
            };
            let input = normalize(0, x.clone());
            let (middle, first) = convolutions[0].forward(input.view());
            let middle = normalize(1, middle);
            let (out, second) = convolutions[1].forward(middle.view());
            add_scaled(&mut x, RESIDUAL, &out);
            caches.push(BlockCache { inputs: [input, middle], windows: [first, second], before });
        }
        (x, ResidualCache(caches))
    }

    /// Computes `d_x: [B, T, C]` from `d_y: [B, T, C]` and adds to `gradient`.
    pub fn backward(
        &self,
        cache: &ResidualCache,
        mut d_y: Array3<f32>,
        gradient: &mut ResidualStack,
    ) -> Array3<f32> {
        let places = self.stack.blocks.iter().zip(&self.convolutions).zip(&cache.0).zip(&mut gradient.blocks);
        for (((block, [first, second]), cache), gradient) in places.rev() {
            let d_out = residual_part(&d_y);
            let (d_middle, d_products) = second.backward(d_out.view(), cache.inputs[1].view());
            gradient.second.add_weight_gradient(&cache.windows[1], &d_products);
            gradient.second.add_bias_gradient(d_out.view());
            let mut normalize = |place: usize, d: Array3<f32>| match block.before.get(place) {
                None => d,
                Some(layer) => layer.backward(&cache.before[place], d, &mut gradient.before[place]),
            };
            let d_middle = normalize(1, d_middle);
            let (d_input, d_products) = first.backward(d_middle.view(), cache.inputs[0].view());
            add_scaled(&mut d_y, 1.0, &normalize(0, d_input));
            gradient.first.add_weight_gradient(&cache.windows[0], &d_products);
            gradient.first.add_bias_gradient(d_middle.view());
        }
        d_y
    }

    /// Computes `d_x: [B, T, C]` from `d_y: [B, T, C]`, and what is left at the filters for [`PreparedStack::derivative`].
    ///
    /// # Panics
    /// When the stack has normalisations: it is not piecewise linear then.
    pub fn slopes(&self, cache: &ResidualCache, mut d_y: Array3<f32>) -> (Array3<f32>, Slopes) {
        let mut slopes = vec![];
        for ([first, second], cache) in self.convolutions.iter().zip(&cache.0).rev() {
            assert!(cache.before.is_empty(), "a normalised stack is not piecewise linear");
            let (d_middle, of_second) = second.backward(residual_part(&d_y).view(), cache.inputs[1].view());
            let (d_input, of_first) = first.backward(d_middle.view(), cache.inputs[0].view());
            add_scaled(&mut d_y, 1.0, &d_input);
            slopes.push([of_first, of_second]);
        }
        slopes.reverse();
        (d_y, Slopes(slopes))
    }

    /// Computes the derivative of the output along a `direction: [B, T, C]` of the input, at the input of `cache`, and adds its
    /// gradient at the filters to `gradient`: that of `⟨u, M direction⟩`, with the `u` that gave `slopes`.
    pub fn derivative(
        &self,
        cache: &ResidualCache,
        slopes: &Slopes,
        mut direction: Array3<f32>,
        gradient: &mut ResidualStack,
    ) -> Array3<f32> {
        let places = self.convolutions.iter().zip(&cache.0).zip(&slopes.0).zip(&mut gradient.blocks);
        for ((([first, second], cache), [of_first, of_second]), gradient) in places {
            let (middle, windows) = first.derivative(direction.view(), cache.inputs[0].view());
            gradient.first.add_weight_gradient(&windows, of_first);
            let (out, windows) = second.derivative(middle.view(), cache.inputs[1].view());
            gradient.second.add_weight_gradient(&windows, of_second);
            add_scaled(&mut direction, RESIDUAL, &out);
        }
        direction
    }
}

/// `x += factor · y`, in parallel.
fn add_scaled(x: &mut Array3<f32>, factor: f32, y: &Array3<f32>) {
    let (x, y) = (x.as_slice_mut().expect(SLICE), y.as_slice().expect(SLICE));
    x.par_chunks_mut(CHUNK).zip(y.par_chunks(CHUNK)).for_each(|(x, y)| axpy(factor, y, x));
}

/// Returns the gradient of the convolutions' output, 0.3 · d_y.
fn residual_part(d_y: &Array3<f32>) -> Array3<f32> {
    let mut part = Array3::zeros(d_y.raw_dim());
    add_scaled(&mut part, RESIDUAL, d_y);
    part
}
