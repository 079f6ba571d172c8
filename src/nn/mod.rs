//! Neural layers by hand: forward and backward, losses, optimisers, initialisers.
//!
//! A layer borrows itself to go forward and returns what its backward needs; a gradient is a value
//! of the layer's own type, so that every worker can own one. Letters in the docs: B batch,
//! I inputs, O outputs, H hidden, F features, A actions.

mod activation;
mod checkpoint;
mod initializer;
mod linear;
pub mod loss;
mod mlp;
mod optimizer;
mod parameters;

pub use activation::Activation;
pub use checkpoint::{load_tensors, save_tensors};
pub use initializer::Initializer;
pub use linear::Linear;
pub use mlp::{Mlp, MlpCache};
pub use optimizer::{Clip, Optimizer, OptimizerConfig, Rule};
pub use parameters::{Parameters, Tensor, TensorMut};
