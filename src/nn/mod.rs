//! Neural layers with explicit forward and backward passes, losses, optimisers and initialisers.
//!
//! A forward pass borrows the layer and returns a cache for the backward pass. A gradient is a value of the layer's own
//! type, so that every worker can own one. Letters in the docs: B batch, I inputs, O outputs, H hidden, F features,
//! A actions, T time, V vocabulary, E embedding.
//!
//! ```
//! use irgan::nn::Linear;
//! use ndarray::array;
//!
//! let layer = Linear::from_parts(array![[1.0], [2.0]], array![0.5]);
//! let x = array![[3.0, 4.0]];
//! assert_eq!(layer.forward(x.view()), array![[11.5]]);
//!
//! let mut gradient = Linear::from_parts(array![[0.0], [0.0]], array![0.0]);
//! layer.backward_parameters(x.view(), array![[1.0]].view(), &mut gradient);
//! assert_eq!(gradient, Linear::from_parts(array![[3.0], [4.0]], array![1.0]));
//! ```

mod activation;
mod attention;
mod convolution;
mod dropout;
mod embedding;
mod gradient;
mod highway;
mod initializer;
mod learner;
mod linear;
pub mod loss;
mod minibatch;
mod mlp;
mod normalization;
mod optimizer;
mod parameters;
mod precision;
mod projection;
mod rectified_convolution;
mod recurrent;
mod residual;
mod spectral;
mod tensor_file;
mod token_table;

pub use activation::Activation;
pub use attention::{Attention, AttentionCache, AttentionKind, Memory, MemoryGradient};
pub use convolution::{ConvolutionCache, Filters, TextConvolution};
pub use dropout::dropout_mask;
pub use embedding::Embedding;
pub use gradient::{Gradient, Part, TableGradient};
pub use highway::{Highway, HighwayCache, RoundedHighway};
pub use initializer::Initializer;
pub use learner::Learner;
pub use linear::Linear;
pub use minibatch::{MinibatchCache, MinibatchDiscrimination, MinibatchSize};
pub use mlp::{Mlp, MlpCache};
pub use normalization::{BatchNorm, LayerNorm, Normalization, NormalizationCache};
pub use optimizer::{Clip, Optimizer, OptimizerConfig, Rule};
pub(crate) use parameters::{Named, impl_parameters};
pub use parameters::{Parameters, Tensor, TensorMut};
pub use precision::Precision;
pub use projection::{Projection, RowSpread};
pub use rectified_convolution::RectifiedConvolution;
pub use recurrent::{
    CellKind, Directions, DirectionsCache, Feed, Gru, GruCache, Lstm, LstmCache, Ragged, Recurrent,
    RecurrentCache, State,
};
pub use residual::{PreparedStack, ResidualBlock, ResidualCache, ResidualStack, Slopes};
pub use spectral::SpectralNorm;
pub use tensor_file::{
    Notes, load_checked, load_tensor_list, load_tensors, save_checked, save_tensor_list, save_tensors,
};
pub use token_table::TokenTable;
