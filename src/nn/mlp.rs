//! Multi-layer perceptron: `h_0 = x`, `h_l = dropout(act(h_{l-1} W_l + b_l))`, output `h_L W + b`.
//!
//! Without a hidden layer it is a linear model.

use ndarray::{Array2, ArrayView2, CowArray, Ix2};
use rand::Rng as _;

use super::{Activation, Initializer, Linear, impl_parameters};
use crate::seed::Rng;

/// Multi-layer perceptron: linear layers with an activation and dropout between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
    dropout: f32,
}

/// Cache of a forward pass for the backward pass of an [`Mlp`].
#[derive(Debug)]
pub struct MlpCache<'a> {
    input: CowArray<'a, f32, Ix2>, // [B, I]
    hidden: Vec<Array2<f32>>,      // each [B, H_l], after activation and before dropout
    dropped: Vec<Array2<f32>>,     // each [B, H_l], after dropout; empty without dropout
    masks: Vec<Array2<f32>>,       // each [B, H_l]: 0 or 1 / keep; empty without dropout
}

impl Mlp {
    /// Makes a network of `widths`: inputs, each hidden layer, outputs.
    ///
    /// # Panics
    /// When fewer than two widths are given or `dropout` is not in [0, 1).
    pub fn new(
        widths: &[usize],
        activation: Activation,
        dropout: f32,
        initializer: Initializer,
        rng: &mut Rng,
    ) -> Self {
        assert!(widths.len() >= 2, "a network has inputs and outputs");
        assert!((0.0..1.0).contains(&dropout), "dropout lies in [0, 1)");
        let layers = widths.windows(2).map(|pair| Linear::new(pair[0], pair[1], initializer, rng)).collect();
        Self { layers, activation, dropout }
    }

    /// Returns the number of inputs.
    pub fn inputs(&self) -> usize {
        self.layers[0].dim().0
    }

    /// Returns the number of linear layers; one makes a linear model.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Computes outputs `[B, O]` from `x: [B, I]` without dropout and cache.
    pub fn predict(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let (first, rest) = self.layers.split_first().expect("there is at least one layer");
        let mut y = first.forward(x);
        for layer in rest {
            self.activation.forward(y.as_slice_mut().expect("a fresh array is contiguous"));
            y = layer.forward(y.view());
        }
        y
    }

    /// Computes outputs `[B, O]` and the cache from `x: [B, I]`, with dropout if `rng` is given.
    pub fn forward<'a>(
        &self,
        x: CowArray<'a, f32, Ix2>,
        rng: Option<&mut Rng>,
    ) -> (Array2<f32>, MlpCache<'a>) {
        let mut rng = rng.filter(|_| self.dropout > 0.0);
        let mut cache = MlpCache { input: x, hidden: vec![], dropped: vec![], masks: vec![] };
        let (last, inner) = self.layers.split_last().expect("there is at least one layer");
        for layer in inner {
            let mut h = layer.forward(cache.top());
            self.activation.forward(h.as_slice_mut().expect("a fresh array is contiguous"));
            if let Some(rng) = rng.as_deref_mut() {
                let keep = 1.0 - self.dropout;
                let mask = h.map(|_| if rng.random::<f32>() < keep { keep.recip() } else { 0.0 });
                cache.dropped.push(&h * &mask);
                cache.masks.push(mask);
            }
            cache.hidden.push(h);
        }
        (last.forward(cache.top()), cache)
    }

    /// Adds the gradients of the parameters to `gradient`, with `d_y: [B, O]`.
    pub fn backward(&self, cache: &MlpCache<'_>, d_y: ArrayView2<'_, f32>, gradient: &mut Self) {
        let mut d_top = None;
        for level in (0..self.layers.len()).rev() {
            let d_out = d_top.as_ref().map_or(d_y, |d: &Array2<f32>| d.view());
            let layer = &self.layers[level];
            layer.backward_parameters(cache.level(level), d_out, &mut gradient.layers[level]);
            if level == 0 {
                break;
            }
            let mut d_hidden = layer.backward_input(d_out);
            if let Some(mask) = cache.masks.get(level - 1) {
                d_hidden *= mask;
            }
            let activations = cache.hidden[level - 1].as_slice().expect("hidden arrays are contiguous");
            self.activation
                .backward(activations, d_hidden.as_slice_mut().expect("a fresh array is contiguous"));
            d_top = Some(d_hidden);
        }
    }
}

impl MlpCache<'_> {
    /// Returns the input of layer `level`.
    fn level(&self, level: usize) -> ArrayView2<'_, f32> {
        match level.checked_sub(1) {
            None => self.input.view(),
            Some(hidden) => self.dropped.get(hidden).unwrap_or_else(|| &self.hidden[hidden]).view(),
        }
    }

    /// Returns the input of the next layer to compute.
    fn top(&self) -> ArrayView2<'_, f32> {
        self.level(self.hidden.len())
    }
}

impl_parameters!(Mlp { "layers": layers });
